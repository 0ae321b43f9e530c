"""The Ray actor around one engine: groups in, scored groups out."""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np

from rollouts.activity import Activity
from rollouts.config import RolloutsSection, SamplingSection
from rollouts.engine_process import fork_engines_from_server, import_ahead, pin_with_children
from rollouts.generation import Generation, GenerationRequest
from rollouts.likelihood import LikelihoodRequest, Likelihoods
from rollouts.reports import UpdateReport, WorkerStats
from rollouts.sample import Group, GroupRequest, Sample, WeightUpdate
from rollouts.verdicts import SampleScore, Verdicts
from rollouts.waiting import all_of, round_limit, within

if TYPE_CHECKING:
    from rollouts.engine import RolloutEngine

DEAD_ENGINE = 70
"""Exit code of a worker whose vLLM process ended."""


class RolloutWorker:
    """Generates groups and has every sample scored as it finishes, while the others still run.

    Every method is asynchronous and many calls may be under way together. When vLLM's process ends, this one ends
    too, so that whoever waits learns of it.
    """

    def __init__(
        self,
        index: int,
        model: str,
        dtype: str,
        section: RolloutsSection,
        rewards: Any,
        version: int = 0,
        cores: tuple[int, ...] = (),
    ) -> None:
        """
        Args:
            index: Of this worker within its fleet.
            model: A Hugging Face folder or hub id with the weights of ``version``.
            dtype: ``float32`` or ``bfloat16``.
            section: The recipe's.
            rewards: Handle of the `RewardService` actor.
            version: The policy version of these weights.
            cores: Cores to pin this process and vLLM's to once they run; empty pins nothing.
        """
        import_ahead()
        self._index = index
        self._name = f"rollout worker {index}"
        self._model = model
        self._dtype = dtype
        self._section = section
        self._version = version
        self._cores = cores
        self._verdicts = Verdicts(rewards, section.timeout_s)
        self._activity = Activity()
        self._started: RolloutEngine | None = None

    async def ready(self) -> int:
        """Start vLLM.

        Returns:
            The policy version that it runs.

        Raises:
            InputError: vLLM does not take the model or what the recipe asks for.
        """
        from rollouts.engine import RolloutEngine

        if self._started is None:
            fork_engines_from_server()
            self._started = await RolloutEngine.start(self._model, self._dtype, self._section, self._version)
            if self._cores:
                pin_with_children(self._cores)
        return self._started.version

    async def connect(self, init: Mapping[str, Any]) -> None:
        """Open the weight transfer's connection to the learner, where it needs one."""
        await within(self._section.timeout_s, self._engine.connect(init), f"{self._name} to join the learner")

    async def generate(self, request: GroupRequest) -> Group:
        """Draw and score all samples of one problem, beside all others that are under way.

        Raises:
            InputError: The prompt is too long.
            TimeoutError: It took longer than ``timeout_s``.
        """

        async def group() -> list[Sample]:
            score = await self._verdicts.of(request)

            async def one(index: int) -> Sample:
                with self._activity.samples(1) as finished:
                    generation = await self._alive(
                        self._engine.generate(_generation_request(request, index), self._section.sampling)
                    )
                    finished(len(generation.token_ids))
                return await self._scored(request, index, generation, score)

            return await all_of(one(index) for index in range(len(request.seeds)))

        what = f"{self._name} to finish group {request.group_id}"
        return _group(request, await within(self._section.timeout_s, group(), what))

    async def generate_round(self, requests: Sequence[GroupRequest]) -> list[Group]:
        """Draw and score groups with nothing else beside them; the same requests give the same groups, to the bit.

        Raises:
            InputError: A prompt is too long.
            TimeoutError: It took longer than ``timeout_s`` for every ``max_running`` samples.
        """
        with self._activity.samples(sum(len(request.seeds) for request in requests)) as finished:
            return await self._round(requests, self._section.sampling, finished)

    async def evaluate(self, requests: Sequence[GroupRequest], sampling: SamplingSection) -> list[Group]:
        """Like `generate_round`, all by one policy version; what is drawn counts in no sum.

        Requests in flight are finished before it, and later ones and weight updates wait until it is done.
        """
        return await self._round(requests, sampling, self._activity.answered, self._activity.evaluation())

    async def likelihoods(self, requests: Sequence[LikelihoodRequest]) -> list[Likelihoods]:
        """The log-probs of given continuations, all by one policy version, as in `evaluate`.

        Raises:
            InputError: A prompt with its continuation is too long.
            TimeoutError: It took longer than ``timeout_s`` for every ``max_running`` of them.
        """

        def done() -> None:
            self._activity.answered(0)

        asked = sum(request.size for request in requests)
        answers: list[Likelihoods] = await within(
            round_limit(self._section.timeout_s, asked, self._section.max_running),
            self._alive(self._engine.likelihoods(requests, done, self._activity.evaluation())),
            f"{self._name} to tell {asked} likelihoods",
        )
        return answers

    async def update_weights(self, update: WeightUpdate) -> UpdateReport:
        """Take new weights; see `RolloutEngine.update_weights`."""
        what = f"{self._name} to take the weights of version {update.version}"
        report = await within(self._section.timeout_s, self._alive(self._engine.update_weights(update)), what)
        self._activity.updated(report)
        return report

    async def process_id(self) -> int:
        """Of this process, whose end takes vLLM's along."""
        return os.getpid()

    async def stats(self) -> WorkerStats:
        """Sums since the worker started."""
        return self._activity.stats()

    @property
    def _engine(self) -> "RolloutEngine":
        if self._started is None:
            raise RuntimeError(f"{self._name} is not ready: await ready() first")
        return self._started

    async def _round(
        self,
        requests: Sequence[GroupRequest],
        sampling: SamplingSection,
        finished: Callable[[int], None],
        alone: AbstractContextManager[None] | None = None,
    ) -> list[Group]:
        places = [(request, index) for request in requests for index in range(len(request.seeds))]
        scores = [await self._verdicts.of(request) for request in requests]
        score_of = [score for request, score in zip(requests, scores, strict=True) for _ in request.seeds]

        async def score(position: int, generation: Generation) -> Sample:
            finished(len(generation.token_ids))
            return await self._scored(*places[position], generation, score_of[position])

        asked = [_generation_request(*place) for place in places]
        samples = iter(
            await within(
                round_limit(self._section.timeout_s, len(places), self._section.max_running),
                self._alive(self._engine.generate_round(asked, sampling, score, alone)),
                f"{self._name} to finish {len(requests)} groups",
            )
        )
        return [_group(request, [next(samples) for _ in request.seeds]) for request in requests]

    async def _scored(
        self, request: GroupRequest, index: int, generation: Generation, score: SampleScore
    ) -> Sample:
        return Sample(
            index=index,
            seed=request.seeds[index],
            token_ids=generation.token_ids,
            logprobs=generation.logprobs,
            versions=generation.versions,
            loss_mask=np.ones(len(generation.token_ids), dtype=bool),
            text=generation.text,
            finish_reason=generation.finish_reason,
            started_s=generation.started_s,
            finished_s=generation.finished_s,
            worker=self._index,
            verdict=await score(index, generation.text, len(generation.token_ids)),
        )

    async def _alive(self, awaited: Awaitable[Any]) -> Any:
        """End this process when vLLM's has ended: the fleet replaces workers, not engines."""
        from vllm.v1.engine.exceptions import EngineDeadError

        try:
            return await awaited
        except EngineDeadError:
            print(f"{self._name}: vLLM's process ended", file=sys.stderr, flush=True)
            os._exit(DEAD_ENGINE)


def _generation_request(request: GroupRequest, index: int) -> GenerationRequest:
    name = f"group {request.group_id}, attempt {request.attempt}, sample {index}"
    return GenerationRequest(name, request.prompt_ids, request.seeds[index])


def _group(request: GroupRequest, samples: Sequence[Sample]) -> Group:
    return Group(request.group_id, request.attempt, request.problem, request.prompt_ids, tuple(samples))
