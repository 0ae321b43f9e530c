"""What a verifier returned, as verdicts."""

import math
from numbers import Real
from typing import Any

from rewards.verdict import Verdict

NOT_APPLICABLE = Verdict.invalid("the verifier returned None: it does not apply to this sample")


def verdict_of(result: Any) -> Verdict:
    """What a verifier returned, as a verdict; anything but a bool, a finite number or a `Verdict` is invalid.

    A number from 0 to 1 counts as correct where it is 1; other numbers say nothing of correctness.
    """
    if isinstance(result, Verdict):
        return result
    if isinstance(result, bool) or (
        type(result).__module__ == "numpy" and type(result).__name__.startswith("bool")
    ):
        return Verdict.of_correctness(bool(result))
    if not isinstance(result, Real):
        return Verdict.invalid(
            f"the verifier returned {type(result).__name__}, expected a bool, a finite number or a Verdict"
        )
    if not math.isfinite(result):
        return Verdict.invalid(f"the verifier returned {float(result)}, expected a finite number")
    score = float(result)
    return Verdict(score, correct=correctness_of(score), reason="scored")


def correctness_of(score: float) -> bool | None:
    """Whether a score of 0 to 1 is full marks; None for scores of another kind."""
    return score == 1 if 0 <= score <= 1 else None


def verdicts_of(results: Any, count: int) -> list[Verdict]:
    """What a verifier of groups returned, as ``count`` verdicts; a wrong number of results makes all invalid."""
    listed = as_list(results)
    if listed is None:
        return [Verdict.invalid(f"the verifier returned {type(results).__name__}, expected a list")] * count
    if len(listed) != count:
        return [Verdict.invalid(f"the verifier returned {len(listed)} results for {count} responses")] * count
    return [NOT_APPLICABLE if result is None else verdict_of(result) for result in listed]


def as_list(values: Any) -> list[Any] | None:
    """A list, tuple, array or tensor as a list; a number or an array of no dimension as one of length 1."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, list | tuple):
        return list(values)
    return [values] if isinstance(values, Real) else None


def failed(error: Exception) -> Verdict:
    """An exception in a verifier: invalid, and never a 0."""
    return Verdict.invalid(f"exception: {type(error).__name__}: {error}"[:500])
