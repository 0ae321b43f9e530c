"""Weights that turn a batch's token losses into one number, the sum of weight × loss.

Each function takes the number of loss tokens of every sample of the batch, int64 [samples], over all ranks, and
the token limit of a response; it returns the weight of each token of each sample, float64 [samples].
"""

import numpy as np


def token(loss_tokens: np.ndarray, max_tokens: int) -> np.ndarray:
    """Every token weighs the same: the mean over all loss tokens (DAPO, arXiv 2503.14476; Olmo 3)."""
    return np.full(len(loss_tokens), 1 / max(1, int(loss_tokens.sum())))


def sequence(loss_tokens: np.ndarray, max_tokens: int) -> np.ndarray:
    """Every sample weighs the same: the mean over samples of their means (GRPO, arXiv 2402.03300, eq. 3)."""
    lengths: np.ndarray = np.maximum(loss_tokens, 1)
    return 1 / (lengths * _samples(loss_tokens))


def constant(loss_tokens: np.ndarray, max_tokens: int) -> np.ndarray:
    """Sums by a constant, samples × token limit: unbiased in length (Dr. GRPO, arXiv 2503.20783)."""
    return np.full(len(loss_tokens), 1 / (_samples(loss_tokens) * max_tokens))


def _samples(loss_tokens: np.ndarray) -> int:
    """Samples that have any loss token, at least 1."""
    return max(1, int(np.count_nonzero(loss_tokens)))
