"""Intervals against published values, and how often they hold the truth."""

import math

import numpy as np
import pytest

from rlvr.evaluation.statistics import (
    bootstrap_mean_interval,
    paired_bootstrap_difference,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_in_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_at_the_ends() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(20, 20) == pytest.approx((1 - 0.1611, 1.0), abs=5e-5)
    with pytest.raises(ValueError, match="3 successes of 2 trials"):
        wilson_interval(3, 2)


@pytest.mark.parametrize("share", [0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9])
def test_wilson_holds_the_truth_in_about_95_of_100(share: float) -> None:
    n = 256
    coverage = sum(
        math.comb(n, k) * share**k * (1 - share) ** (n - k)
        for k in range(n + 1)
        if wilson_interval(k, n)[0] <= share <= wilson_interval(k, n)[1]
    )
    assert coverage == pytest.approx(0.95, abs=0.015)


def test_a_constant_difference_is_certain() -> None:
    before = np.linspace(0, 0.5, 30)
    assert paired_bootstrap_difference(before, before + 0.25) == pytest.approx((0.25, 0.25, 0.25))


def test_pairing_agrees_with_the_normal_approximation() -> None:
    generator = np.random.default_rng(1)
    before, after = generator.random(2000) < 0.4, generator.random(2000) < 0.5
    difference, low, high = paired_bootstrap_difference(before, after)
    differences = after.astype(float) - before.astype(float)
    half = 1.96 * differences.std() / math.sqrt(2000)
    assert difference == pytest.approx(differences.mean())
    assert (low, high) == pytest.approx((difference - half, difference + half), abs=2e-3)


def test_several_samples_of_a_problem_count_as_one() -> None:
    before, after = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 1.0])
    repeated = paired_bootstrap_difference(
        np.repeat(before[:, None], 8, axis=1), np.repeat(after[:, None], 3, axis=1)
    )
    assert repeated == paired_bootstrap_difference(before, after)


def test_the_seed_decides_the_resampling() -> None:
    before, after = np.arange(50) % 2, np.arange(50) % 3 > 0
    assert paired_bootstrap_difference(before, after, seed=3) == paired_bootstrap_difference(before, after, seed=3)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.85])
def test_paired_intervals_hold_the_truth_in_about_95_of_100(share: float) -> None:
    generator = np.random.default_rng([7, int(100 * share)])
    held = 0
    for _ in range(2000):
        chances = share + generator.uniform(-0.1, 0.1, 256)
        before = generator.random(256) < chances
        after = generator.random((256, 4)) < (chances + 0.05)[:, None]
        _, low, high = paired_bootstrap_difference(before, after, resamples=1000)
        held += low <= 0.05 <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


def test_clusters_widen_the_interval_of_a_mean() -> None:
    generator = np.random.default_rng(2)
    outcomes = np.repeat(generator.random(100) < 0.5, 4)
    low, high = bootstrap_mean_interval(outcomes, clusters=np.repeat(np.arange(100), 4).tolist())
    naive_low, naive_high = bootstrap_mean_interval(outcomes, clusters=range(400))
    assert low < outcomes.mean() < high
    assert (high - low) / (naive_high - naive_low) == pytest.approx(2.0, abs=0.15)


@pytest.mark.parametrize(("a", "b"), [(1, 9), (1, 1), (9, 1)])
def test_clustered_intervals_hold_the_truth_in_about_95_of_100(a: int, b: int) -> None:
    """Chances of problems are of a beta distribution, whose mean is a / (a + b)."""
    generator = np.random.default_rng([5, a])
    problems = np.repeat(np.arange(256), 3).tolist()
    held = 0
    for _ in range(2000):
        outcomes = generator.random((256, 3)) < generator.beta(a, b, 256)[:, None]
        low, high = bootstrap_mean_interval(outcomes.ravel(), problems, resamples=1000)
        held += low <= a / (a + b) <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(("outcome", "interval"), [(0.0, (0.0, 0.1611)), (1.0, (0.8389, 1.0))])
def test_all_alike_is_no_certainty(outcome: float, interval: tuple[float, float]) -> None:
    outcomes = np.full(60, outcome)
    assert bootstrap_mean_interval(outcomes, [i // 3 for i in range(60)]) == pytest.approx(interval, abs=5e-5)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="before must be finite numbers"):
        paired_bootstrap_difference([0.0, math.nan], [1.0, 1.0])
    with pytest.raises(ValueError, match="after must be finite numbers, at least one"):
        paired_bootstrap_difference([0.0], [])
    with pytest.raises(ValueError, match="2 problems before, 3 after"):
        paired_bootstrap_difference([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="2 values in 3 clusters"):
        bootstrap_mean_interval([0, 1], ["a", "b", "c"])
