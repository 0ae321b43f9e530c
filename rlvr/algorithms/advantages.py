"""Advantage estimators: scores of the valid samples of one group, float64 [n], to advantages, float64 [n]."""

import numpy as np


def group_mean(scores: np.ndarray) -> np.ndarray:
    """Score minus the group's mean, as in Dr. GRPO (arXiv 2503.20783, eq. 3) and Olmo 3 (arXiv 2512.13961)."""
    return scores - scores.mean()


def grpo(scores: np.ndarray) -> np.ndarray:
    """Score minus mean, over the group's standard deviation (DeepSeekMath, arXiv 2402.03300, § 4.1.2).

    A group whose scores are all equal gets zeros.
    """
    centred = scores - scores.mean()
    deviation = scores.std()
    return centred / deviation if deviation > 0 else np.zeros_like(centred)


def rloo(scores: np.ndarray) -> np.ndarray:
    """Score minus the mean of the *other* samples (REINFORCE leave-one-out, arXiv 2402.14740, eq. 9).

    A sample that is alone in its group gets 0.
    """
    count = len(scores)
    return group_mean(scores) * (count / (count - 1)) if count > 1 else np.zeros_like(scores)


def score(scores: np.ndarray) -> np.ndarray:
    """The score itself, without a baseline (REINFORCE)."""
    return scores.copy()
