"""From groups to packed rows: selection, advantages, normalisation, packing, equal shares for all ranks.

Pure numpy; the same groups give the same batch.
"""

from collections.abc import Callable, Sequence

import numpy as np

from base_training.packing import PackedRow, Piece, Tree, pack_row, pack_trees
from rlvr.algorithms import algorithm as find
from rlvr.config import AlgorithmSection
from rlvr.sample_selection import Chosen, select
from rlvr.training_batch import TrainingBatch, TrainingRow
from rollouts.config import BufferSection
from rollouts.sample import Group

Normalisation = Callable[[np.ndarray, int], np.ndarray]


def build_batch(
    groups: Sequence[Group],
    *,
    algorithm: AlgorithmSection,
    buffer: BufferSection,
    version: int,
    row_tokens: int,
    ranks: int,
    max_tokens: int,
    mini_batches: int = 1,
) -> TrainingBatch:
    """Make one training step's batch.

    A sample whose advantage is exactly 0 has no gradient: its tokens count in the normalisation, and it is not
    forwarded (unless a KL term gives it one).

    Args:
        groups: Finished groups, in the order in which they are to be trained on.
        algorithm: Names advantage and normalisation, and says whether truncated samples are masked.
        buffer: Says how old a token may be, what becomes of older ones, and whether groups without a signal train.
        version: The learner's policy version.
        row_tokens: Longest packed row, unless a single sample is longer.
        ranks: Learner ranks to share the rows out over.
        max_tokens: Token limit of a response.
        mini_batches: Optimizer steps in one pass; each gets whole groups.
    """
    selection = select(
        groups,
        advantage=find("advantage", algorithm.advantage),
        buffer=buffer,
        version=version,
        mask_truncated=algorithm.mask_truncated,
    )
    normalisation: Normalisation = find("normalisation", algorithm.normalisation)
    rows: list[tuple[tuple[TrainingRow, ...], ...]] = []
    for part in _parts(selection.chosen, mini_batches):
        weights = normalisation(np.array([one.loss_tokens for one in part], dtype=np.int64), max_tokens)
        forwarded = [
            (one, float(weight))
            for one, weight in zip(part, weights, strict=True)
            if one.loss_tokens and (one.advantage != 0 or algorithm.kl_coefficient > 0)
        ]
        if forwarded:
            rows.append(share_out(_rows(forwarded, row_tokens), ranks))
    return TrainingBatch(
        mini_batches=tuple(rows),
        fates=selection.fates,
        advantages={(one.group.group_id, one.sample.index): one.advantage for one in selection.chosen},
        metrics={**_token_metrics(selection.chosen, version), **_row_metrics(rows, row_tokens)},
    )


def share_out(rows: Sequence[TrainingRow], ranks: int) -> tuple[tuple[TrainingRow, ...], ...]:
    """Deal rows to ranks, long ones first, so that ranks work on rows of similar length at the same time.

    Ranks that would get one row fewer get an empty row, which weighs nothing.
    """
    dealt = sorted(rows, key=lambda row: -row.packed.tokens)
    dealt += [empty_row()] * (-len(dealt) % ranks)
    return tuple(tuple(dealt[rank::ranks]) for rank in range(ranks))


def empty_row() -> TrainingRow:
    """A row of one padding token and no targets."""
    nothing = np.zeros(0, dtype=np.float32)
    return TrainingRow(pack_row([], pad_to=1), nothing, nothing, nothing, np.zeros(0, dtype=np.int64))


def _parts(chosen: Sequence[Chosen], mini_batches: int) -> list[list[Chosen]]:
    """Consecutive groups, about equally many in each part."""
    ids = list(dict.fromkeys(one.group.group_id for one in chosen))
    parts = [set(part.tolist()) for part in np.array_split(np.array(ids, dtype=np.int64), mini_batches)]
    return [[one for one in chosen if one.group.group_id in part] for part in parts if part]


def _rows(forwarded: Sequence[tuple[Chosen, float]], row_tokens: int) -> list[TrainingRow]:
    """Pack samples under their groups' prompts."""
    by_group: dict[int, list[tuple[Chosen, float]]] = {}
    for one, weight in forwarded:
        by_group.setdefault(one.group.group_id, []).append((one, weight))
    families = list(by_group.values())
    trees = [Tree(family[0][0].group.prompt_ids, tuple(_trained(one) for one, _ in family)) for family in families]
    return [_row(pieces, trees, families) for pieces in pack_trees(trees, row_tokens)]


def _row(
    pieces: Sequence[Piece], trees: Sequence[Tree], families: Sequence[Sequence[tuple[Chosen, float]]]
) -> TrainingRow:
    packed: PackedRow = pack_row(
        [Tree(trees[p.tree].prompt, tuple(trees[p.tree].branches[b] for b in p.branches)) for p in pieces]
    )
    samples = [families[p.tree][b] for p in pieces for b in p.branches]
    lengths = [len(_trained(one)) for one, _ in samples]
    return TrainingRow(
        packed=packed,
        advantages=np.repeat(np.array([one.advantage for one, _ in samples], dtype=np.float32), lengths),
        behaviour=np.concatenate([one.sample.logprobs[:n] for (one, _), n in zip(samples, lengths, strict=True)]),
        weights=np.concatenate(
            [one.mask[:n] * np.float32(weight) for (one, weight), n in zip(samples, lengths, strict=True)]
        ),
        sample=np.repeat(np.arange(len(samples), dtype=np.int64), lengths),
    )


def _trained(one: Chosen) -> np.ndarray:
    """The response up to its last token that is in the loss."""
    tokens: np.ndarray = one.sample.token_ids[: int(np.flatnonzero(one.mask)[-1]) + 1]
    return tokens


def _token_metrics(chosen: Sequence[Chosen], version: int) -> dict[str, float]:
    ages = [version - one.sample.versions[one.mask] for one in chosen if one.loss_tokens]
    age = np.concatenate(ages) if ages else np.zeros(0)
    return {
        "tokens/loss": float(len(age)),
        "staleness/max": float(age.max()) if len(age) else 0.0,
        "staleness/mean": float(age.mean()) if len(age) else 0.0,
        "advantage/mean_abs": float(np.mean([abs(one.advantage) for one in chosen])) if chosen else 0.0,
        **_stale_shares(chosen),
    }


def _stale_shares(chosen: Sequence[Chosen]) -> dict[str, float]:
    """Share of tokens that left the loss as too old: of all, and of each quarter of the responses' length."""
    would = np.zeros(4)
    stale = np.zeros(4)
    for one in chosen:
        quarter = np.arange(len(one.mask)) * 4 // max(1, len(one.mask))
        would += np.bincount(quarter[one.mask | one.stale], minlength=4)
        stale += np.bincount(quarter[one.stale], minlength=4)
    share = stale / np.maximum(would, 1)
    return {
        "stale/token_share": float(stale.sum() / max(1.0, would.sum())),
        **{f"stale/token_share_quarter_{number + 1}": float(share[number]) for number in range(4)},
    }


def _row_metrics(rows: Sequence[tuple[tuple[TrainingRow, ...], ...]], row_tokens: int) -> dict[str, float]:
    lengths = [row.packed.tokens for mini in rows for rank in mini for row in rank]
    room = sum(max(row_tokens, length) for length in lengths)
    return {
        "rows": float(len(lengths)),
        "rows/fill": sum(lengths) / room if room else 0.0,
        "tokens/forwarded": float(sum(lengths)),
    }
