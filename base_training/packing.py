"""Packed rows whose sequences may share a prefix, and the attention masks that keep them apart.

A row holds several trees one after another. A tree is a shared prompt followed by branches; a token sees the
prompt and the earlier tokens of its own branch, and nothing else. Positions restart with every tree, and every
branch goes on from the end of its prompt, so a packed row gives each branch the same log-probs as the plain
sequence ``prompt + branch`` would.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Tree:
    """A prompt and the responses that continue it.

    Attributes:
        prompt: Token ids, int32 of shape [P], P ≥ 1.
        branches: Token ids of each response, int32 of shape [T_i], T_i ≥ 1.
    """

    prompt: np.ndarray
    branches: tuple[np.ndarray, ...]

    @property
    def tokens(self) -> int:
        return len(self.prompt) + sum(len(b) for b in self.branches)


@dataclass(frozen=True, slots=True)
class PackedRow:
    """One row of L tokens; N of them are branch tokens, in the order of trees and branches.

    Attributes:
        input_ids: int64 of shape [L].
        position_ids: int64 of shape [L].
        tree: Number of the tree of each token, int32 of shape [L]; -1 is padding.
        branch: Number of its branch within the row, int32 of shape [L]; -1 is a prompt.
        predict_from: For each branch token the place in the row whose logits predict it, int64 of shape [N].
        targets: The branch tokens, int64 of shape [N].
    """

    input_ids: np.ndarray
    position_ids: np.ndarray
    tree: np.ndarray
    branch: np.ndarray
    predict_from: np.ndarray
    targets: np.ndarray


def pack_row(trees: Sequence[Tree], pad_to: int | None = None) -> PackedRow:
    """Lay trees one after another.

    Raises:
        ValueError: An empty prompt or branch, or more tokens than ``pad_to``.
    """
    raise NotImplementedError
