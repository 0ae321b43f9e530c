"""One line of runs/bench/latest.json."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measure against its baseline.

    Attributes:
        name: Of the row.
        value: What was measured; rates and times are medians unless the unit says otherwise.
        unit: Of value and baseline.
        baseline: The same of what it is compared with.
        ratio: Ratio ≥ goal always means pass.
        goal: See ``ratio``.
        n: Measurements behind the value.
        spread: Their quartiles apart, or an interval's width.
    """

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    goal: float
    n: int
    spread: float
