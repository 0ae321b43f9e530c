"""The math verifier beside bare math-verify: where they differ is listed, with the reason."""

import pytest
from math_verify import parse, verify

from tests.rewards.math_cases import RIGHT, WRONG
from tests.rewards.math_disagreements import MISSED, TAKEN, UNSTEADY


def taken_by_math_verify(label: str | int, response: str) -> tuple[bool, bool]:
    """Its answer with the label as it is, and with the label as a formula."""
    read = parse(response)
    as_it_is, as_formula = (bool(verify(parse(gold), read)) for gold in (str(label), f"${label}$"))
    return as_it_is, as_formula


@pytest.mark.filterwarnings("ignore")
def test_every_disagreement_is_explained() -> None:
    missed = {pair for pair in RIGHT if not any(taken_by_math_verify(*pair))}
    taken = {pair for pair in WRONG if pair not in UNSTEADY and all(taken_by_math_verify(*pair))}

    assert missed == {pair for pairs in MISSED.values() for pair in pairs}
    assert taken == {pair for pairs in TAKEN.values() for pair in pairs}
