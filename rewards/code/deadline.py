"""Time limits that a busy machine does not shorten.

A test's time is over when it has computed for so long, or when so much of the wall clock has passed while it did
nothing. Where it would have computed but had to share its core, it gets what it missed, until five times the wall
clock has passed; then nobody can tell who is to blame.
"""

import signal
import time
from types import TracebackType

_STRETCH = 5.0
_IDLE = 0.05


class TestTimeout(BaseException):
    """A test took too long; no ``except Exception`` of a test catches it."""

    __test__ = False


class Stopwatch:
    """Measures wall clock and processor time of another process and this one.

    Args:
        pid: The other process.
        limit_s: Seconds until time is over.

    Attributes:
        is_unclear: Whether time is over although it neither computed that long nor did nothing.
    """

    def __init__(self, pid: int, limit_s: float) -> None:
        self.is_unclear = False
        self._clock = (~pid << 3) | 2  # the kernel's name for the processor time of a process
        self._limit_s = limit_s
        self._began = time.monotonic()
        self._computed_before = self._computed()

    def left_s(self) -> float:
        """Seconds until it makes sense to ask again; 0 where time is over."""
        wall, computed = self._so_far()
        if wall < self._limit_s:
            return self._limit_s - wall
        if computed >= self._limit_s or computed < _IDLE * wall:
            return 0.0
        if wall >= _STRETCH * self._limit_s:
            self.is_unclear = True
            return 0.0
        return max(0.02, self._limit_s - computed)

    def charged_s(self) -> float:
        """What counts of the time so far: all of it where the code was idle, else what it computed."""
        wall, computed = self._so_far()
        return wall if computed < _IDLE * wall else min(wall, computed)

    def _so_far(self) -> tuple[float, float]:
        return time.monotonic() - self._began, self._computed() - self._computed_before

    def _computed(self) -> float:
        try:
            other = time.clock_gettime(self._clock)
        except OSError:  # it has ended
            other = 0.0
        return other + time.process_time()


class Deadline:
    """Raises `TestTimeout` in the block when its time is over.

    Attributes:
        watch: Measures the block.
        is_over: Whether it was raised; a bare ``except`` of a test may have caught it.
    """

    def __init__(self, pid: int, limit_s: float) -> None:
        self.is_over = False
        self.watch = Stopwatch(pid, limit_s)
        self._limit_s = limit_s

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
            self.is_over = True
            raise TestTimeout
