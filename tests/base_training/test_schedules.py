"""Warm-up, then a schedule, down to the lowest share."""

import pytest

from base_training.config import OptimizerSection
from base_training.schedules import lr_multiplier


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.5, 1, 1, 1, 1, 1, 1]),
        ("linear", [0.5, 1, 1, 0.775, 0.55, 0.325, 0.1]),
        ("cosine", [0.5, 1, 1, 0.868198, 0.55, 0.231802, 0.1]),
    ],
)
def test_schedules(schedule: str, expected: list[float]) -> None:
    section = OptimizerSection(schedule=schedule, warmup_steps=2, min_lr_ratio=0.1)

    assert [lr_multiplier(section, step, 7) for step in range(7)] == pytest.approx(expected, abs=1e-6)


def test_a_run_that_goes_on_keeps_the_lowest_rate() -> None:
    section = OptimizerSection(schedule="linear", min_lr_ratio=0.25)

    assert lr_multiplier(section, 50, 10) == 0.25
