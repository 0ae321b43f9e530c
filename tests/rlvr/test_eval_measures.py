"""From answers to measures, against counts by hand."""

from itertools import combinations, product
from math import log2

import pytest

from rewards.config import VerifierSection
from rlvr.evaluation.measures import measure, pass_at_k
from rlvr.evaluation.record import Answer
from rlvr.evaluation.statistics import wilson_interval
from rlvr.evaluation.suite import Sampling, Suite
from tests.rlvr.evaluations import answers, answers_to

ONCE = Suite("once", ())


def often(samples: int, verifier: str = "math", **settings: object) -> Suite:
    return Suite(
        "often",
        (),
        sampling=Sampling(samples=samples, temperature=1.0),
        verifiers={"v": VerifierSection(name=verifier, settings=settings)},
    )


def test_accuracy_is_over_verdicts_that_tell_of_it() -> None:
    told = measure(ONCE, answers(True, False, None, True))
    assert (told.metric, told.value, told.n) == ("accuracy", 2 / 3, 3)
    assert told.ci95 == wilson_interval(2, 3)
    assert told.metrics["invalid_share"] == 0.25
    assert told.metrics["tokens/mean"] == 1.5


def test_without_any_verdict_there_is_no_value() -> None:
    told = measure(ONCE, answers(None, None))
    assert (told.value, told.n, told.ci95) == (None, 0, None)


def test_scores_that_tell_nothing_of_correctness_are_averaged() -> None:
    scored = [Answer(f"p{n}", "d", 0, "", None, score, "") for n, score in enumerate((0.25, 0.75))]
    told = measure(ONCE, scored)
    assert (told.metric, told.value, told.n) == ("score", 0.5, 2)


def test_domains_are_told_apart() -> None:
    told = measure(
        ONCE, (*answers(True, False, domain="a"), *answers(True, domain="b"), *answers(None, domain="c"))
    )
    assert told.metrics["accuracy/a"] == 0.5
    assert told.metrics["accuracy/b"] == 1.0
    assert told.metrics["accuracy/c"] is None


@pytest.mark.parametrize("n", range(1, 7))
def test_pass_at_k_is_the_share_of_draws_with_a_right_answer(n: int) -> None:
    for correct, k in product(range(n + 1), range(1, n + 1)):
        draws = list(combinations([place < correct for place in range(n)], k))
        assert pass_at_k(n, correct, k) == pytest.approx(sum(map(any, draws)) / len(draws), abs=1e-12)


@pytest.mark.parametrize(("n", "correct", "k"), [(4, 5, 1), (4, -1, 1), (4, 2, 5), (4, 2, 0)])
def test_pass_at_k_of_what_cannot_be_is_refused(n: int, correct: int, k: int) -> None:
    with pytest.raises(ValueError, match=f"pass@{k}"):
        pass_at_k(n, correct, k)


def test_several_answers_give_average_pass_and_majority() -> None:
    told = measure(
        often(4),
        (
            *answers_to("a", True, True, False, False, responses=("7", "Answer: 7.0", "8", "9")),
            *answers_to("b", True, False, False, False, responses=("7", "8", "8", "9")),
        ),
    )
    assert (told.metric, told.value, told.n) == ("accuracy", 3 / 8, 8)
    assert told.metrics["pass@1"] == pytest.approx(3 / 8)
    assert told.metrics["pass@2"] == pytest.approx(((1 - 1 / 6) + (1 - 3 / 6)) / 2)
    assert told.metrics["pass@4"] == 1.0
    assert told.metrics["majority@4"] == 0.5


@pytest.mark.parametrize(
    ("responses", "correct", "vote"),
    [
        (("7", "8", "9"), (True, False, False), 1 / 3),
        (("Answer: 1,000", "so it is\nAnswer: 1000", "Answer: 7"), (False, False, True), 0.0),
        (("nothing at all\nto be read", "and again\nnothing", "Answer: 7"), (False, False, True), 1.0),
        (("no\nanswer", "none\nhere"), (False, False), 0.0),
    ],
    ids=["tie", "spelling", "no-vote", "nobody"],
)
def test_the_majority_is_of_answers_as_the_verifier_reads_them(
    responses: tuple[str, ...], correct: tuple[bool, ...], vote: float
) -> None:
    told = measure(often(len(responses)), answers_to("a", *correct, responses=responses))
    assert told.metrics[f"majority@{len(responses)}"] == pytest.approx(vote)


def test_there_is_no_majority_where_no_verifier_tells_the_answer() -> None:
    told = measure(often(2, verifier="code"), answers_to("a", True, False))
    assert "majority@2" not in told.metrics


def test_problems_with_an_invalid_verdict_have_no_pass_at_k() -> None:
    whole = answers_to("a", True, False)
    broken = (*answers_to("b", True), Answer("b", "math", 1, "", None, None, "died"))
    told = measure(often(2), (*whole, *broken))
    assert told.n == 3
    assert told.metrics["pass@2"] == 1.0
    assert told.metrics["pass@1"] == 0.5


def test_bits_per_byte_is_a_mean_with_an_interval() -> None:
    suite = Suite("easy", (), score="bits_per_byte")
    bits = [log2(3), 1.0, 2.0]
    told = measure(suite, [Answer(f"p{n}", "d", 0, "a", None, one, "scored") for n, one in enumerate(bits)])
    assert told.metric == "bits_per_byte"
    assert told.value == pytest.approx(sum(bits) / 3)
    assert told.ci95 is not None
    assert 1.0 <= told.ci95[0] < told.ci95[1] <= 2.0


def test_parts_of_verdicts_are_averaged() -> None:
    told = measure(
        ONCE,
        [
            Answer("a", "d", 0, "", True, 1.0, "", {"no_comma": 1.0, "words": 1.0}),
            Answer("b", "d", 0, "", False, 0.0, "", {"no_comma": 0.0}),
        ],
    )
    assert (told.metrics["verdict/no_comma"], told.metrics["verdict/words"]) == (0.5, 1.0)


def test_all_parts_together_have_a_mean_where_the_suite_names_it() -> None:
    told = measure(
        Suite("ifeval", (), parts="instruction_strict_accuracy"),
        [
            Answer("a", "d", 0, "", True, 1.0, "", {"no_comma": 1.0, "words": 1.0}),
            Answer("b", "d", 0, "", False, 0.0, "", {"no_comma": 0.0}),
        ],
    )
    assert told.metrics["instruction_strict_accuracy"] == pytest.approx(2 / 3)
