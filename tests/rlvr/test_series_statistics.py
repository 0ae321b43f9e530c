"""Simultaneous intervals against known truths, and verdicts on series that are the same."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rlvr.evaluation.record import Evaluation
from rlvr.evaluation.statistics import student_quantile
from rlvr.series.arms import Arm, arms_of
from rlvr.series.load import Series
from rlvr.series.results import suite_results
from rlvr.series.simultaneous import Contrast, pointwise_intervals, simultaneous_intervals
from rlvr.series.verdicts import Claim, verdicts
from tests.rlvr.synthetic_runs import drawn_evaluation

PROBLEMS = 256


def series(name: str, evaluations: Sequence[Evaluation], seed: int = 0) -> Series:
    """One that differs from others of another first letter in its recipe."""
    recipe = {"seed": seed, "verifier": name[0]}
    return Series(name, Path(name), recipe, (), tuple(evaluations), (), None, "completed")


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (10, 2.2281), (10_000, 1.9602)]
)
def test_students_quantiles_are_those_of_the_tables(degrees: int, quantile: float) -> None:
    assert student_quantile(0.95, degrees) == pytest.approx(quantile, abs=1e-4)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("samples", [1, 4])
def test_paired_intervals_hold_the_truth_in_95_of_100(share: float, samples: int) -> None:
    generator = np.random.default_rng([int(100 * share), samples])
    repetitions, gain = 3000, 0.05 if share < 0.9 else -0.05
    # Problems differ in how hard they are, on both sides alike.
    chances = np.clip(share + generator.uniform(-0.05, 0.05, (repetitions, PROBLEMS, 1)), 0, 1)
    before = (generator.random((repetitions, PROBLEMS, samples)) < chances).mean(axis=2)
    after = (generator.random((repetitions, PROBLEMS, samples)) < chances + gain).mean(axis=2)
    contrasts = [Contrast("suite", difference, span=1 / samples) for difference in after - before]
    intervals = np.array(pointwise_intervals(contrasts, resamples=4000))
    held = ((intervals[:, 0] <= gain) & (gain <= intervals[:, 1])).mean()
    assert held == pytest.approx(0.95, abs=0.015)


def test_simultaneous_intervals_hold_all_together_in_95_of_100() -> None:
    generator = np.random.default_rng(3)
    held = []
    for _ in range(1000):
        common = generator.random((PROBLEMS, 1))
        chances = 0.3 + 0.4 * (common < 0.5)
        right = generator.random((PROBLEMS, 7)) < chances
        contrasts = [Contrast("suite", right[:, place] - 1.0 * right[:, 0]) for place in range(1, 7)]
        intervals = simultaneous_intervals(contrasts, resamples=2000)
        held.append(all(low <= 0 <= high for low, high in intervals))
    assert np.mean(held) == pytest.approx(0.95, abs=0.0165)


def test_more_comparisons_widen_every_interval() -> None:
    generator = np.random.default_rng(0)
    contrasts = [Contrast("suite", generator.integers(-1, 2, PROBLEMS).astype(float)) for _ in range(20)]
    [alone] = simultaneous_intervals(contrasts[:1])
    together = simultaneous_intervals(contrasts)
    assert alone == pointwise_intervals(contrasts[:1])[0]
    # Twenty independent normal differences: 3.02 against 1.96 standard errors.
    assert (together[0][1] - together[0][0]) / (alone[1] - alone[0]) == pytest.approx(3.02 / 1.96, abs=0.08)


def test_the_same_contrast_twice_needs_no_correction() -> None:
    contrast = Contrast("suite", np.random.default_rng(1).integers(-1, 2, PROBLEMS).astype(float))
    assert simultaneous_intervals([contrast, contrast]) == pointwise_intervals([contrast, contrast])


@pytest.mark.parametrize(("flips", "is_clear"), [(0, False), (4, False), (9, True)])
def test_a_handful_of_flips_is_no_proof(flips: int, is_clear: bool) -> None:
    """McNemar's exact test gives 4 of 4 flips p = 0.125 and 9 of 9 p = 0.004."""
    differences = np.zeros(PROBLEMS)
    differences[:flips] = 1.0
    [(low, high)] = simultaneous_intervals([Contrast("suite", differences)])
    assert (low > 0) is is_clear
    assert high > flips / PROBLEMS


@pytest.mark.parametrize(("error", "factor"), [(0.0, 1.0), (0.001, 1.0), (0.04, 1.410), (1.0, 43.8)])
def test_seeds_widen_as_their_share_of_the_variance_says(error: float, factor: float) -> None:
    """The problems' standard error is 0.05. With the seeds' at 0.04 t has 2 (41 / 16)² = 13.1 degrees: 2.158."""
    differences = np.tile([0.8, -0.8], PROBLEMS // 2)
    plain, widened = (
        simultaneous_intervals([Contrast("suite", differences, seed_error=added, seed_degrees=2)])[0]
        for added in (0.0, error)
    )
    se = np.sqrt((0.64 * PROBLEMS + 2) / (PROBLEMS + 2) / PROBLEMS)
    assert se == pytest.approx(0.05, abs=1e-3)
    assert widened[1] / plain[1] == pytest.approx(factor, rel=0.01)


def test_the_seed_of_resampling_decides_everything() -> None:
    contrasts = [Contrast("suite", np.random.default_rng(5).uniform(-1, 1, PROBLEMS))]
    assert simultaneous_intervals(contrasts, seed=1) == simultaneous_intervals(contrasts, seed=1)
    assert simultaneous_intervals(contrasts, seed=1) != simultaneous_intervals(contrasts, seed=2)


def test_identical_series_are_called_different_in_at_most_65_of_1000() -> None:
    """Two runs of equal chances at both checkpoints: no gain, no difference, in any of three verdicts."""
    generator = np.random.default_rng(11)
    false_calls = 0
    for _ in range(1000):
        chances = generator.random((PROBLEMS, 1))
        right = generator.random((PROBLEMS, 4)) < chances
        first = series("a", [drawn_evaluation(step, right[:, place]) for place, step in enumerate((0, 50))])
        second = series("b", [drawn_evaluation(step, right[:, 2 + place]) for place, step in enumerate((0, 50))])
        results, _ = suite_results([first, second])
        claims = verdicts(arms_of([first, second]), results, resamples=2000)
        assert [claim.kind for claim in claims] == ["difference", "gain", "gain"]
        false_calls += any(claim.better is not None for claim in claims)
    assert 15 <= false_calls <= 65


def difference_of(arms: Sequence[Sequence[Series]], resamples: int = 2000) -> Claim:
    everything = [one for arm in arms for one in arm]
    results, _ = suite_results(everything)
    grouped = arms_of(everything)
    assert [len(arm.series) for arm in grouped] == [len(arm) for arm in arms]
    return next(claim for claim in verdicts(grouped, results, resamples=resamples) if claim.kind == "difference")


def test_seeds_are_replicates_and_their_spread_is_covered() -> None:
    """Seeds scatter by 4 points; what problems alone would say is too sure, what is told is not."""
    generator = np.random.default_rng(17)
    covered, too_sure = 0, 0
    repetitions = 120
    for _ in range(repetitions):
        arms = []
        for name, mean in (("a", 0.5), ("b", 0.6)):
            seeds = np.clip(mean + generator.normal(0, 0.04, 3), 0, 1)
            arms.append(
                [
                    series(f"{name}{seed}", [drawn_evaluation(9, generator.random(PROBLEMS) < chance)], seed)
                    for seed, chance in enumerate(seeds)
                ]
            )
        claim = difference_of(arms)
        covered += claim.low <= 0.1 <= claim.high
        single = difference_of([arms[0][:1], arms[1][:1]])
        too_sure += not single.low <= 0.1 <= single.high
    assert covered / repetitions >= 0.935
    assert too_sure / repetitions > 0.1


def test_a_real_difference_is_found() -> None:
    generator = np.random.default_rng(23)
    found = 0
    for _ in range(100):
        arms = [
            [series(name, [drawn_evaluation(9, generator.random(512) < chance)])]
            for name, chance in (("a", 0.4), ("b", 0.55))
        ]
        found += difference_of(arms).better == "second"
    assert found >= 95


def test_arms_are_recipes(tmp_path: Path) -> None:
    arms = arms_of([series("a0", []), series("b0", []), series("a1", [], seed=1), series("a2", [], seed=2)])
    assert [arm.name for arm in arms] == ["a0 + a1 + 1 more", "b0"]
    assert isinstance(arms[0], Arm)
