"""What trains, with which advantage and weight, and in which rows."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlvr.batching import build_batch
from rlvr.config import AlgorithmSection
from rlvr.training_batch import TrainingBatch, TrainingRow
from rollouts.config import BufferSection
from rollouts.ledger import BatchFates
from rollouts.sample import Group
from tests.rlvr.groups import group, sample, scored


def build(groups: list[Group], version: int = 0, **changes: Any) -> TrainingBatch:
    """With the defaults of the recipe but for ``changes`` of algorithm, buffer or arguments."""

    def only(section: type) -> dict[str, Any]:
        return {name: changes.pop(name) for name in list(changes) if name in section.model_fields}  # type: ignore[attr-defined]

    algorithm, buffer = AlgorithmSection(**only(AlgorithmSection)), BufferSection(**only(BufferSection))
    arguments = {"row_tokens": 64, "ranks": 1, "max_tokens": 16, **changes}
    return build_batch(groups, algorithm=algorithm, buffer=buffer, version=version, **arguments)


def rows(batch: TrainingBatch) -> list[TrainingRow]:
    return [row for mini in batch.mini_batches for rank in mini for row in rank]


def test_a_group_becomes_one_row_under_its_prompt() -> None:
    batch = build([scored(7, 1.0, 0.0, 0.0, 0.0, length=2)])

    (row,) = rows(batch)
    assert row.packed.input_ids.tolist() == [1, 2, 10, 10, 10, 10]
    assert row.advantages.tolist() == [0.75, 0.75] + [-0.25] * 6
    assert row.behaviour.tolist() == [-1, -1, -2, -2, -3, -3, -4, -4]
    assert row.weights.tolist() == [1 / 8] * 8
    assert row.sample.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert batch.fates == BatchFates(trained=4)
    assert batch.advantages == {(7, 0): 0.75, (7, 1): -0.25, (7, 2): -0.25, (7, 3): -0.25}


def test_an_invalid_sample_leaves_loss_and_baseline() -> None:
    batch = build([scored(0, 1.0, None, 0.0)])

    assert batch.advantages == {(0, 0): 0.5, (0, 2): -0.5}
    assert batch.fates == BatchFates(trained=2, invalid=1)


def test_a_truncated_sample_that_is_masked_stays_in_the_baseline() -> None:
    truncated = group(0, [sample(0, 1.0), sample(1, 0.0), sample(2, 0.0, finish="length")])

    (row,) = rows(build([truncated], mask_truncated=True))

    np.testing.assert_allclose(row.advantages, [2 / 3] * 3 + [-1 / 3] * 3, rtol=1e-6)
    assert row.weights.tolist() == pytest.approx([1 / 6] * 6)


def test_groups_without_a_signal_leave_the_denominator_when_filtered() -> None:
    groups = [scored(0, 1.0, 0.0), scored(1, 1.0, 1.0), scored(2, 1.0, None)]

    filtered, kept = build(groups), build(groups, filter_no_signal=False)

    assert filtered.fates == BatchFates(trained=2, filtered=3, invalid=1)
    assert rows(filtered)[0].weights[0] == pytest.approx(1 / 6)
    assert kept.fates == BatchFates(trained=4, filtered=1, invalid=1)
    assert rows(kept)[0].weights[0] == pytest.approx(1 / 12)


def test_a_sample_without_advantage_counts_and_is_not_forwarded() -> None:
    groups = [scored(0, 1.0, 0.5, 0.0)]

    skipped, with_kl = build(groups), build(groups, kl_coefficient=0.1)

    assert rows(skipped)[0].weights.tolist() == pytest.approx([1 / 9] * 6)
    assert rows(with_kl)[0].weights.tolist() == pytest.approx([1 / 9] * 9)
    assert skipped.fates == with_kl.fates == BatchFates(trained=3)


def test_no_signal_at_all_makes_an_empty_batch() -> None:
    batch = build([scored(0, 1.0, 1.0)], filter_no_signal=False)

    assert batch.mini_batches == ()
    assert batch.forwarded_tokens == 0


class TestStaleness:
    """Tokens older than the bound, seen by a learner at version 3 with a bound of 1."""

    groups = (group(0, [sample(0, 1.0, (1, 2, 3)), sample(1, 0.0, (3, 3, 3)), sample(2, 0.0, (0, 0, 1))]),)

    def test_mask_tokens_keeps_the_rest(self) -> None:
        batch = build([*self.groups], 3, on_stale="mask_tokens", max_staleness=1)

        (row,) = rows(batch)
        assert row.weights.tolist() == pytest.approx([0, 1 / 5, 1 / 5, 1 / 5, 1 / 5, 1 / 5])
        assert batch.fates == BatchFates(trained=2, stale=1)
        assert batch.advantages[(0, 0)] == pytest.approx(2 / 3)
        assert batch.metrics["staleness/max"] == 1
        assert batch.metrics["staleness/mean"] == pytest.approx(1 / 5)
        assert batch.metrics["stale/token_share"] == pytest.approx(4 / 9)

    def test_drop_sample_takes_it_out_of_the_baseline_too(self) -> None:
        batch = build([*self.groups], 3, on_stale="drop_sample", max_staleness=2)

        assert batch.fates == BatchFates(trained=2, stale=1)
        assert batch.advantages == {(0, 0): 0.5, (0, 1): -0.5}

    def test_wait_trains_on_everything(self) -> None:
        batch = build([*self.groups], 3, on_stale="wait", max_staleness=1)

        assert batch.fates == BatchFates(trained=3)
        assert batch.metrics["tokens/loss"] == 9


def test_tokens_that_the_policy_did_not_sample_are_seen_and_not_trained() -> None:
    tools = group(0, [sample(0, 1.0, (0,) * 4, loss_mask=[True, False, True, False]), sample(1, 0.0)])

    (row,) = rows(build([tools]))

    assert row.packed.targets.tolist() == [10, 11, 12, 10, 11, 12]
    assert row.weights.tolist() == pytest.approx([0.2, 0, 0.2, 0.2, 0.2, 0.2])


def test_mini_batches_get_whole_groups_and_their_own_denominators() -> None:
    groups = [scored(0, 1.0, 0.0, length=2), scored(1, 1.0, 0.0, length=2), scored(2, 1.0, 0.0, length=5)]

    batch = build(groups, mini_batches=2)

    assert [mini[0][0].weights[0] for mini in batch.mini_batches] == pytest.approx([1 / 8, 1 / 10])


def test_ranks_get_equally_many_rows() -> None:
    batch = build([scored(i, 1.0, 0.0, length=21) for i in range(3)], row_tokens=50, ranks=2)

    (first, second) = batch.mini_batches[0]
    assert [row.packed.tokens for row in first] == [42, 42]
    assert [row.packed.tokens for row in second] == [42, 0]
    assert batch.for_rank(1) == (second,)
    assert batch.metrics["rows/fill"] == pytest.approx(3 * 42 / (4 * 50))


scores = st.lists(st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0])), min_size=2, max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(scores, st.integers(1, 9)), max_size=8), st.integers(1, 3), st.integers(8, 40))
def test_samples_add_up_and_weights_sum_to_one(
    shapes: list[tuple[list[float | None], int]], ranks: int, row_tokens: int
) -> None:
    groups = [scored(i, *values, length=length) for i, (values, length) in enumerate(shapes)]

    batch = build(groups, ranks=ranks, row_tokens=row_tokens, kl_coefficient=1.0)

    assert batch.fates.total == sum(len(g.samples) for g in groups)
    assert sum(row.weights.sum() for row in rows(batch)) == pytest.approx(1 if batch.mini_batches else 0)
    trained = Counter(t for row in rows(batch) for t in row.packed.targets.tolist())
    assert sum(trained.values()) == batch.metrics["tokens/loss"]
    for mini in batch.mini_batches:
        assert len({len(rank) for rank in mini}) == 1
