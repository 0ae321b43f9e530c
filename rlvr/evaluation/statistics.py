"""Intervals for accuracies and for differences between them.

Answers to the same problem are not independent: where a problem has several, whole problems are resampled.
"""

import math
from collections.abc import Hashable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

Interval = tuple[float, float]

RESAMPLES = 10_000
_AT_ONCE = 500


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion (Wilson 1927; no continuity correction).

    Args:
        successes: Of ``n`` independent trials.
        n: Trials; of none the interval is (0, 1).
        confidence: Such as 0.95.

    Raises:
        ValueError: Successes that are not between 0 and n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} trials")
    if n == 0:
        return 0.0, 1.0
    z = _normal_quantile(confidence)
    share = successes / n
    centre = share + z**2 / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = ((centre + side * spread) / (1 + z**2 / n) for side in (-1, 1))
    return (0.0 if successes == 0 else low), (1.0 if successes == n else high)


def bootstrap_mean_interval(
    values: ArrayLike,
    clusters: Sequence[Hashable],
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval:
    """Percentile bootstrap interval of a mean of outcomes that come in clusters.

    Where every outcome is 0, or every one 1, resampling shows no spread; Wilson's interval for as many trials as
    there are clusters stands in for it.

    Args:
        values: Finite numbers of shape [n].
        clusters: Which cluster each belongs to, such as its problem's id; whole clusters are resampled.
        confidence: Such as 0.95.
        seed: Of the resampling.
        resamples: How many.

    Raises:
        ValueError: No values, a number that is not finite, or another number of clusters than of values.
    """
    numbers = _finite(values, "values")
    if len(numbers) != len(clusters):
        raise ValueError(f"{len(numbers)} values in {len(clusters)} clusters")
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(clusters))}
    where = [places[cluster] for cluster in clusters]
    if numbers.min() == numbers.max() and numbers[0] in (0.0, 1.0):
        return wilson_interval(int(numbers[0]) * len(places), len(places), confidence)
    sums, sizes = np.bincount(where, weights=numbers), np.bincount(where)
    return _percentiles(_resampled_means(sums, sizes, seed, resamples), confidence)


def paired_bootstrap_difference(
    before: ArrayLike,
    after: ArrayLike,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[float, float, float]:
    """The mean difference over the same problems with its percentile bootstrap interval.

    Args:
        before: Outcomes of shape [problems] or [problems, samples].
        after: Outcomes of the same problems in the same order; the number of samples may differ.
        confidence: Such as 0.95.
        seed: Of the resampling.
        resamples: How many.

    Returns:
        The mean of after − before, and its interval's ends.

    Raises:
        ValueError: Other problems on the two sides, none at all, or a number that is not finite.
    """
    first, second = (_by_problem(_finite(side, name)) for side, name in ((before, "before"), (after, "after")))
    if len(first) != len(second):
        raise ValueError(f"{len(first)} problems before, {len(second)} after; they must be the same ones")
    differences = second - first
    low, high = _percentiles(_resampled_means(differences, np.ones(len(first)), seed, resamples), confidence)
    return float(differences.mean()), low, high


def student_quantile(confidence: float, degrees: float) -> float:
    """Where the middle ``confidence`` of Student's t distribution ends.

    With t = √ν tan θ its density is proportional to cos(θ)^(ν − 1), which is summed here.

    Args:
        confidence: Such as 0.95, which gives 12.706 for one degree of freedom.
        degrees: Of freedom, at least 1; need not be whole.
    """
    angles = np.linspace(0.0, math.pi / 2, 100_001)
    density = np.cos(angles) ** (degrees - 1)
    mass = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return math.sqrt(degrees) * math.tan(float(np.interp(confidence, mass / mass[-1], angles)))


def resampled_sums(values: np.ndarray, seed: int | tuple[int, ...], resamples: int) -> np.ndarray:
    """Sums over bootstrap resamples of the rows; all columns are resampled alike, so that they stay paired.

    Args:
        values: float64 of shape [n, m].
        seed: Of the resampling; with the same n it draws the same rows.
        resamples: How many.

    Returns:
        float64 of shape [resamples, m].
    """
    counts = _resampling_counts(len(values), seed, resamples)
    chunks = (counts[start : start + _AT_ONCE] for start in range(0, resamples, _AT_ONCE))
    return np.concatenate([chunk.astype(np.float64) @ values for chunk in chunks])


@lru_cache(maxsize=2)
def _resampling_counts(n: int, seed: int | tuple[int, ...], resamples: int) -> np.ndarray:
    """How often each of ``n`` rows is drawn, uint8 of shape [resamples, n]; every resample draws n of them."""
    generator = np.random.default_rng(seed)
    counts = np.empty((resamples, n), dtype=np.uint8)
    for start in range(0, resamples, _AT_ONCE):
        rows = min(_AT_ONCE, resamples - start)
        places = generator.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        counts[start : start + rows] = np.bincount(places.ravel(), minlength=rows * n).reshape(rows, n)
    return counts


def _by_problem(outcomes: np.ndarray) -> np.ndarray:
    return outcomes.mean(axis=tuple(range(1, outcomes.ndim)))


def _finite(values: ArrayLike, name: str) -> np.ndarray:
    numbers = np.asarray(values, dtype=np.float64)
    if not numbers.size or not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite numbers, at least one; leave invalid verdicts out")
    return numbers


def _resampled_means(sums: np.ndarray, sizes: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Means of ``resamples`` draws of whole clusters with replacement, float64 of shape [resamples]."""
    drawn = resampled_sums(np.column_stack([sums, sizes]), seed, resamples)
    means: np.ndarray = drawn[:, 0] / drawn[:, 1]
    return means


def _percentiles(means: np.ndarray, confidence: float) -> Interval:
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _normal_quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
