"""The driver's side of the learner: all ranks as one."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray

from rlvr.learner_rank import LearnerRank, LearnerSpec
from rlvr.learner_report import RankReport, combine
from rlvr.placement import ActorResources
from rlvr.publication_folder import PublicationFolder
from rlvr.recipe import Recipe
from rlvr.training_batch import TrainingBatch
from rollouts.sample import WeightUpdate


class LearnerGroup:
    """Ray actors, one DeepSpeed rank each. Every wait ends after ``learner.timeout_s`` and names the ranks."""

    def __init__(
        self,
        recipe: Recipe,
        model: str,
        resources: Sequence[ActorResources],
        *,
        reference: str | None = None,
        resume: Path | None = None,
    ) -> None:
        """
        Args:
            recipe: The run's.
            model: Folder or hub id of the weights to start from; that of the checkpoint when a run goes on.
            resources: Of each rank.
            reference: The model that the run started from, for the KL term; ``model`` by default.
            resume: A checkpoint whose optimizer state to go on from.
        """
        self._spec = LearnerSpec(
            model=model,
            reference=reference or model,
            dtype=recipe.model.dtype,
            temperature=recipe.rollouts.sampling.temperature,
            algorithm=recipe.algorithm,
            learner=recipe.learner,
        )
        self._resources = resources
        self._resume = resume
        self._ranks: list[Any] = []
        self._published: PublicationFolder | None = None

    async def start(self) -> None:
        """Start the ranks' processes, load the model and, for a run that goes on, the optimizer's state.

        Raises:
            InputError: Model or state cannot be loaded, or the algorithm names a function that does not exist.
            TimeoutError: A rank did not start in time.
        """
        self._published = PublicationFolder()
        threads = {"OMP_NUM_THREADS": str(self._spec.learner.engine.threads)}
        actor = ray.remote(LearnerRank)
        self._ranks = [
            actor.options(num_cpus=one.cpus, num_gpus=one.gpus, runtime_env={"env_vars": threads}).remote(
                self._spec, one.cores
            )
            for one in self._resources
        ]
        count = len(self._ranks)
        (address,) = await self._all("start", [self._ranks[0].address.remote()])
        await self._all(
            "load the model", [rank.start.remote(n, count, address) for n, rank in enumerate(self._ranks)]
        )
        if self._resume is not None:
            await self.load(self._resume)

    async def step(self, batch: TrainingBatch) -> dict[str, float]:
        """Train on a batch that has mini-batches.

        Returns:
            ``loss``, ``grad_norm``, ``lr``, means over tokens under ``policy/``, and ``time/learner_s``.

        Raises:
            TimeoutError: A rank did not finish in time.
        """
        calls = [rank.step.remote(batch.for_rank(number)) for number, rank in enumerate(self._ranks)]
        reports: list[RankReport] = await self._all("train", calls)
        return combine(reports)

    async def publish(self, version: int) -> WeightUpdate:
        """Write the present weights where workers find them.

        Args:
            version: The policy version that they make.

        Raises:
            InputError: There is no room for them.
            TimeoutError: A rank did not finish in time.
        """
        if self._published is None:
            raise RuntimeError("publish before start")
        path = str(self._published.file(version))
        await self._all("publish", [rank.publish.remote(path) for rank in self._ranks])
        self._published.drop_before(version)
        return WeightUpdate(version, {"path": path})

    async def save(self, folder: Path) -> None:
        """Write model, tokenizer and optimizer state into a folder that exists.

        Raises:
            InputError: The disk is full or the folder cannot be written.
            TimeoutError: A rank did not finish in time.
        """
        await self._all("save", [rank.save.remote(str(folder)) for rank in self._ranks])

    async def load(self, folder: Path) -> None:
        """Restore the optimizer of a checkpoint whose weights the ranks were started with.

        Raises:
            InputError: It was written with other ranks or another ZeRO stage.
            TimeoutError: A rank did not finish in time.
        """
        await self._all("load the optimizer", [rank.load.remote(str(folder)) for rank in self._ranks])

    async def close(self) -> None:
        """End the processes and remove the published weights."""
        for rank in self._ranks:
            ray.kill(rank)
        self._ranks = []
        if self._published is not None:
            self._published.close()

    async def _all(self, what: str, calls: Sequence["ray.ObjectRef[Any]"]) -> list[Any]:
        timeout_s = self._spec.learner.timeout_s
        answers = [asyncio.wrap_future(call.future()) for call in calls]
        done, waiting = await asyncio.wait(answers, timeout=timeout_s, return_when=asyncio.FIRST_EXCEPTION)
        for answer in done:
            answer.result()
        if waiting:
            late = ", ".join(str(number) for number, answer in enumerate(answers) if answer in waiting)
            raise TimeoutError(f"waited {timeout_s:g} s for learner rank {late} to {what}")
        return [answer.result() for answer in answers]
