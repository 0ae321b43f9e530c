"""What a run tells whoever watches it, in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Status:
    """What the run is doing from now on, as a short phrase."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know of the run from now on, as a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """A training step is done; ``row`` is its line of metrics.jsonl."""

    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A measure on held-out problems, as it stands in summary.json; without a value where no verdict told any."""

    step: int
    suite: str
    metric: str
    value: float | None
    ci95: tuple[float, float]
    n: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over; ``summary`` is its summary.json."""

    summary: Mapping[str, Any]


Event = Status | Note | Stepped | Evaluated | Ended
Emit = Callable[[Event], None]
