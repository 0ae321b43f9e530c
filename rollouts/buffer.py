"""Finished groups between the actors and the learner, and which more may be started."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Self

from rewards.problem import Problem
from rollouts.admission import AdmissionRule
from rollouts.buffer_state import Admitted, BufferState
from rollouts.config import BufferSection
from rollouts.ledger import BatchFates, SampleCounts, SampleLedger
from rollouts.sample import Group


@dataclass(frozen=True, slots=True)
class Taken:
    """What one step gets.

    Attributes:
        groups: To train on; empty where nothing had a signal and the step is to be skipped.
        filtered: Examined on the way and without anything to learn from; they count in the step's metrics and log.
    """

    groups: tuple[Group, ...]
    filtered: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Finished:
    """A finished group, and whether there is anything to learn from it."""

    group: Group
    trainable: bool


class RolloutBuffer:
    """Admits groups, keeps finished ones, and hands them to the learner a batch at a time.

    One step's life: ``admit`` while there is ``room``, ``add`` as groups finish, ``take`` a batch, ``settle`` what
    became of its samples, and ``published`` once its weights are out (or ``discarded`` where there are none).
    """

    def __init__(self, section: BufferSection, clock: Callable[[], float] = time.monotonic) -> None:
        self.rule = AdmissionRule.from_section(section)
        self._filter_no_signal = section.filter_no_signal
        self._clock = clock
        self._next_group_id = 0
        self._version = 0
        self._ledger = SampleLedger()
        self._in_flight: dict[int, Admitted] = {}
        self._since: dict[int, float] = {}
        self._finished: list[_Finished] = []
        self._examined: list[_Finished] = []
        self._taken: deque[list[_Finished]] = deque()
        self._settled: deque[list[_Finished]] = deque()
        self._closed = False
        self._change = asyncio.Event()

    @classmethod
    def restored(
        cls, section: BufferSection, state: BufferState, clock: Callable[[], float] = time.monotonic
    ) -> Self:
        """A buffer as it was; ``in_flight`` then names the groups that must be issued again."""
        buffer = cls(section, clock)
        buffer._next_group_id = state.next_group_id
        buffer._version = state.version
        buffer._ledger = SampleLedger.from_state(state.ledger)
        buffer._in_flight = {a.group_id: replace(a, attempt=a.attempt + 1) for a in state.in_flight}
        buffer._since = dict.fromkeys(buffer._in_flight, clock())
        buffer._finished = [buffer._judged(group) for group in state.finished]
        buffer._examine()
        return buffer

    def state(self) -> BufferState:
        """As of the last ``settle``: a settled batch counts as published, any other as never taken."""
        return BufferState(
            next_group_id=self._next_group_id,
            version=self._version + sum(bool(_kept(batch)) for batch in self._settled),
            ledger=self._ledger.state(),
            in_flight=self.in_flight,
            finished=tuple(one.group for one in self._unsettled_ones()),
        )

    @property
    def in_flight(self) -> tuple[Admitted, ...]:
        """Admitted and not finished, in the order of admission."""
        return tuple(self._in_flight[group_id] for group_id in sorted(self._in_flight))

    @property
    def version(self) -> int:
        """Weights published so far."""
        return self._version

    @property
    def unsettled(self) -> int:
        """Groups admitted − trained − filtered − dropped."""
        here = _kept((*self._examined, *self._finished))
        return len(self._in_flight) + len(here) + sum(self._unpublished)

    @property
    def counts(self) -> SampleCounts:
        """What became of all samples so far; what is here and could still be trained on is unused."""
        return self._ledger.counts(unused=_samples(_kept(self._unsettled_ones())))

    @property
    def ready(self) -> bool:
        """Whether ``take`` would return at once."""
        return self._has_enough or (self._closed and not self._unexamined)

    @property
    def drained(self) -> bool:
        """Whether admission is closed and nothing is left to take."""
        return self._closed and not self._unexamined and not self._examined

    def room(self) -> int:
        """How many groups may be admitted now.

        Synchronous runs admit in rounds: none while a group is in flight.
        """
        if self._closed or (self.rule.max_staleness == 0 and self._in_flight):
            return 0
        return self._room()

    def admit(self, problem: Problem) -> Admitted:
        """Start a group.

        Raises:
            RuntimeError: There is no room.
        """
        if self._closed or self._room() == 0:
            raise RuntimeError(f"no room for a group: {self.unsettled} are admitted and not settled")
        admitted = Admitted(self._next_group_id, 0, problem, self._version)
        self._next_group_id += 1
        self._in_flight[admitted.group_id] = admitted
        self._since[admitted.group_id] = self._clock()
        return admitted

    def add(self, group: Group) -> None:
        """Take in a finished group.

        Raises:
            ValueError: It is not in flight.
        """
        self._land(group.group_id)
        self._ledger.generate(group)
        finished = self._judged(group)
        if not finished.trainable:
            self._ledger.filter(group)
        self._finished.append(finished)
        self._examine()
        self._changed()

    def drop(self, group_id: int) -> None:
        """Give up a group in flight.

        Raises:
            ValueError: It is not in flight.
        """
        self._land(group_id)
        self._examine()
        self._changed()

    def close_admission(self) -> None:
        """No group will be admitted any more: ``take`` goes on with what is in flight, batches may get smaller."""
        self._closed = True
        self._changed()

    async def take(self, timeout_s: float) -> Taken:
        """Wait for a batch.

        Args:
            timeout_s: Longest wait without any group finishing.

        Raises:
            TimeoutError: Names the groups in flight and how long each has been.
        """
        while not self.ready:
            await self._next_change(
                timeout_s, f"a batch of {self.rule.batch} groups ({len(_kept(self._examined))} there)"
            )
        examined, self._examined = self._examined, []
        self._taken.append(examined)
        self._examine()
        self._changed()
        return Taken(_kept(examined), tuple(one.group for one in examined if not one.trainable))

    async def wait_for_room(self, timeout_s: float) -> int:
        """Wait until a group may be admitted, or admission is closed (0).

        Raises:
            TimeoutError: Nothing finished or was published for ``timeout_s``.
        """
        while not self._closed and not self.room():
            await self._next_change(
                timeout_s, f"room for a group ({sum(self._unpublished)} taken and not published)"
            )
        return self.room()

    def settle(self, fates: BatchFates) -> None:
        """Say what became of the samples of the oldest batch that was taken.

        Raises:
            ValueError: The fates do not add up to the batch's samples.
        """
        samples = _samples(_kept(self._taken[0]))
        if fates.total != samples:
            raise ValueError(f"a batch of {samples} samples was taken, {fates.total} are accounted for: {fates}")
        self._ledger.settle(fates)
        self._settled.append(self._taken.popleft())
        self._changed()

    def published(self) -> None:
        """Every worker has the weights of the oldest settled batch."""
        self._settled.popleft()
        self._version += 1
        self._changed()

    def discarded(self) -> None:
        """The batch that was settled last made no weights."""
        self._settled.pop()
        self._changed()

    @property
    def _has_enough(self) -> bool:
        return len(_kept(self._examined)) >= self.rule.batch or len(self._examined) >= self.rule.most_examined

    @property
    def _unexamined(self) -> int:
        return len(self._in_flight) + len(self._finished)

    @property
    def _unpublished(self) -> tuple[int, ...]:
        return tuple(len(kept) for batch in (*self._settled, *self._taken) if (kept := _kept(batch)))

    def _room(self) -> int:
        kept = len(_kept(self._examined))
        return self.rule.room(self._unexamined, kept, len(self._examined), self._unpublished)

    def _unsettled_ones(self) -> list[_Finished]:
        return [*(one for batch in self._taken for one in batch), *self._examined, *self._finished]

    def _judged(self, group: Group) -> _Finished:
        trainable = group.has_signal or (not self._filter_no_signal and len(group.valid_scores) >= 2)
        return _Finished(group, trainable)

    def _land(self, group_id: int) -> None:
        if self._in_flight.pop(group_id, None) is None:
            raise ValueError(f"group {group_id} is not in flight; there are {sorted(self._in_flight)}")
        del self._since[group_id]

    def _examine(self) -> None:
        """Move finished groups into the current step, in their order, until it has enough."""
        while not self._has_enough and (place := self._next_finished()) is not None:
            self._examined.append(self._finished.pop(place))

    def _next_finished(self) -> int | None:
        """The place of the group to examine next; None where it has not finished."""
        if not self._finished:
            return None
        if not self.rule.in_order:
            return 0
        place = min(range(len(self._finished)), key=lambda i: self._finished[i].group.group_id)
        oldest = self._finished[place].group.group_id
        return place if all(oldest < group_id for group_id in self._in_flight) else None

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    async def _next_change(self, timeout_s: float, waiting_for: str) -> None:
        try:
            await asyncio.wait_for(self._change.wait(), timeout_s)
        except TimeoutError:
            now = self._clock()
            ages = ", ".join(
                f"{group_id} for {now - since:.0f} s" for group_id, since in sorted(self._since.items())
            )
            message = f"waited {timeout_s:g} s for {waiting_for}; groups in flight: {ages or 'none'}"
            raise TimeoutError(message) from None


def _kept(examined: Iterable[_Finished]) -> tuple[Group, ...]:
    return tuple(one.group for one in examined if one.trainable)


def _samples(groups: Iterable[Group]) -> int:
    return sum(len(group.samples) for group in groups)
