"""The loss of one packed row, and the sums over its tokens that a step reports.

loss = Σ weight × (importance weight × policy loss + β × KL to the reference)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from base_training.models.packed_forward import branch_logprobs
from rlvr.algorithms import algorithm as find
from rlvr.algorithms.losses import TokenLoss, k3
from rlvr.algorithms.tokens import Tokens
from rlvr.config import AlgorithmSection
from rlvr.training_batch import TrainingRow


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """A row, and log-probs of its tokens under other weights, float32 [N] in nats.

    Attributes:
        row: The row.
        old: Under the weights before the batch's first optimizer step; None where these are the present ones.
        reference: Under the starting model; None where there is no KL term.
    """

    row: TrainingRow
    old: Tensor | None = None
    reference: Tensor | None = None


class PolicyLoss:
    """The recipe's algorithm as a function of model and micro-batch."""

    def __init__(self, section: AlgorithmSection, temperature: float) -> None:
        """
        Args:
            section: Names loss and importance correction, with their bounds.
            temperature: That of sampling.

        Raises:
            InputError: A function that does not exist.
        """
        self._section = section
        self._temperature = temperature
        self._loss: Callable[[Tokens, float, float], TokenLoss] = find("loss", section.loss)
        self._importance: Callable[[Tokens, float, float], Tensor] = find("importance", section.importance)

    def __call__(self, model: nn.Module, batch: MicroBatch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The scalar loss, and sums over the tokens in the loss (names ending in ``_max``: the largest)."""
        logprobs, entropy = branch_logprobs(model, batch.row.packed, self._temperature)
        device = logprobs.device
        weights = _on(device, batch.row.weights)
        mask = weights > 0
        tokens = Tokens(
            logprobs=logprobs,
            old=logprobs.detach() if batch.old is None else batch.old,
            behaviour=_on(device, batch.row.behaviour),
            advantages=_on(device, batch.row.advantages),
            sample=_on(device, batch.row.sample),
            mask=mask,
        )
        policy, clipped = self._loss(tokens, self._section.clip_low, self._section.clip_high)
        importance = self._importance(tokens, self._section.importance_floor, self._section.importance_cap)
        per_token = importance * policy
        numbers = self._numbers(tokens, entropy, clipped, importance)
        if batch.reference is not None:
            divergence = k3(logprobs, batch.reference)
            per_token = per_token + self._section.kl_coefficient * divergence
            numbers["kl_reference"] = divergence.detach()[mask].sum()
        return (weights * torch.where(mask, per_token, 0.0)).sum(), numbers

    def logprobs(self, model: nn.Module, row: TrainingRow) -> Tensor:
        """Log-probs of a row's tokens, float32 [N]."""
        return branch_logprobs(model, row.packed, self._temperature).logprobs

    def _numbers(self, tokens: Tokens, entropy: Tensor, clipped: Tensor, importance: Tensor) -> dict[str, Tensor]:
        mask = tokens.mask
        ratio = (tokens.old - tokens.behaviour)[mask].exp()
        weights = importance[mask]
        return {
            "tokens": mask.sum(),
            "entropy": entropy[mask].sum(),
            "clip_share": clipped[mask].sum(),
            "ratio": (tokens.logprobs - tokens.old).detach()[mask].exp().sum(),
            "importance": weights.sum(),
            "importance_max": ratio.max() if len(ratio) else ratio.new_zeros(()),
            "importance_changed_share": (weights != ratio).sum(),
            "kl_behaviour": k3(tokens.behaviour, tokens.old)[mask].sum(),
        }


def _on(device: torch.device, array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).to(device)
