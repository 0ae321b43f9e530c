"""Every sample is settled once."""

import pytest

from rollouts.ledger import BatchFates, SampleCounts, SampleLedger
from tests.rollouts.groups import build_group


def test_the_sums_add_up() -> None:
    ledger = SampleLedger()
    for group in (build_group(0, [1, 0, 0, None]), build_group(1, [0, 0, 0, None], attempt=2), build_group(2)):
        ledger.generate(group)
    ledger.filter(build_group(1, [0, 0, 0, None], attempt=2))
    ledger.settle(BatchFates(trained=2, invalid=1, stale=1))
    assert ledger.counts(unused=2) == SampleCounts(
        generated=10, trained=2, invalid=2, filtered=3, stale=1, unused=2, lost=0, reissued=8
    )


def test_what_is_nowhere_is_lost() -> None:
    ledger = SampleLedger()
    ledger.generate(build_group(0))
    assert ledger.counts(unused=0).lost == 2


def test_settling_twice_is_found() -> None:
    ledger = SampleLedger()
    ledger.generate(build_group(0))
    ledger.settle(BatchFates(trained=2))
    ledger.settle(BatchFates(trained=1))
    with pytest.raises(RuntimeError, match="1 samples were settled twice"):
        ledger.counts(unused=0)


def test_a_ledger_goes_on_from_its_state() -> None:
    ledger = SampleLedger()
    ledger.generate(build_group(0))
    again = SampleLedger.from_state(ledger.state())
    again.settle(BatchFates(trained=2))
    assert again.counts(unused=0) == SampleCounts(generated=2, trained=2)
