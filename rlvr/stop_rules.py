"""When a run ends before its last step, and how a run can end."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rlvr.config import StopSection

EarlyEnd = Literal["target_reached", "no_improvement", "time_limit"]

ENDED_WELL = frozenset({"completed", "target_reached", "no_improvement", "time_limit", "all_retired", "exhausted"})
"""Statuses of a run that came to an end which its recipe provides for."""


def early_end(section: StopSection, evaluations: Sequence[Mapping[str, Any]], wall_s: float) -> EarlyEnd | None:
    """Which rule ends the run now; None where it goes on.

    Args:
        section: The recipe's.
        evaluations: Those of the main suite so far, in order, each with its ``value`` or None.
        wall_s: Seconds that the run has taken, over all its sittings.
    """
    values = [evaluation["value"] for evaluation in evaluations if evaluation["value"] is not None]
    if section.held_out is not None and values and values[-1] >= section.held_out:
        return "target_reached"
    if section.patience is not None and _since_best(values, section.min_gain) >= section.patience:
        return "no_improvement"
    if section.wall_s is not None and wall_s >= section.wall_s:
        return "time_limit"
    return None


def _since_best(values: Sequence[float], min_gain: float) -> int:
    """Evaluations since the last one that was better than the best before it by more than ``min_gain``."""
    best, place = float("-inf"), -1
    for number, value in enumerate(values):
        if value > best + min_gain:
            best, place = value, number
    return len(values) - 1 - place if values else 0
