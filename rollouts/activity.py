"""How long a worker had work, and how much it did."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rollouts.reports import UpdateReport, WorkerStats


class Activity:
    """Adds up a worker's sums; its busy time runs while training samples are under way and no evaluation is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_flight = 0
        self._evaluations = 0
        self._tokens = 0
        self._samples = 0
        self._updates = 0
        self._pause_s = 0.0
        self._busy_s = 0.0
        self._evaluation_s = 0.0
        self._evaluation_tokens = 0
        self._evaluation_answers = 0
        self._since = clock()

    @contextmanager
    def samples(self, count: int) -> Iterator[Callable[[int], None]]:
        """Training samples are under way; tell what this gives the tokens of each one that is finished."""
        left = count

        def finished(tokens: int) -> None:
            nonlocal left
            left -= 1
            self._leave(1)
            self._tokens += tokens
            self._samples += 1

        self._add_up()
        self._in_flight += count
        try:
            yield finished
        finally:
            self._leave(left)

    @contextmanager
    def evaluation(self) -> Iterator[None]:
        """Nothing but an evaluation runs."""
        self._add_up()
        self._evaluations += 1
        try:
            yield
        finally:
            self._add_up()
            self._evaluations -= 1

    def answered(self, tokens: int) -> None:
        """An evaluation has one answer more."""
        self._evaluation_tokens += tokens
        self._evaluation_answers += 1

    def updated(self, report: UpdateReport) -> None:
        """Weights were updated."""
        self._updates += 1
        self._pause_s += report.pause_s

    def stats(self) -> WorkerStats:
        """The sums until now."""
        self._add_up()
        return WorkerStats(
            tokens=self._tokens,
            samples=self._samples,
            in_flight=self._in_flight,
            busy_s=self._busy_s,
            pause_s=self._pause_s,
            updates=self._updates,
            evaluation_s=self._evaluation_s,
            evaluation_tokens=self._evaluation_tokens,
            evaluation_answers=self._evaluation_answers,
        )

    def _leave(self, count: int) -> None:
        self._add_up()
        self._in_flight -= count

    def _add_up(self) -> None:
        now = self._clock()
        if self._evaluations:
            self._evaluation_s += now - self._since
        elif self._in_flight:
            self._busy_s += now - self._since
        self._since = now
