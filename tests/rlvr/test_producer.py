"""The producer: fills the buffer's room, in rounds when synchronous, and issues what was in flight again."""

import asyncio
from collections.abc import Iterable

import numpy as np
import pytest

from rewards.problem import Problem
from rlvr.producer import Producer
from rollouts.buffer import RolloutBuffer
from rollouts.buffer_state import Admitted, BufferState
from rollouts.config import BufferSection
from rollouts.problems import ProblemsExhausted
from rollouts.sample import Group, GroupRequest
from tests.rollouts.groups import build_group


class Problems:
    """Counts up, to an end."""

    def __init__(self, count: int) -> None:
        self._left = iter(range(count))
        self.solved: dict[str, float] = {}

    def next(self) -> Problem:
        for number in self._left:
            return Problem(f"p{number}", ({"role": "user", "content": "?"},), "math", "1")
        raise ProblemsExhausted

    def finished(self, problem_id: str, solved_share: float) -> None:
        self.solved[problem_id] = solved_share


class Fleet:
    """Answers at once, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[GroupRequest] = []
        self.rounds: list[int] = []

    async def generate(self, request: GroupRequest) -> Group:
        self.asked.append(request)
        return build_group(request.group_id, attempt=request.attempt)

    async def generate_round(self, requests: Iterable[GroupRequest]) -> list[Group]:
        groups = [await self.generate(request) for request in requests]
        self.rounds.append(len(groups))
        return groups


def producer(buffer: RolloutBuffer, fleet: Fleet, problems: int = 100, timeout_s: float = 5.0) -> Producer:
    return Producer(
        Problems(problems),  # type: ignore[arg-type]
        lambda problem: np.array([1], dtype=np.int32),
        buffer,
        fleet,  # type: ignore[arg-type]
        samples=2,
        seed=0,
        timeout_s=timeout_s,
    )


async def produce(buffer: RolloutBuffer, fleet: Fleet, problems: int = 100) -> None:
    task = asyncio.create_task(producer(buffer, fleet, problems).run())
    await buffer.take(5.0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_asynchronous_runs_fill_all_the_room() -> None:
    fleet = Fleet()
    asyncio.run(produce(RolloutBuffer(BufferSection(problems_per_step=3, max_staleness=1)), fleet))
    assert [request.group_id for request in fleet.asked] == list(range(6))
    assert fleet.rounds == []


def test_synchronous_runs_ask_in_one_round() -> None:
    fleet = Fleet()
    asyncio.run(produce(RolloutBuffer(BufferSection(problems_per_step=3, max_staleness=0)), fleet))
    assert fleet.rounds == [3]


def test_seeds_differ_between_samples_and_groups() -> None:
    fleet = Fleet()
    asyncio.run(produce(RolloutBuffer(BufferSection(problems_per_step=3, max_staleness=1)), fleet))
    seeds = [seed for request in fleet.asked for seed in request.seeds]
    assert len(set(seeds)) == len(seeds) == 12


def test_exhausted_problems_end_production_and_close_admission() -> None:
    buffer, fleet = RolloutBuffer(BufferSection(problems_per_step=3, max_staleness=1)), Fleet()
    asyncio.run(producer(buffer, fleet, problems=2).run())
    assert len(fleet.asked) == 2
    assert buffer.ready


def test_what_was_in_flight_is_issued_again_with_the_next_attempt() -> None:
    section = BufferSection(problems_per_step=3, max_staleness=1)
    problem = Problem("old", ({"role": "user", "content": "?"},), "math", "1")
    state = BufferState(5, 2, RolloutBuffer(section).state().ledger, (Admitted(4, 0, problem, 2),), ())
    fleet = Fleet()
    asyncio.run(produce(RolloutBuffer.restored(section, state), fleet))
    assert (fleet.asked[0].group_id, fleet.asked[0].attempt, fleet.asked[0].problem.id) == (4, 1, "old")


def test_a_worker_that_fails_ends_production() -> None:
    class Broken(Fleet):
        async def generate(self, request: GroupRequest) -> Group:
            raise TimeoutError("worker 0 did not answer")

    with pytest.raises(ExceptionGroup) as told:
        asyncio.run(producer(RolloutBuffer(BufferSection()), Broken()).run())
    assert told.group_contains(TimeoutError, match="worker 0")


def test_time_while_held_does_not_count_as_waiting_for_room() -> None:
    async def run() -> None:
        buffer = RolloutBuffer(BufferSection(problems_per_step=3, max_staleness=1))
        producing = producer(buffer, Fleet(), timeout_s=0.05)
        task = asyncio.create_task(producing.run())
        with producing.held():
            await asyncio.sleep(0.2)
            assert not task.done()
        with pytest.raises(ExceptionGroup) as told:
            await asyncio.wait_for(task, 5)
        assert told.group_contains(TimeoutError)

    asyncio.run(run())


@pytest.mark.parametrize("max_staleness", [0, 1])
def test_the_problems_are_told_how_far_each_was_solved(max_staleness: int) -> None:
    class Solving(Fleet):
        async def generate(self, request: GroupRequest) -> Group:
            scores = (1.0, float(request.group_id == 1))
            return build_group(request.group_id, scores, problem=request.problem)

    async def run() -> dict[str, float]:
        buffer = RolloutBuffer(BufferSection(problems_per_step=1, max_staleness=max_staleness, refill=2))
        producing = producer(buffer, Solving(), problems=2)
        task = asyncio.create_task(producing.run())
        await buffer.take(5.0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return producing._problems.solved  # type: ignore[attr-defined]

    solved = asyncio.run(run())
    assert solved["p0"] == 0.5
    assert solved.get("p1", 1.0) == 1.0
