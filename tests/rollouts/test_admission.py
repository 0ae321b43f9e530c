"""The bound on groups that are admitted and not settled."""

import pytest

from rollouts.admission import AdmissionRule
from rollouts.config import BufferSection


def rule(**settings: object) -> AdmissionRule:
    return AdmissionRule.from_section(BufferSection.model_validate({"problems_per_step": 8, **settings}))


@pytest.mark.parametrize(("max_staleness", "room"), [(0, 8), (1, 16), (3, 32)])
@pytest.mark.parametrize("on_stale", ["wait", "mask_tokens", "drop_sample"])
def test_an_empty_buffer_takes_one_batch_per_version_in_use(max_staleness: int, room: int, on_stale: str) -> None:
    it = rule(max_staleness=max_staleness, on_stale=on_stale)
    assert it.room(unexamined=0, kept=0, examined=0, unpublished=()) == room


@pytest.mark.parametrize("on_stale", ["wait", "mask_tokens"])
def test_full_batches_are_counted_alike_in_both_orders(on_stale: str) -> None:
    it = rule(max_staleness=1, on_stale=on_stale)
    assert it.room(unexamined=3, kept=2, examined=2, unpublished=()) == 11
    assert it.room(unexamined=3, kept=2, examined=2, unpublished=(8,)) == 3
    assert it.room(unexamined=8, kept=0, examined=0, unpublished=(8,)) == 0


def test_filtered_groups_make_room() -> None:
    assert rule(max_staleness=0).room(unexamined=0, kept=5, examined=8, unpublished=()) == 3


def test_a_batch_that_is_not_full_holds_its_whole_place_in_admission_order() -> None:
    assert rule(max_staleness=0).room(unexamined=0, kept=0, examined=0, unpublished=(3,)) == 0
    assert rule(max_staleness=1, on_stale="mask_tokens").room(0, 0, 0, unpublished=(3,)) == 13


def test_refilling_ends_after_refill_times_the_batch() -> None:
    assert rule(max_staleness=0, refill=2.5).room(unexamined=0, kept=1, examined=18, unpublished=()) == 2
    assert rule(max_staleness=0, refill=2.5).room(unexamined=0, kept=1, examined=20, unpublished=()) == 0
