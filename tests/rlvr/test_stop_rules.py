"""Rules that end a run before its last step."""

from typing import Any

import pytest

from rlvr.config import StopSection
from rlvr.stop_rules import early_end


def ended(values: list[float | None], took_s: float = 0.0, **section: Any) -> str | None:
    return early_end(StopSection(**section), [{"value": value} for value in values], took_s)


def test_by_default_nothing_ends_a_run() -> None:
    assert ended([1.0, 0.0, 0.0, 0.0], 1e9) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([0.89], None),
        ([0.5, 0.9], "target_reached"),
        ([0.95, 0.5], None),
        ([0.9, None], "target_reached"),
    ],
)
def test_the_last_evaluation_reaches_the_target(values: list[float | None], expected: str | None) -> None:
    assert ended(values, held_out=0.9) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([0.5], None),
        ([0.5, 0.4], None),
        ([0.5, 0.4, 0.5], "no_improvement"),
        ([0.5, 0.4, 0.51], None),
        ([0.1, 0.2, 0.3, 0.2, 0.3], "no_improvement"),
        ([0.5, None, 0.4], None),  # an evaluation without a verdict tells nothing
    ],
)
def test_two_evaluations_without_a_new_best_end_it(values: list[float | None], expected: str | None) -> None:
    assert ended(values, patience=2) == expected


def test_a_new_best_must_be_better_by_the_least_gain() -> None:
    assert ended([0.50, 0.51, 0.52], patience=2, min_gain=0.05) == "no_improvement"
    assert ended([0.50, 0.51, 0.56], patience=2, min_gain=0.05) is None


def test_no_step_begins_after_the_wall_time() -> None:
    assert ended([0.5], 59.9, wall_s=60) is None
    assert ended([0.5], 60.0, wall_s=60) == "time_limit"
