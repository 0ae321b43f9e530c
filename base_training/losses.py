"""Losses of base training."""

from typing import NamedTuple

import torch.nn.functional as functional
from torch import Tensor


class NextTokenLoss(NamedTuple):
    """Sums over the predicted tokens, in nats; divide by ``tokens``, over all ranks, for means.

    ``loss`` is what to differentiate: ``cross_entropy`` plus the weighted z-loss.
    """

    loss: Tensor
    cross_entropy: Tensor
    tokens: int


def next_token_loss(logits: Tensor, input_ids: Tensor, z_loss: float = 0.0) -> NextTokenLoss:
    """Cross-entropy of every token given those before it, with z-loss.

    z-loss is ``z_loss × log² Z`` with Z the softmax's normaliser; it keeps logits small (PaLM, arXiv 2204.02311,
    § 5; Olmo 3 uses 1e-5).

    Args:
        logits: [B, L, V]; those of the last place are not used.
        input_ids: int64 [B, L].
        z_loss: Weight of the z-loss.
    """
    scores = logits[:, :-1].flatten(0, 1).float()
    targets = input_ids[:, 1:].flatten()
    cross_entropy = functional.cross_entropy(scores, targets, reduction="sum")
    loss = cross_entropy
    if z_loss:
        loss = loss + z_loss * scores.logsumexp(-1).square().sum()
    return NextTokenLoss(loss, cross_entropy.detach(), targets.numel())
