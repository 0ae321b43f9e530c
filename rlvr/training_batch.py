"""What the learner gets for one training step: packed rows, the same number for every rank."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from base_training.packing import PackedRow
from rollouts.ledger import BatchFates


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One packed row, one micro-batch: N response tokens and what the loss needs of each.

    Attributes:
        packed: Tokens, positions and the tree structure.
        advantages: That of each token's sample, float32 [N].
        behaviour: Log-probs μ at sampling, float32 [N], in nats.
        weights: Share of each token in the loss of its mini-batch, float32 [N]; 0 leaves it out.
        sample: Number of each token's sample within the row, int64 [N], from 0.
    """

    packed: PackedRow
    advantages: np.ndarray
    behaviour: np.ndarray
    weights: np.ndarray
    sample: np.ndarray


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """One step's rows, and what became of its samples.

    Attributes:
        mini_batches: For each optimizer step of a pass, for each rank, its rows; in one mini-batch all ranks have
            equally many. The weights of a mini-batch are normalised over all its ranks. None are empty; there are
            no mini-batches at all where nothing has a gradient.
        fates: Adds up to the samples of the groups.
        advantages: By group id and sample index, of every sample that has one.
        metrics: Of the batch, by name as in metrics.jsonl.
    """

    mini_batches: tuple[tuple[tuple[TrainingRow, ...], ...], ...]
    fates: BatchFates
    advantages: Mapping[tuple[int, int], float]
    metrics: Mapping[str, float]

    @property
    def forwarded_tokens(self) -> int:
        """Tokens, prompts included, that one pass of the learner computes."""
        return sum(row.packed.tokens for mini in self.mini_batches for rank in mini for row in rank)

    def for_rank(self, rank: int) -> tuple[tuple[TrainingRow, ...], ...]:
        """The rows of one rank, by mini-batch."""
        return tuple(mini[rank] for mini in self.mini_batches)
