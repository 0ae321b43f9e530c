"""The driver's side of all rollout workers: dispatch, publication, replacement of those that die."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Protocol, TypeVar

import ray
from ray.exceptions import RayActorError, RayTaskError

from base_training.errors import ProcessError
from rollouts.config import RolloutsSection, SamplingSection
from rollouts.death import death_of
from rollouts.environment import worker_environment
from rollouts.likelihood import LikelihoodRequest, Likelihoods
from rollouts.reports import FleetStats, PublishReport, UpdateReport, WorkerStats
from rollouts.sample import Group, GroupRequest, WeightUpdate
from rollouts.waiting import all_of, round_limit, within
from rollouts.worker import RolloutWorker

__all__ = ["FleetStats", "PublishReport", "RolloutFleet", "UpdateReport", "WorkerResources", "WorkerStats"]

START_TIMEOUT_S = 600.0
"""Until vLLM runs: importing it and loading the model take half a minute on a quiet machine."""

STATS_TIMEOUT_S = 60.0

GRACE_S = 60.0
"""What an answer may take beyond the worker's own limit, which has the better message."""

CALLS_IN_FLIGHT = 10_000
"""Calls that a worker takes at once; admission control keeps groups far below it."""

T = TypeVar("T")
_Request = TypeVar("_Request", GroupRequest, LikelihoodRequest)
_Call = Callable[[Any, Sequence[_Request]], Awaitable[Any]]


class WorkerResources(Protocol):
    """What one worker asks Ray for and where, and the cores that it pins itself to; no cores pin nothing."""

    @property
    def cpus(self) -> int: ...
    @property
    def gpus(self) -> int: ...
    @property
    def cores(self) -> tuple[int, ...]: ...
    @property
    def scheduling(self) -> Any: ...


@dataclass(slots=True)
class _Seat:
    """One worker's place, which outlives the worker.

    Attributes:
        index: Within the fleet.
        resources: Of every worker that takes the place.
        version: Policy version that its worker runs.
        actor: The worker's handle; None before it is started.
        dead: Whether the actor has died and is not replaced yet.
        load: Training samples that it was asked for and has not given.
        stats: What its worker told last.
        changing: Held while its worker is replaced or gets new weights.
    """

    index: int
    resources: WorkerResources
    version: int
    actor: Any = None
    dead: bool = False
    load: int = 0
    stats: WorkerStats = field(default_factory=WorkerStats)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> str:
        return f"rollout worker {self.index}"


class RolloutFleet:
    """Workers by index. A worker that dies is replaced, catches up with the latest weights, and its requests are
    issued again with the next attempt and the same seeds.

    Use it within one event loop.
    """

    def __init__(
        self,
        model: str,
        dtype: str,
        section: RolloutsSection,
        rewards: Any,
        resources: Sequence[WorkerResources],
        *,
        version: int = 0,
        environment: Mapping[str, str] | None = None,
        max_replacements: int = 3,
    ) -> None:
        """
        Args:
            model: A Hugging Face folder or hub id with the weights of ``version``.
            dtype: ``float32`` or ``bfloat16``.
            section: The recipe's.
            rewards: Handle of the `RewardService` actor.
            resources: Of each worker.
            version: The policy version of the model; more than 0 for a run that goes on.
            environment: More variables for the workers' processes.
            max_replacements: Deaths, of all workers together, after which the run is given up.
        """
        self._model = model
        self._dtype = dtype
        self._section = section
        self._rewards = rewards
        self._version = version
        self._environment = dict(environment or {})
        self._max_replacements = max_replacements
        self._seats = [_Seat(index, one, version) for index, one in enumerate(resources)]
        self._connected = False
        self._latest: WeightUpdate | None = None
        self._publishing = asyncio.Lock()
        self._lost = WorkerStats()
        self._replaced = 0
        self._reissued = 0

    @property
    def size(self) -> int:
        """Workers."""
        return len(self._seats)

    async def start(self) -> None:
        """Start all workers side by side.

        Raises:
            InputError: vLLM does not take the model or what the recipe asks for.
            ProcessError: vLLM, or a worker, died.
            TimeoutError: A worker did not start in time.
        """
        await all_of(self._start(seat) for seat in self._seats)

    async def connect(self, init: Callable[[int], Mapping[str, Any]]) -> None:
        """Have all workers join the learner's NCCL group, which the learner joins meanwhile.

        Args:
            init: What worker i is told, such as ``NcclGroup.worker_init``.

        Raises:
            ProcessError: A worker died.
            TimeoutError: A worker could not join in time.
        """
        self._connected = True
        limit = self._section.timeout_s + GRACE_S
        await all_of(self._connect(seat, init(seat.index), limit) for seat in self._seats)

    async def generate(self, request: GroupRequest) -> Group:
        """Have the least loaded worker draw and score a group.

        Raises:
            InputError: The prompt is too long.
            TimeoutError: The worker took longer than the recipe's ``timeout_s``.
            ProcessError: Too many workers died.
        """

        def least_loaded() -> _Seat:
            return min(self._seats, key=lambda seat: (seat.dead, seat.load))

        def call(actor: Any, requests: Sequence[GroupRequest]) -> Awaitable[Any]:
            return actor.generate.remote(requests[0])

        return await self._issue([request], least_loaded, call, "finish a group")

    async def generate_round(self, requests: Sequence[GroupRequest]) -> list[Group]:
        """Have groups drawn and scored in batches that are always the same; raises as `generate` does.

        Group g goes to worker g modulo the number of workers.
        """

        def call(actor: Any, requests: Sequence[GroupRequest]) -> Awaitable[list[Group]]:
            return actor.generate_round.remote(requests)

        return await self._spread(requests, call, "finish a round")

    async def evaluate(self, requests: Sequence[GroupRequest], sampling: SamplingSection) -> list[Group]:
        """Have groups drawn and scored by one policy version: publications wait. Raises as `generate` does."""

        def call(actor: Any, requests: Sequence[GroupRequest]) -> Awaitable[list[Group]]:
            return actor.evaluate.remote(requests, sampling)

        async with self._publishing:
            return await self._spread(requests, call, "finish an evaluation")

    async def likelihoods(self, requests: Sequence[LikelihoodRequest]) -> list[Likelihoods]:
        """The log-probs of given continuations by one policy version: publications wait.

        Raises:
            InputError: A prompt with its continuation is too long.
            TimeoutError, ProcessError: As `generate`.
        """

        def call(actor: Any, requests: Sequence[LikelihoodRequest]) -> Awaitable[list[Likelihoods]]:
            return actor.likelihoods.remote(requests)

        async with self._publishing:
            return await self._spread(requests, call, "tell likelihoods")

    async def publish(self, update: WeightUpdate) -> PublishReport:
        """Bring new weights to all workers; their source must last until the next publication.

        Raises:
            TimeoutError: A worker did not take them in time.
            ProcessError: Too many workers died.
        """
        async with self._publishing:
            self._latest = update
            reports = await all_of(self._update(seat, update) for seat in self._seats)
        return PublishReport(update.version, tuple(reports))

    async def stats(self) -> FleetStats:
        """Sums over all workers; of one that died, as it told last."""
        await all_of(self._ask_stats(seat) for seat in self._seats)
        sums = _sum([self._lost, *(seat.stats for seat in self._seats)])
        return FleetStats(
            **{one.name: getattr(sums, one.name) for one in fields(WorkerStats)},
            workers=len(self._seats),
            replaced=self._replaced,
            reissued=self._reissued,
        )

    async def close(self) -> None:
        """End all workers."""
        for seat in self._seats:
            if seat.actor is not None:
                ray.kill(seat.actor)
                seat.actor = None

    async def _spread(self, requests: Sequence[_Request], call: _Call[_Request], what: str) -> list[Any]:
        """Each worker gets its requests in one call, and they come back in the order of ``requests``."""
        parts: dict[int, list[_Request]] = {}
        for request in requests:
            parts.setdefault(request.group_id % len(self._seats), []).append(request)
        answers = await all_of(
            self._issue(part, partial(self._seats.__getitem__, index), call, what) for index, part in parts.items()
        )
        groups = {group.group_id: group for answer in answers for group in answer}
        return [groups[request.group_id] for request in requests]

    async def _issue(
        self, requests: Sequence[_Request], choose: Callable[[], _Seat], call: _Call[_Request], what: str
    ) -> Any:
        """Ask a worker, and when it dies under the requests, ask again."""
        samples = sum(request.size for request in requests)
        limit = round_limit(self._section.timeout_s, samples, self._section.max_running) + GRACE_S
        while True:
            seat = choose()
            seat.load += samples
            try:
                actor = await self._actor(seat)
                return await _answer(within(limit, call(actor, requests), f"{seat.name} to {what}"))
            except RayActorError as death:
                await self._replace(seat, actor, death)
            finally:
                seat.load -= samples
            requests = [replace(request, attempt=request.attempt + 1) for request in requests]
            self._reissued += samples

    async def _actor(self, seat: _Seat) -> Any:
        """The seat's worker; a replacement that is on its way is waited for."""
        if not seat.dead:
            return seat.actor
        async with seat.changing:
            return seat.actor

    async def _update(self, seat: _Seat, update: WeightUpdate) -> UpdateReport:
        async with seat.changing:
            actor = seat.actor
            try:
                if seat.version < update.version:
                    return await self._bring(seat, actor, update)
            except RayActorError as error:
                death = error
            else:
                return UpdateReport(update.version, 0.0, 0)
        await self._replace(seat, actor, death)
        return UpdateReport(update.version, 0.0, 0)

    async def _bring(self, seat: _Seat, actor: Any, update: WeightUpdate) -> UpdateReport:
        what = f"{seat.name} to take the weights of version {update.version}"
        limit = self._section.timeout_s + GRACE_S
        report: UpdateReport = await _answer(within(limit, actor.update_weights.remote(update), what))
        seat.version = update.version
        return report

    async def _replace(self, seat: _Seat, actor: Any, death: RayActorError) -> None:
        """Put a new worker where ``actor`` died, unless that has been done already."""
        seat.dead = seat.dead or seat.actor is actor
        async with seat.changing:
            if seat.actor is not actor:
                return
            self._replaced += 1
            if self._connected:
                raise ProcessError(
                    f"{seat.name} died ({death_of(death)}), and nobody can take its place in the NCCL group: "
                    "go on from the last checkpoint with `rlvr resume`"
                ) from death
            if self._replaced > self._max_replacements:
                raise ProcessError(
                    f"{seat.name} died ({death_of(death)}), the {self._replaced}th death of a worker; "
                    "mend its cause and go on from the last checkpoint with `rlvr resume`"
                ) from death
            ray.kill(actor)
            self._lost = _sum([self._lost, replace(seat.stats, in_flight=0)])
            seat.stats = WorkerStats()
            await self._start(seat)

    async def _start(self, seat: _Seat) -> None:
        """Start the seat's worker and let it catch up; the seat is being changed, or not yet in use."""
        resources = seat.resources
        options = ray.remote(RolloutWorker).options(
            num_cpus=resources.cpus,
            num_gpus=resources.gpus,
            scheduling_strategy=resources.scheduling,
            max_concurrency=CALLS_IN_FLIGHT,
            runtime_env={"env_vars": {**self._environment, **worker_environment(resources.gpus)}},
        )
        actor: Any = options.remote(
            seat.index, self._model, self._dtype, self._section, self._rewards, self._version, resources.cores
        )
        try:
            ready = within(START_TIMEOUT_S, actor.ready.remote(), f"{seat.name} to start vLLM")
            seat.version = await _answer(ready)
            if self._latest is not None:
                await self._bring(seat, actor, self._latest)
        except BaseException as error:
            ray.kill(actor)
            if isinstance(error, RayActorError):
                raise ProcessError(f"{seat.name} died while it started vLLM ({death_of(error)})") from error
            raise
        seat.actor, seat.dead = actor, False

    async def _connect(self, seat: _Seat, init: Mapping[str, Any], limit: float) -> None:
        try:
            await _answer(within(limit, seat.actor.connect.remote(init), f"{seat.name} to join the learner"))
        except RayActorError as error:
            raise ProcessError(f"{seat.name} died while it joined the learner ({death_of(error)})") from error

    async def _ask_stats(self, seat: _Seat) -> None:
        if seat.dead:
            return
        try:
            what = f"{seat.name} to tell its sums"
            seat.stats = await _answer(within(STATS_TIMEOUT_S, seat.actor.stats.remote(), what))
        except RayActorError:
            return  # whoever waits for its samples will replace it


async def _answer(call: Awaitable[T]) -> T:
    """What an actor's method raised is raised as it was, without Ray around it."""
    try:
        return await call
    except RayTaskError as error:
        if isinstance(error.cause, Exception):
            raise error.cause from None
        raise


def _sum(stats: Sequence[WorkerStats]) -> WorkerStats:
    return WorkerStats(*(sum(getattr(one, field.name) for one in stats) for field in fields(WorkerStats)))
