"""Keeps the workers fed: a group for every place that the buffer's admission control gives."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from rewards.problem import Problem
from rollouts.buffer import Admitted, RolloutBuffer
from rollouts.fleet import RolloutFleet
from rollouts.problems import ProblemsExhausted, ProblemSource, sample_seed
from rollouts.sample import Group, GroupRequest


class Producer:
    """Asks for groups until the problems are exhausted or the task is cancelled.

    Synchronous runs ask in rounds, so that a worker always runs the same batches; others ask for each group as
    soon as there is room.
    """

    def __init__(
        self,
        problems: ProblemSource,
        encode: Callable[[Problem], np.ndarray],
        buffer: RolloutBuffer,
        fleet: RolloutFleet,
        *,
        samples: int,
        seed: int,
        timeout_s: float,
    ) -> None:
        """
        Args:
            problems: Where problems come from; it is told how each was solved, so as to retire it.
            encode: Gives the prompt's token ids, int32 of shape [P].
            buffer: Says how many groups may start, and takes the finished ones.
            fleet: Answers them.
            samples: Per problem.
            seed: The run's own.
            timeout_s: Longest wait for room.
        """
        self._problems = problems
        self._encode = encode
        self._buffer = buffer
        self._fleet = fleet
        self._samples = samples
        self._seed = seed
        self._timeout_s = timeout_s
        self._holds = 0
        self._all_holds = 0
        self._open = asyncio.Event()
        self._open.set()

    async def run(self) -> None:
        """Produce until the problems are exhausted; what was in flight at a checkpoint is issued again first.

        Raises:
            TimeoutError: A worker or the learner did not make room in time.
        """
        async with asyncio.TaskGroup() as tasks:
            pending = list(self._buffer.in_flight)
            while True:
                if self._buffer.rule.max_staleness == 0:
                    await self._round(pending)
                else:
                    for admitted in pending:
                        tasks.create_task(self._one(admitted))
                pending = self._admit(await self._room())
                if not pending:
                    return

    @contextmanager
    def held(self) -> Iterator[None]:
        """No new group starts meanwhile; those in flight go on. Holds may be nested."""
        self._holds += 1
        self._all_holds += 1
        self._open.clear()
        try:
            yield
        finally:
            self._holds -= 1
            if not self._holds:
                self._open.set()

    async def _room(self) -> int:
        """Places for groups; time during which producing is held does not count as waiting."""
        while True:
            while self._holds:
                await self._open.wait()
            holds = self._all_holds
            try:
                room = await self._buffer.wait_for_room(self._timeout_s)
            except TimeoutError:
                if holds == self._all_holds:
                    raise
                continue
            if not self._holds:
                return room

    def _admit(self, room: int) -> list[Admitted]:
        admitted: list[Admitted] = []
        try:
            while len(admitted) < room:
                admitted.append(self._buffer.admit(self._problems.next()))
        except ProblemsExhausted:
            self._buffer.close_admission()
        return admitted

    async def _one(self, admitted: Admitted) -> None:
        self._finished(await self._fleet.generate(self._request(admitted)))

    async def _round(self, admitted: list[Admitted]) -> None:
        for group in await self._fleet.generate_round([self._request(a) for a in admitted]) if admitted else ():
            self._finished(group)

    def _finished(self, group: Group) -> None:
        self._problems.finished(group.problem.id, group.solved_share)
        self._buffer.add(group)

    def _request(self, admitted: Admitted) -> GroupRequest:
        return GroupRequest(
            group_id=admitted.group_id,
            attempt=admitted.attempt,
            problem=admitted.problem,
            prompt_ids=self._encode(admitted.problem),
            seeds=tuple(
                sample_seed(self._seed, admitted.group_id, admitted.problem.id, index, admitted.attempt)
                for index in range(self._samples)
            ),
        )
