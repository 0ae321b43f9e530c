"""The driver's side of the learner: all ranks as one."""

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayActorError

from base_training.errors import ProcessError
from rlvr.learner_rank import LearnerRank, LearnerSpec
from rlvr.learner_report import RankReport, combine
from rlvr.placement import ActorResources
from rlvr.recipe import Recipe
from rlvr.training_batch import TrainingBatch
from rollouts.death import death_of
from rollouts.fleet import RolloutFleet
from rollouts.sample import WeightUpdate
from rollouts.transfer.nccl import NcclGroup
from rollouts.waiting import all_of

CLOSE_TIMEOUT_S = 5.0

BLAME_S = 5.0
"""A rank that lost another one may complain before the death of that one is known."""


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
            transfer=recipe.rollouts.transfer,
            algorithm=recipe.algorithm,
            learner=recipe.learner,
        )
        self._resources = resources
        self._resume = resume
        self._ranks: list[Any] = []
        self._sending: list[Any] | None = None
        self._published: Path | None = None

    async def start(self) -> None:
        """Start the ranks' processes, load the model and, for a run that goes on, the optimizer's state.

        Raises:
            InputError: Model or state cannot be loaded, or the algorithm names a function that does not exist.
            TimeoutError: A rank did not start in time.
        """
        threads = {"OMP_NUM_THREADS": str(self._spec.learner.engine.threads)}
        actor = ray.remote(LearnerRank)
        self._ranks = [
            actor.options(
                num_cpus=one.cpus,
                num_gpus=one.gpus,
                scheduling_strategy=one.scheduling,
                runtime_env={"env_vars": threads},
            ).remote(self._spec, one.cores)
            for one in self._resources
        ]
        count = len(self._ranks)
        (address,) = await self._all("start", [self._ranks[0].address.remote()])
        await self._all(
            "load the model", [rank.start.remote(n, count, address) for n, rank in enumerate(self._ranks)]
        )
        if self._resume is not None:
            await self.load(self._resume)

    async def connect(self, fleet: RolloutFleet, gpus_per_worker: int) -> None:
        """Meet the workers where the transfer needs it; call it once both sides have started.

        Raises:
            TimeoutError: A rank or a worker could not join in time.
        """
        if self._spec.transfer != "nccl":
            return
        [(host, port)] = await self._all("find a port", [self._ranks[0].address.remote()])
        group = NcclGroup(host, port, fleet.size, gpus_per_worker)
        joining = self._all("join the rollout workers", [rank.join.remote(group) for rank in self._ranks])
        await all_of([joining, fleet.connect(group.worker_init)])
        self._sending = []

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
        """Make the present weights a policy version, which the workers are then to take; see `sent`.

        Args:
            version: The policy version that they make.

        Raises:
            InputError: There is no room for them.
            TimeoutError: A rank did not finish in time.
        """
        sources = await self._all("publish", [rank.publish.remote(version) for rank in self._ranks])
        if self._sending is not None:
            self._sending = [rank.send.remote() for rank in self._ranks]
        if "path" in sources[0]:
            self._published = Path(sources[0]["path"]).parent
        return WeightUpdate(version, sources[0])

    async def sent(self) -> None:
        """Wait until the last published weights are out; await it while the workers take them.

        Raises:
            TimeoutError: A rank did not finish in time.
        """
        await self._all("send the weights", self._sending or [])

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
        with contextlib.suppress(Exception):
            await asyncio.wait_for(asyncio.gather(*(rank.close.remote() for rank in self._ranks)), CLOSE_TIMEOUT_S)
        for rank in self._ranks:
            ray.kill(rank)
        self._ranks = []
        if self._published is not None:  # a rank in the middle of a step could not remove it
            shutil.rmtree(self._published, ignore_errors=True)

    async def _all(self, what: str, calls: Sequence["ray.ObjectRef[Any]"]) -> list[Any]:
        if not calls:
            return []
        timeout_s = self._spec.learner.timeout_s
        answers = [asyncio.wrap_future(call.future()) for call in calls]
        done, waiting = await asyncio.wait(answers, timeout=timeout_s, return_when=asyncio.FIRST_EXCEPTION)
        if any(answer.exception() for answer in done):
            await asyncio.wait(answers, timeout=BLAME_S)
            _raise_first(answers)
        if waiting:
            late = ", ".join(str(number) for number, answer in enumerate(answers) if answer in waiting)
            raise TimeoutError(f"waited {timeout_s:g} s for learner rank {late} to {what}")
        return [answer.result() for answer in answers]


def _raise_first(answers: Sequence["asyncio.Future[Any]"]) -> None:
    """Raise what went wrong: the death of a rank before what the other ranks say of it."""
    failures = {n: error for n, one in enumerate(answers) if one.done() and (error := one.exception())}
    for number, error in failures.items():
        if isinstance(error, RayActorError):
            raise ProcessError(
                f"learner rank {number} died ({death_of(error)}); "
                "go on from the last checkpoint with `rlvr resume`"
            ) from error
    for error in failures.values():
        raise error
