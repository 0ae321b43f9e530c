"""Time limits that a busy machine does not shorten.

A test's time is over when so much of the wall clock has passed and the code either computed all the while or did
nothing. Where it would have computed but had to share its core, it gets what it missed, up to five times as long.
"""

import signal
import time
from types import TracebackType

_STRETCH = 5.0
_BUSY, _IDLE = 0.8, 0.05


class TestTimeout(BaseException):
    """A test took too long; no ``except Exception`` of a test catches it."""

    __test__ = False


class Stopwatch:
    """Measures wall clock and processor time of another process and this one.

    Args:
        pid: The other process.
        limit_s: Seconds until time is over.
    """

    def __init__(self, pid: int, limit_s: float) -> None:
        self._clock = (~pid << 3) | 2  # the kernel's name for the processor time of a process
        self._limit_s = limit_s
        self._began = time.monotonic()
        self._computed_before = self._computed()

    def left_s(self) -> float:
        """Seconds until it makes sense to ask again; 0 where time is over."""
        wall, computed = time.monotonic() - self._began, self._computed() - self._computed_before
        if wall < self._limit_s:
            return self._limit_s - wall
        if computed >= _BUSY * self._limit_s or computed < _IDLE * wall or wall >= _STRETCH * self._limit_s:
            return 0.0
        return max(0.02, self._limit_s - computed)

    def charged_s(self) -> float:
        """What counts of the time so far: all of it where the code was idle, else what it computed."""
        wall, computed = time.monotonic() - self._began, self._computed() - self._computed_before
        return wall if computed < _IDLE * wall else min(wall, computed)

    def _computed(self) -> float:
        try:
            other = time.clock_gettime(self._clock)
        except OSError:  # it has ended
            other = 0.0
        return other + time.process_time()


class Deadline:
    """Raises `TestTimeout` in the block when its time is over."""

    def __init__(self, pid: int, limit_s: float) -> None:
        self._limit_s = limit_s
        self.watch = Stopwatch(pid, limit_s)

    def __enter__(self) -> "Deadline":
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._limit_s)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: object) -> None:
        left = self.watch.left_s()
        signal.setitimer(signal.ITIMER_REAL, left or 0.1)  # again, should a bare except of a test catch it
        if not left:
            raise TestTimeout
