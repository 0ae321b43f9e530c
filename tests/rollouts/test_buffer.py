"""Admission, order, waiting, and what becomes of every sample."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts.buffer import RolloutBuffer, Taken
from rollouts.config import BufferSection
from rollouts.ledger import BatchFates, SampleCounts
from tests.rollouts.groups import A_PROBLEM, build_group

T = TypeVar("T")
SIGNAL: list[float | None] = [1.0, 0.0]
NO_SIGNAL: list[float | None] = [0.0, 0.0]


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


def section(batch: int = 2, **changes: object) -> BufferSection:
    return BufferSection.model_validate({"problems_per_step": batch, **changes})


def fill(buffer: RolloutBuffer) -> list[int]:
    return [buffer.admit(A_PROBLEM).group_id for _ in range(buffer.room())]


def ids(taken: Taken) -> list[int]:
    return [group.group_id for group in taken.groups]


def settle_all(buffer: RolloutBuffer, taken: Taken) -> None:
    buffer.settle(BatchFates(trained=sum(len(group.samples) for group in taken.groups)))


def test_a_batch_is_taken_trained_and_published() -> None:
    buffer = RolloutBuffer(section(batch=2, max_staleness=1))
    assert fill(buffer) == [0, 1, 2, 3]
    for group_id in (2, 0):
        buffer.add(build_group(group_id, SIGNAL))
    taken = at_once(buffer.take(1))
    settle_all(buffer, taken)
    assert buffer.room() == 0
    buffer.published()
    assert (buffer.room(), buffer.version) == (2, 1)
    assert buffer.counts == SampleCounts(generated=4, trained=4)


def test_completion_order_takes_what_is_there() -> None:
    buffer = RolloutBuffer(section(max_staleness=1, on_stale="mask_tokens"))
    fill(buffer)
    for group_id in (3, 1):
        buffer.add(build_group(group_id, SIGNAL))
    assert ids(at_once(buffer.take(1))) == [3, 1]


def test_waiting_takes_in_the_order_of_admission() -> None:
    buffer = RolloutBuffer(section(max_staleness=1, on_stale="wait"))
    fill(buffer)
    for group_id in (3, 1, 2):
        buffer.add(build_group(group_id, SIGNAL))
        assert not buffer.ready
    buffer.add(build_group(0, SIGNAL))
    assert ids(at_once(buffer.take(1))) == [0, 1]
    assert ids(at_once(buffer.take(1))) == [2, 3]


def test_synchronous_runs_refill_in_rounds() -> None:
    buffer = RolloutBuffer(section(batch=3, max_staleness=0))
    assert fill(buffer) == [0, 1, 2]
    buffer.add(build_group(1, NO_SIGNAL))
    buffer.add(build_group(2, NO_SIGNAL))
    assert fill(buffer) == []
    buffer.add(build_group(0, SIGNAL))
    assert fill(buffer) == [3, 4]
    buffer.add(build_group(4, SIGNAL))
    buffer.add(build_group(3, SIGNAL))
    taken = at_once(buffer.take(1))
    assert ids(taken) == [0, 3, 4]
    assert [group.group_id for group in taken.filtered] == [1, 2]
    assert fill(buffer) == []
    settle_all(buffer, taken)
    buffer.published()
    assert fill(buffer) == [5, 6, 7]


@pytest.mark.parametrize("scores", [NO_SIGNAL, SIGNAL])
def test_refilling_is_bounded(scores: list[float | None]) -> None:
    buffer = RolloutBuffer(section(batch=2, max_staleness=0, refill=3))
    seen = 0
    while not buffer.ready:
        for group_id in fill(buffer):
            buffer.add(build_group(group_id, scores if seen == 3 else NO_SIGNAL))
            seen += 1
    taken = at_once(buffer.take(1))
    assert seen == 6
    assert ids(taken) == ([3] if scores == SIGNAL else [])
    assert len(taken.groups) + len(taken.filtered) == 6


def test_a_skipped_step_holds_nothing_up() -> None:
    buffer = RolloutBuffer(section(batch=1, max_staleness=0, refill=1))
    buffer.add(build_group(fill(buffer)[0], [0.0, None]))
    assert at_once(buffer.take(1)).groups == ()
    assert fill(buffer) == [1]
    buffer.settle(BatchFates(trained=0))
    buffer.discarded()
    assert buffer.version == 0
    assert buffer.counts == SampleCounts(generated=2, invalid=1, filtered=1)


def test_a_batch_without_weights_does_not_stand_for_one_that_is_being_published() -> None:
    buffer = RolloutBuffer(section(batch=1, max_staleness=2, on_stale="drop_sample"))
    for group_id in fill(buffer):
        buffer.add(build_group(group_id, SIGNAL))
    settle_all(buffer, at_once(buffer.take(1)))
    at_once(buffer.take(1))
    buffer.settle(BatchFates(trained=0, stale=2))
    buffer.discarded()
    assert (buffer.version, buffer.room()) == (0, 1)
    buffer.published()
    assert (buffer.version, buffer.room()) == (1, 2)


def test_groups_without_a_signal_can_be_kept() -> None:
    buffer = RolloutBuffer(section(batch=1, max_staleness=0, filter_no_signal=False))
    buffer.add(build_group(fill(buffer)[0], [0.0, None]))
    assert not buffer.ready, "one valid sample has no baseline"
    buffer.add(build_group(fill(buffer)[0], NO_SIGNAL))
    assert ids(at_once(buffer.take(1))) == [1]


def test_a_dropped_group_makes_room_and_is_passed_over() -> None:
    buffer = RolloutBuffer(section(batch=2, max_staleness=0))
    fill(buffer)
    buffer.add(build_group(1, SIGNAL))
    buffer.drop(0)
    assert fill(buffer) == [2]
    buffer.add(build_group(2, SIGNAL))
    assert ids(at_once(buffer.take(1))) == [1, 2]


def test_a_group_comes_once() -> None:
    buffer = RolloutBuffer(section())
    fill(buffer)
    buffer.add(build_group(0))
    with pytest.raises(ValueError, match=r"group 0 is not in flight; there are \[1, 2, 3\]"):
        buffer.add(build_group(0))


def test_nothing_is_admitted_beyond_the_bound() -> None:
    buffer = RolloutBuffer(section(batch=1, max_staleness=0))
    fill(buffer)
    with pytest.raises(RuntimeError, match="no room for a group: 1 are admitted and not settled"):
        buffer.admit(A_PROBLEM)


def test_fates_must_add_up() -> None:
    buffer = RolloutBuffer(section(batch=1))
    buffer.add(build_group(fill(buffer)[0], [1, 0, None]))
    at_once(buffer.take(1))
    with pytest.raises(ValueError, match="a batch of 3 samples was taken, 2 are accounted for"):
        buffer.settle(BatchFates(trained=2))


def test_the_last_batches_are_smaller_and_then_it_is_drained() -> None:
    buffer = RolloutBuffer(section(batch=2, max_staleness=1))
    fill(buffer)
    buffer.close_admission()
    for group_id in (0, 1, 2):
        buffer.add(build_group(group_id, SIGNAL))
    assert ids(at_once(buffer.take(1))) == [0, 1]
    assert not buffer.ready
    buffer.add(build_group(3, NO_SIGNAL))
    assert not buffer.drained
    assert ids(at_once(buffer.take(1))) == [2]
    assert buffer.drained


def test_taking_waits_for_the_last_group() -> None:
    async def run() -> Taken:
        buffer = RolloutBuffer(section(batch=2))
        fill(buffer)
        buffer.add(build_group(0, SIGNAL))
        waiting = asyncio.create_task(buffer.take(timeout_s=10))
        await asyncio.sleep(0)
        assert not waiting.done()
        buffer.add(build_group(1, SIGNAL))
        return await waiting

    assert ids(asyncio.run(run())) == [0, 1]


def test_admission_waits_for_the_weights() -> None:
    async def run() -> int:
        buffer = RolloutBuffer(section(batch=1, max_staleness=0))
        buffer.add(build_group(fill(buffer)[0], SIGNAL))
        taken = await buffer.take(timeout_s=10)
        waiting = asyncio.create_task(buffer.wait_for_room(timeout_s=10))
        settle_all(buffer, taken)
        await asyncio.sleep(0)
        assert not waiting.done()
        buffer.published()
        return await waiting

    assert asyncio.run(run()) == 1


def test_a_time_out_names_what_is_missing() -> None:
    now = iter([100.0, 160.5, 190.0])
    buffer = RolloutBuffer(section(batch=1, max_staleness=1), clock=lambda: next(now))
    fill(buffer)
    with pytest.raises(
        TimeoutError,
        match=r"waited 0\.01 s for a batch of 1 groups \(0 there\); groups in flight: 0 for 90 s, 1 for 30 s",
    ):
        asyncio.run(buffer.take(timeout_s=0.01))


def test_a_time_out_for_room_names_the_weights() -> None:
    buffer = RolloutBuffer(section(batch=1, max_staleness=0))
    buffer.add(build_group(fill(buffer)[0], SIGNAL))
    at_once(buffer.take(1))
    with pytest.raises(
        TimeoutError, match=r"room for a group \(1 taken and not published\); groups in flight: none"
    ):
        asyncio.run(buffer.wait_for_room(timeout_s=0.01))


def test_what_was_taken_and_not_trained_is_there_again_after_a_restart() -> None:
    buffer = RolloutBuffer(section(batch=1, max_staleness=2))
    fill(buffer)
    buffer.add(build_group(1, SIGNAL))
    settle_all(buffer, at_once(buffer.take(1)))
    buffer.add(build_group(0, SIGNAL))
    at_once(buffer.take(1))
    state = buffer.state()
    assert (state.version, [g.group_id for g in state.finished]) == (1, [0])
    again = RolloutBuffer.restored(section(batch=1, max_staleness=2), state)
    assert [(a.group_id, a.attempt) for a in again.in_flight] == [(2, 1)]
    assert ids(at_once(again.take(1))) == [0]
    again.add(build_group(2, SIGNAL, attempt=1))
    assert again.counts == SampleCounts(generated=6, trained=2, unused=4, reissued=2)


class Simulation:
    """A run in which chance decides what happens next; every claim is checked after every event."""

    def __init__(self, recipe: BufferSection, restarts: bool) -> None:
        self.recipe = recipe
        self.restarts = restarts
        self.buffer = RolloutBuffer(recipe)
        self.admitted_at: dict[int, int] = {}
        self.in_training: list[Taken] = []
        self.settled = 0
        self.trained: list[int] = []
        self.staleness: list[int] = []

    @property
    def bound(self) -> int:
        return (self.recipe.max_staleness + 1) * self.recipe.problems_per_step

    def admit(self, how_many: int) -> None:
        for _ in range(min(how_many, self.buffer.room())):
            admitted = self.buffer.admit(A_PROBLEM)
            self.admitted_at[admitted.group_id] = admitted.version

    def finish(self, choice: int, scores: list[float | None]) -> None:
        if in_flight := self.buffer.in_flight:
            admitted = in_flight[choice % len(in_flight)]
            self.buffer.add(build_group(admitted.group_id, scores, admitted.attempt))

    def take(self) -> None:
        if self.buffer.ready:
            taken = at_once(self.buffer.take(1))
            coming = self.settled + sum(bool(earlier.groups) for earlier in self.in_training)
            learner_version = self.buffer.version + coming
            self.staleness += [learner_version - self.admitted_at[group_id] for group_id in ids(taken)]
            self.in_training.append(taken)

    def settle(self, stale: bool = False) -> None:
        if self.in_training:
            taken = self.in_training.pop(0)
            valid = sum(len(group.valid_scores) for group in taken.groups)
            invalid = sum(len(group.samples) for group in taken.groups) - valid
            fates = BatchFates(trained=0, stale=valid) if stale else BatchFates(trained=valid)
            self.buffer.settle(replace(fates, invalid=invalid))
            if fates.trained:
                self.trained += ids(taken)
                self.settled += 1
            else:
                self.buffer.discarded()

    def publish(self) -> None:
        if self.settled:
            self.buffer.published()
            self.settled -= 1

    def restart(self) -> None:
        if self.restarts:
            lost_in_training = sum(len(taken.groups) for taken in self.in_training)
            del self.staleness[len(self.staleness) - lost_in_training :]
            self.in_training, self.settled = [], 0
            self.buffer = RolloutBuffer.restored(self.recipe, self.buffer.state())

    def check(self) -> None:
        counts = self.buffer.counts
        assert self.buffer.unsettled <= self.bound
        assert counts.lost == 0
        assert counts.generated == counts.trained + counts.invalid + counts.filtered + counts.stale + counts.unused
        if self.recipe.on_stale == "wait" or self.recipe.max_staleness == 0:
            assert max(self.staleness, default=0) <= self.recipe.max_staleness
            assert self.trained == sorted(self.trained)

    def finish_all(self) -> None:
        self.buffer.close_admission()
        while self.buffer.in_flight:
            self.finish(0, SIGNAL)
        while not self.buffer.drained:
            self.take()
            self.settle()
        while self.in_training:
            self.settle()


recipes = st.builds(
    BufferSection,
    problems_per_step=st.integers(1, 4),
    max_staleness=st.integers(0, 3),
    on_stale=st.sampled_from(["wait", "mask_tokens", "drop_sample"]),
    refill=st.sampled_from([1.0, 1.5, 3.0]),
    filter_no_signal=st.booleans(),
)
scores = st.lists(st.sampled_from([0.0, 1.0, None]), min_size=2, max_size=3)
events = st.one_of(
    st.tuples(st.just("admit"), st.integers(1, 16)),
    st.tuples(st.just("finish"), st.integers(0, 15), scores),
    st.tuples(st.just("finish"), st.integers(0, 15), scores),
    st.tuples(st.just("settle"), st.booleans()),
    st.tuples(st.sampled_from(["take", "publish", "restart"])),
)


@settings(max_examples=200, deadline=None)
@given(recipe=recipes, happenings=st.lists(events, max_size=80), restarts=st.booleans())
def test_whatever_happens_the_bounds_hold_and_nothing_is_lost(
    recipe: BufferSection, happenings: list[tuple[Any, ...]], restarts: bool
) -> None:
    simulation = Simulation(recipe, restarts)
    for name, *arguments in happenings:
        getattr(simulation, name)(*arguments)
        simulation.check()
    simulation.finish_all()
    simulation.check()
    assert simulation.buffer.counts.unused == 0
    assert len(set(simulation.trained)) == len(simulation.trained)


@settings(max_examples=60, deadline=None)
@given(recipe=recipes, choices=st.lists(st.tuples(st.integers(0, 15), scores), min_size=1, max_size=60))
def test_a_run_never_gets_stuck(recipe: BufferSection, choices: list[tuple[int, list[float | None]]]) -> None:
    simulation = Simulation(recipe, restarts=False)
    for choice, these in choices:
        simulation.admit(16)
        simulation.finish(choice, these)
        simulation.take()
        simulation.settle()
        simulation.publish()
        assert simulation.buffer.in_flight or simulation.buffer.ready or simulation.buffer.room()
