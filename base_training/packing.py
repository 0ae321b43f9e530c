"""Packed rows whose sequences may share a prefix.

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


@dataclass(frozen=True, slots=True)
class PackedRow:
    """One row of L tokens that predicts N branch tokens, in the order of trees and branches.

    The last token of a branch is a target only: nothing is predicted from it, so it takes no place in the row.

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

    @property
    def tokens(self) -> int:
        """Tokens that are not padding."""
        return int(np.count_nonzero(self.tree >= 0))


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a tree that goes into one row: its prompt and some of its branches.

    Attributes:
        tree: Index of the tree among those that were packed.
        branches: Indices of the branches within that tree, ascending.
        tokens: Places that prompt and branches take in a row.
    """

    tree: int
    branches: tuple[int, ...]
    tokens: int


def pack_row(trees: Sequence[Tree], pad_to: int | None = None) -> PackedRow:
    """Lay trees one after another.

    No trees and ``pad_to=1`` make the empty row, which runs through a model and contributes nothing.

    Raises:
        ValueError: An empty prompt or branch, an empty row, or more tokens than ``pad_to``.
    """
    pieces: list[np.ndarray] = []
    positions: list[np.ndarray] = []
    tree_ids: list[np.ndarray] = []
    branch_ids: list[np.ndarray] = []
    predict_from: list[np.ndarray] = []
    place = branch_number = 0

    def lay(tokens: np.ndarray, first_position: int, tree: int, branch: int) -> None:
        nonlocal place
        pieces.append(tokens)
        positions.append(np.arange(first_position, first_position + len(tokens)))
        tree_ids.append(np.full(len(tokens), tree))
        branch_ids.append(np.full(len(tokens), branch))
        place += len(tokens)

    for number, tree in enumerate(trees):
        if len(tree.prompt) == 0 or any(len(branch) == 0 for branch in tree.branches):
            raise ValueError(f"tree {number} of a packed row has an empty prompt or branch")
        lay(tree.prompt, 0, number, -1)
        prompt_end = place - 1
        for branch in tree.branches:
            predict_from.append(np.array([prompt_end, *range(place, place + len(branch) - 1)]))
            lay(branch[:-1], len(tree.prompt), number, branch_number)
            branch_number += 1

    length = place if pad_to is None else pad_to
    if length == 0 or place > length:
        raise ValueError(f"a packed row of {place} tokens does not fit {length} places")
    if length > place:
        lay(np.zeros(length - place, dtype=np.int64), 0, -1, -1)

    branches = [branch for tree in trees for branch in tree.branches]
    return PackedRow(
        input_ids=_join(pieces, np.int64),
        position_ids=_join(positions, np.int64),
        tree=_join(tree_ids, np.int32),
        branch=_join(branch_ids, np.int32),
        predict_from=_join(predict_from, np.int64),
        targets=_join(branches, np.int64),
    )


def pack_trees(trees: Sequence[Tree], row_tokens: int) -> list[list[Piece]]:
    """Share trees out over rows of at most ``row_tokens`` tokens, by best-fit decreasing.

    A tree that is longer than a row is split by branches, its prompt repeated; a branch that is too long even
    alone gets a row of its own. Every branch appears exactly once; trees without branches are left out. The
    same input gives the same rows.
    """
    pieces = [piece for index, tree in enumerate(trees) for piece in split_tree(index, tree, row_tokens)]
    rows: list[list[Piece]] = []
    room: list[int] = []
    for piece in sorted(pieces, key=lambda p: (-p.tokens, p.tree, p.branches)):
        fitting = [row for row in range(len(rows)) if room[row] >= piece.tokens]
        if fitting:
            row = min(fitting, key=lambda r: room[r])
            rows[row].append(piece)
            room[row] -= piece.tokens
        else:
            rows.append([piece])
            room.append(row_tokens - piece.tokens)
    return rows


def split_tree(index: int, tree: Tree, row_tokens: int) -> list[Piece]:
    """Cut one tree into pieces of at most ``row_tokens`` tokens, first-fit over its branches by length."""
    prompt = len(tree.prompt)
    shares: list[list[int]] = []
    sizes: list[int] = []
    for branch in sorted(range(len(tree.branches)), key=lambda b: (-len(tree.branches[b]), b)):
        length = len(tree.branches[branch]) - 1
        share = next((s for s, size in enumerate(sizes) if size + length <= row_tokens), None)
        if share is None:
            shares.append([branch])
            sizes.append(prompt + length)
        else:
            shares[share].append(branch)
            sizes[share] += length
    return [Piece(index, tuple(sorted(share)), size) for share, size in zip(shares, sizes, strict=True)]


def _join(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype=dtype)
