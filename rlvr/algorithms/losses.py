"""Policy losses: the loss of every token of a packed row, with r = π / π_old and advantage A.

Bounds are given as distances: r is clipped to [1 − low, 1 + high].
"""

from typing import NamedTuple

import torch
from torch import Tensor

from rlvr.algorithms.tokens import Tokens


class TokenLoss(NamedTuple):
    """Loss of every token, float32 [N], and where its ratio was clipped, bool [N]."""

    loss: Tensor
    clipped: Tensor


def clip(tokens: Tokens, low: float, high: float) -> TokenLoss:
    """−min(r A, clip(r) A): PPO (arXiv 1707.06347, eq. 7), with DAPO's clip-higher (arXiv 2503.14476)."""
    return _clipped((tokens.logprobs - tokens.old).exp(), tokens.advantages, low, high)


def gspo(tokens: Tokens, low: float, high: float) -> TokenLoss:
    """As ``clip``, where r of every token is the geometric mean over its sample (GSPO, arXiv 2507.18071).

    Its bounds are much narrower: the paper's are 3e-4 and 4e-4.
    """
    ratio = tokens.sample_mean(tokens.logprobs - tokens.old).exp()
    return _clipped(ratio, tokens.advantages, low, high)


def cispo(tokens: Tokens, low: float, high: float) -> TokenLoss:
    """−stop(min(r, 1 + high)) A log π: the weight is clipped, no token loses its gradient (arXiv 2506.13585)."""
    ratio = (tokens.logprobs - tokens.old).exp().detach()
    return TokenLoss(-ratio.clamp(max=1 + high) * tokens.advantages * tokens.logprobs, ratio > 1 + high)


def policy_gradient(tokens: Tokens, low: float, high: float) -> TokenLoss:
    """−r A, never clipped: at a batch's first optimizer step the plain policy gradient."""
    ratio = (tokens.logprobs - tokens.old).exp()
    return TokenLoss(-ratio * tokens.advantages, torch.zeros_like(tokens.mask))


def k3(logprobs: Tensor, reference: Tensor) -> Tensor:
    """KL(π ‖ π_ref) of every token as e^d − d − 1 with d = log π_ref − log π, float32 [N]; never negative.

    Schulman, "Approximating KL divergence" (2020), as in GRPO (arXiv 2402.03300, eq. 4).
    """
    difference = reference - logprobs
    return difference.exp() - difference - 1


def _clipped(ratio: Tensor, advantages: Tensor, low: float, high: float) -> TokenLoss:
    free = ratio * advantages
    bounded = ratio.clamp(1 - low, 1 + high) * advantages
    return TokenLoss(-torch.minimum(free, bounded), bounded < free)
