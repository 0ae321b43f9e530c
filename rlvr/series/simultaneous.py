"""Intervals for many differences that hold all together, with the chance that one interval has alone.

The problems are resampled, every difference over the same resamples, so that what the differences have in common
is kept. The intervals are balanced: each difference is as likely to be missed as any other (Beran 1988, "Balanced
simultaneous confidence sets", JASA 83). Where few problems changed, a bootstrap of them alone is too sure of
itself: as Bonett & Price (2012, J. Educ. Behav. Stat. 37) do for pairs of proportions, two imaginary problems are
added, one of whose answers changed for the better and one for the worse.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from rlvr.evaluation.statistics import Interval, resampled_sums, student_quantile

RESAMPLES = 20_000


@dataclass(frozen=True, slots=True)
class Contrast:
    """One difference to give an interval of.

    Attributes:
        problems: Names the set of problems; contrasts over one set are resampled together.
        differences: Of every problem, second minus first, float64 of shape [problems].
        span: How far an imaginary problem changes: as one answer changes a share of right ones, so by 1 where
            problems have one answer.
        seed_error: Standard error that training seeds add; 0 where nothing is known of it.
        seed_degrees: Degrees of freedom that ``seed_error`` was estimated with.
    """

    problems: Hashable
    differences: np.ndarray
    span: float = 1.0
    seed_error: float = 0.0
    seed_degrees: int = 0

    @property
    def estimate(self) -> float:
        """The mean difference."""
        return float(self.differences.mean())


def simultaneous_intervals(
    contrasts: Sequence[Contrast], confidence: float = 0.95, seed: int = 0, resamples: int = RESAMPLES
) -> list[Interval]:
    """Intervals that hold all together with the given confidence, in the order of the contrasts.

    What training seeds add stands beside what the problems say: variances add up, and the interval is widened as
    Student's t with the degrees of freedom of the sum is (Satterthwaite 1946, Biometrics Bulletin 2), at the
    confidence of a single interval. Two seeds that agree as well as the problems can tell widen it little, two
    that disagree by far.

    Args:
        contrasts: Of one family.
        confidence: Such as 0.95.
        seed: Of the resampling.
        resamples: How many.
    """
    if not contrasts:
        return []
    deviations = np.abs(_deviations(contrasts, seed, resamples))
    widths = _balanced_quantiles(deviations, confidence)
    return [_interval(contrast, width, confidence) for contrast, width in zip(contrasts, widths, strict=True)]


def pointwise_intervals(
    contrasts: Sequence[Contrast], confidence: float = 0.95, seed: int = 0, resamples: int = RESAMPLES
) -> list[Interval]:
    """The same without a correction: each holds with the given confidence alone."""
    if not contrasts:
        return []
    ordered = np.sort(np.abs(_deviations(contrasts, seed, resamples)), axis=0)
    widths = ordered[_place(confidence, resamples)]
    return [_interval(contrast, width, confidence) for contrast, width in zip(contrasts, widths, strict=True)]


def _interval(contrast: Contrast, width: float, confidence: float) -> Interval:
    half = float(width) * _seed_factor(contrast, confidence)
    return contrast.estimate - half, contrast.estimate + half


def _seed_factor(contrast: Contrast, confidence: float) -> float:
    """How much wider seeds make what the problems say."""
    if not contrast.seed_error:
        return 1.0
    problems = float(_with_imaginary_problems(contrast).var()) / len(contrast.differences)
    seeds = contrast.seed_error**2
    degrees = contrast.seed_degrees * ((problems + seeds) / seeds) ** 2
    widening = student_quantile(confidence, degrees) / NormalDist().inv_cdf((1 + confidence) / 2)
    return widening * math.sqrt((problems + seeds) / problems)


def _deviations(contrasts: Sequence[Contrast], seed: int, resamples: int) -> np.ndarray:
    """What resampling does to every mean difference, float64 of shape [resamples, contrasts]."""
    sets: dict[Hashable, list[int]] = {}
    for place, contrast in enumerate(contrasts):
        sets.setdefault((contrast.problems, len(contrast.differences)), []).append(place)
    deviations = np.empty((resamples, len(contrasts)))
    for number, places in enumerate(sets.values()):
        columns = np.column_stack([_with_imaginary_problems(contrasts[place]) for place in places])
        sums = resampled_sums(columns, (seed, number), resamples) - columns.sum(axis=0)
        # Rounded, so that the order of additions does not decide between equals.
        deviations[:, places] = np.round(sums / (len(columns) - 2), 12)
    return deviations


def _with_imaginary_problems(contrast: Contrast) -> np.ndarray:
    return np.concatenate([contrast.differences, [contrast.span, -contrast.span]])


def _balanced_quantiles(deviations: np.ndarray, confidence: float) -> np.ndarray:
    """For every column the same quantile, so high that a row exceeds none of them with the given confidence."""
    order = deviations.argsort(axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(len(order))[:, None], axis=0)
    place = np.sort(ranks.max(axis=1))[_place(confidence, len(order))]
    quantiles: np.ndarray = np.take_along_axis(deviations, order[place][None], axis=0)[0]
    return quantiles


def _place(confidence: float, count: int) -> int:
    return math.ceil(confidence * count) - 1
