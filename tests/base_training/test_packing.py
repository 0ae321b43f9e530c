"""Rows hold every branch once, with its prompt before it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from base_training.packing import Tree, pack_row, pack_trees


def tree(prompt: list[int], *branches: list[int]) -> Tree:
    return Tree(np.array(prompt, np.int32), tuple(np.array(b, np.int32) for b in branches))


def test_row_of_two_trees_lays_prompts_and_branches_in_order() -> None:
    row = pack_row([tree([1, 2], [3, 4, 5], [6]), tree([7], [8, 9])], pad_to=8)

    assert row.input_ids.tolist() == [1, 2, 3, 4, 7, 8, 0, 0]
    assert row.position_ids.tolist() == [0, 1, 2, 3, 0, 1, 0, 1]
    assert row.tree.tolist() == [0, 0, 0, 0, 1, 1, -1, -1]
    assert row.branch.tolist() == [-1, -1, 0, 0, -1, 2, -1, -1]
    assert row.predict_from.tolist() == [1, 2, 3, 1, 4, 5]
    assert row.targets.tolist() == [3, 4, 5, 6, 8, 9]
    assert row.tokens == 6


def test_the_empty_row_has_one_place_and_no_targets() -> None:
    row = pack_row([], pad_to=1)

    assert row.tree.tolist() == [-1]
    assert len(row.targets) == len(row.predict_from) == 0


@pytest.mark.parametrize(
    ("trees", "pad_to"),
    [([tree([], [1])], None), ([tree([1], [])], None), ([tree([1, 2], [3, 4])], 2), ([], None)],
    ids=["empty prompt", "empty branch", "too long", "empty row"],
)
def test_what_cannot_be_laid_is_refused(trees: list[Tree], pad_to: int | None) -> None:
    with pytest.raises(ValueError, match=r"packed row"):
        pack_row(trees, pad_to)


def test_a_tree_longer_than_a_row_repeats_its_prompt() -> None:
    rows = pack_trees([tree([1] * 4, [2] * 5, [3] * 5, [4] * 3)], row_tokens=10)

    assert sorted((p.branches, p.tokens) for row in rows for p in row) == [((0, 2), 10), ((1,), 8)]


def test_a_branch_longer_than_a_row_gets_one_of_its_own() -> None:
    rows = pack_trees([tree([1], [2] * 21, [3] * 2)], row_tokens=10)

    assert [[(p.branches, p.tokens) for p in row] for row in rows] == [[((0,), 21)], [((1,), 2)]]


lengths = st.tuples(st.integers(1, 12), st.lists(st.integers(1, 30), max_size=6))


@given(st.lists(lengths, max_size=12), st.integers(8, 64))
def test_every_branch_is_packed_once_and_rows_keep_their_bound(
    shapes: list[tuple[int, list[int]]], row_tokens: int
) -> None:
    trees = [tree([1] * prompt, *([2] * n for n in branches)) for prompt, branches in shapes]

    rows = pack_trees(trees, row_tokens)

    packed = sorted((p.tree, b) for row in rows for p in row for b in p.branches)
    assert packed == [(t, b) for t, one in enumerate(trees) for b in range(len(one.branches))]
    for row in rows:
        laid = [Tree(trees[p.tree].prompt, tuple(trees[p.tree].branches[b] for b in p.branches)) for p in row]
        used = pack_row(laid).tokens
        assert used == sum(p.tokens for p in row)
        assert used <= row_tokens or all(len(tree.prompt) > row_tokens or len(tree.branches) == 1 for tree in laid)
