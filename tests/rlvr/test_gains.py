"""What the shipped recipes promise: RL from verdicts raises held-out accuracy, random rewards do not."""

import json
from pathlib import Path

import pytest

import rlvr
from rlvr.evaluation.statistics import paired_bootstrap_difference
from tests.rlvr.small_run import summary_of

pytestmark = pytest.mark.slow

DOMAINS = ("math",)
SIMULTANEOUS = 1 - 0.05 / 5
"""Confidence of each of five intervals that together hold at 95%."""


def outcomes(run: Path, step: int) -> list[float]:
    """Held-out outcomes at one step; evaluations of one run ask the same problems in the same order."""
    answers = json.loads((run / "evaluations" / f"held_out-{step:06d}.json").read_text())["answers"]
    return [float(answer["correct"]) for answer in answers]


def gain(recipe: str, run: Path, *overrides: str, confidence: float = 0.95) -> tuple[float, float, float]:
    """Last minus first accuracy of a new run, paired by problem, with its interval."""
    rlvr.launch(recipe, overrides=list(overrides), run_dir=run).wait()
    summary = summary_of(run)
    assert summary["samples"]["lost"] == 0
    return paired_bootstrap_difference(outcomes(run, 0), outcomes(run, summary["steps"]), confidence)


@pytest.mark.parametrize("domain", DOMAINS)
def test_rl_zero_gains_thirty_points(domain: str, tmp_path: Path) -> None:
    difference, low, _ = gain(f"rl_zero/{domain}", tmp_path / "run")
    assert difference >= 0.30
    assert low > 0.2


@pytest.mark.parametrize("domain", DOMAINS)
def test_random_rewards_gain_nothing(domain: str, tmp_path: Path) -> None:
    _, _, high = gain(f"rl_zero/{domain}", tmp_path / "run", "verifier=random", confidence=SIMULTANEOUS)
    assert high < 0.05


def test_the_quickstart_gains_thirty_five_points(tmp_path: Path) -> None:
    difference, _, _ = gain("quickstart", tmp_path / "run")
    assert difference >= 0.35
