"""Time limits, on clocks that the tests set."""

import pytest

from rewards.code import deadline
from rewards.code.deadline import Stopwatch

OTHER = 0.0


class Clocks:
    """What the clocks show: of the wall, of this process and of the other one together."""

    def __init__(self) -> None:
        self.wall = self.computed = 100.0

    def monotonic(self) -> float:
        return self.wall

    def process_time(self) -> float:
        return self.computed

    def clock_gettime(self, clock: int) -> float:
        return OTHER


@pytest.mark.parametrize(
    ("wall", "computed", "left", "is_unclear"),
    [
        (0.4, 0.4, 0.6, False),
        (1.0, 1.0, 0.0, False),
        (1.0, 0.99, 0.02, False),
        (1.0, 0.04, 0.0, False),
        (1.0, 0.5, 0.5, False),
        (4.9, 0.7, 0.3, False),
        (4.9, 1.0, 0.0, False),
        (5.0, 0.7, 0.0, True),
        (5.0, 0.2, 0.0, False),
    ],
)
def test_when_time_is_over(
    monkeypatch: pytest.MonkeyPatch, wall: float, computed: float, left: float, is_unclear: bool
) -> None:
    clocks = Clocks()
    monkeypatch.setattr(deadline, "time", clocks)
    watch = Stopwatch(pid=1, limit_s=1.0)
    clocks.wall += wall
    clocks.computed += computed
    assert watch.left_s() == pytest.approx(left)
    assert watch.is_unclear is is_unclear


@pytest.mark.parametrize(("wall", "computed", "charged"), [(2.0, 0.5, 0.5), (2.0, 0.05, 2.0), (2.0, 3.0, 2.0)])
def test_what_is_charged(monkeypatch: pytest.MonkeyPatch, wall: float, computed: float, charged: float) -> None:
    clocks = Clocks()
    monkeypatch.setattr(deadline, "time", clocks)
    watch = Stopwatch(pid=1, limit_s=1.0)
    clocks.wall += wall
    clocks.computed += computed
    assert watch.charged_s() == pytest.approx(charged)
