"""Importance weights for the difference between the sampler μ and the learner π_old: numerics and staleness.

Each returns a weight for the loss of every token, float32 [N], detached. With w = π_old / μ:
"""

import torch
from torch import Tensor

from rlvr.algorithms.tokens import Tokens


def none(tokens: Tokens, floor: float, cap: float) -> Tensor:
    """1: the samples count as the learner's own."""
    return torch.ones_like(tokens.old)


def truncated(tokens: Tokens, floor: float, cap: float) -> Tensor:
    """min(w, cap): truncated importance sampling, as in Olmo 3 (arXiv 2512.13961) with a cap of 2."""
    return _log_ratio(tokens).exp().clamp(max=cap)


def icepop(tokens: Tokens, floor: float, cap: float) -> Tensor:
    """w where floor ≤ w ≤ cap, else 0: tokens that the two disagree on leave the loss (arXiv 2510.18855)."""
    ratio = _log_ratio(tokens).exp()
    return torch.where((ratio >= floor) & (ratio <= cap), ratio, 0.0)


def sequence_mask(tokens: Tokens, floor: float, cap: float) -> Tensor:
    """w in samples whose geometric mean of w lies in [floor, cap], else 0."""
    mean = tokens.sample_mean(_log_ratio(tokens)).exp()
    return torch.where((mean >= floor) & (mean <= cap), _log_ratio(tokens).exp(), 0.0)


def _log_ratio(tokens: Tokens) -> Tensor:
    return (tokens.old - tokens.behaviour).detach()
