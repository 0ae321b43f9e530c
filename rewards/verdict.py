"""What a verifier says of one response."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

UNCLEAR = "unclear"
"""Metric of a time-out that a busy machine may have caused; a pool then tries the response once more, alone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score, or the reason why there is none.

    What the response caused (no answer, an endless loop, too much memory) is a *valid* score of 0 with its
    reason. What it did not cause (a dead worker, a bad label, an exception in the verifier) is *invalid*: the
    sample then leaves both the loss and its group's baseline.

    Attributes:
        score: Any finite number; verifiers of correctness stay in [0, 1]. NaN where invalid.
        valid: Whether the score may be learned from.
        correct: Feeds accuracy and pass@k; None where correctness has no meaning.
        reason: One short machine-readable word or phrase, such as ``"wrong"``, ``"no_answer"``, ``"timeout"``.
        metrics: Numbers worth logging, such as the parts of a composite score.

    Raises:
        ValueError: A valid verdict whose score is not finite.
    """

    score: float
    valid: bool = True
    correct: bool | None = None
    reason: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.valid and not math.isfinite(self.score):
            raise ValueError(
                f"a valid verdict needs a finite score, got {self.score}; use Verdict.invalid(reason)"
            )

    @classmethod
    def of_correctness(cls, correct: bool, reason: str = "", **metrics: float) -> Self:
        """1.0 for a correct response, 0.0 for a wrong one."""
        return cls(
            float(correct),
            correct=correct,
            reason=reason or ("correct" if correct else "wrong"),
            metrics=metrics,
        )

    @classmethod
    def invalid(cls, reason: str) -> Self:
        """No score can be given, and the response is not to blame."""
        return cls(math.nan, valid=False, reason=reason)
