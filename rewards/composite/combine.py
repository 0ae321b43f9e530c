"""One verdict from the verdicts of several verifiers: a pure function."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from rewards.config import PartSection
from rewards.verdict import Verdict

Combination = Literal["mean", "sum"]


def combine(parts: Mapping[str, PartSection], verdicts: Sequence[Verdict], how: Combination) -> Verdict:
    """The weighted mean or sum of the parts' scores.

    Args:
        parts: By the names that they are reported under, in their order.
        verdicts: Of the parts from the first on; those that are missing at the end stand behind a gate that is
            shut, and score 0.
        how: ``mean`` divides by the sum of weights, so that scores from 0 to 1 stay there; ``sum`` does not.

    Returns:
        Invalid where a part is. Correct where each part that speaks of correctness is, and no gate is shut; None
        where none speaks of it. Each part's score and metrics are metrics under its name.
    """
    metrics: dict[str, float] = {}
    total = 0.0
    for (name, part), verdict in zip(parts.items(), verdicts, strict=False):
        if not verdict.valid:
            return Verdict.invalid(f"{name}: {verdict.reason}"[:500])
        metrics[name] = verdict.score
        metrics |= {f"{name}/{key}": value for key, value in verdict.metrics.items()}
        total += part.share * verdict.score
    metrics |= dict.fromkeys(list(parts)[len(verdicts) :], 0.0)
    if how == "mean":
        total /= sum(part.share for part in parts.values())
    correct, reason = _correctness(parts, verdicts)
    return Verdict(total, correct=correct, reason=reason, metrics=metrics)


def is_shut(part: PartSection, verdict: Verdict) -> bool:
    """Whether a part is a gate that lets nothing after it count."""
    return part.gate and verdict.valid and verdict.score < part.threshold


def stages(parts: Sequence[PartSection]) -> Iterator[Sequence[PartSection]]:
    """The parts in groups that may run at the same time; a gate ends its group."""
    start = 0
    for end, part in enumerate(parts, start=1):
        if part.gate or end == len(parts):
            yield parts[start:end]
            start = end


def _correctness(parts: Mapping[str, PartSection], verdicts: Sequence[Verdict]) -> tuple[bool | None, str]:
    told = list(zip(parts.items(), verdicts, strict=False))
    for (name, part), verdict in told:
        if is_shut(part, verdict):
            return False, f"{name}: {verdict.reason}"
    for (name, part), verdict in told:
        if verdict.correct is False and part.share:
            return False, f"{name}: {verdict.reason}"
    speaks = any(verdict.correct and part.share for (_, part), verdict in told)
    return (True, "correct") if speaks else (None, "scored")
