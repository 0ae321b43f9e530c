"""What an evaluation says of each of its problems, as one number that can be paired with another checkpoint's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rlvr.evaluation.record import Evaluation
from rlvr.evaluation.statistics import Interval, bootstrap_mean_interval, wilson_interval

LOWER_IS_BETTER = frozenset({"bits_per_byte"})
NOT_OF_CORRECTNESS = frozenset({"score", "bits_per_byte"})

_BAND_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Measured:
    """An evaluation and its outcomes.

    Attributes:
        evaluation: As it was recorded.
        outcomes: By problem, in the order of the evaluation; problems without a valid verdict are not in it.
        answers: Most answers that any problem has a valid verdict of.
    """

    evaluation: Evaluation
    outcomes: Mapping[str, float]
    answers: int


def measured(evaluation: Evaluation) -> Measured:
    """The outcomes of an evaluation: the share of right answers to each problem, or their mean score."""
    share = is_share(evaluation.metric)
    by_problem: dict[str, list[float]] = {}
    for answer in evaluation.answers:
        outcome = answer.correct if share else answer.score
        if outcome is not None:
            by_problem.setdefault(answer.problem, []).append(float(outcome))
    means = {problem: sum(values) / len(values) for problem, values in by_problem.items()}
    return Measured(evaluation, means, max(map(len, by_problem.values()), default=0))


def is_share(metric: str) -> bool:
    """Whether the measure is a share of right answers, told in percent and points."""
    return metric not in NOT_OF_CORRECTNESS


def lower_is_better(metric: str) -> bool:
    """Whether a smaller number is the better one."""
    return metric in LOWER_IS_BETTER


def mean_interval(outcomes: Sequence[float]) -> Interval:
    """95% interval of the mean of independent outcomes: Wilson's for right and wrong, a bootstrap for others."""
    values = np.asarray(outcomes, dtype=np.float64)
    if np.isin(values, (0.0, 1.0)).all():
        return wilson_interval(int(values.sum()), len(values))
    return bootstrap_mean_interval(values, range(len(values)), resamples=_BAND_RESAMPLES)
