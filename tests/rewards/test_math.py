"""The math verifier: what it takes for the gold answer, and what it does not."""

import asyncio
import random
import threading
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.math.normalise import normalise
from rewards.math.numbers import read_number
from rewards.pool import VerifierPool
from rewards.verdict import Verdict
from rewards.verifier import LoadedVerifier, load_verifier
from tests.rewards.math_cases import ENDLESS, HOSTILE, RIGHT, TOKENS, WRONG
from tests.rewards.requests import ask, verdict_of


@pytest.fixture(scope="module")
def math() -> LoadedVerifier:
    verifier = load_verifier("math")
    verifier.warm_up()
    return verifier


@pytest.mark.parametrize(("label", "response"), RIGHT)
def test_takes_the_gold_answer_in_any_form(math: LoadedVerifier, label: str | int, response: str) -> None:
    assert asyncio.run(math.verify(ask(response, label))) == Verdict.of_correctness(True)


@pytest.mark.parametrize(("label", "response"), WRONG)
def test_takes_nothing_else(math: LoadedVerifier, label: str, response: str) -> None:
    verdict = asyncio.run(math.verify(ask(response, label)))
    assert (verdict.score, verdict.valid, verdict.correct) == (0.0, True, False)


@pytest.mark.parametrize(("label", "response"), RIGHT + WRONG)
def test_never_contradicts_itself_where_it_answers_at_once(
    math: LoadedVerifier, label: str | int, response: str
) -> None:
    at_once = math.quick(ask(response, label))
    assert at_once is None or at_once.score == float((label, response) in RIGHT)


@pytest.mark.parametrize("attempt", HOSTILE)
def test_turns_hostile_input_away_at_once(math: LoadedVerifier, attempt: str) -> None:
    started = time.process_time()
    verdict = math.quick(ask(HOSTILE[attempt]))
    assert verdict is not None
    assert (verdict.score, verdict.valid) == (0.0, True)
    assert time.process_time() - started < 2.0


def test_what_never_ends_is_a_timeout() -> None:
    async def score() -> list[Verdict]:
        async with VerifierPool(VerifierSection(name="math", timeout_s=1)) as pool:
            return await pool.score([ask(ENDLESS)])

    assert asyncio.run(score()) == [Verdict.of_correctness(False, "timeout")]


def test_is_right_off_the_main_thread(math: LoadedVerifier) -> None:
    verdicts: list[Verdict] = []

    def score() -> None:
        verdicts.append(asyncio.run(math.verify(ask(r"\boxed{x^2+2x+1}", "(x+1)^2"))))

    thread = threading.Thread(target=score)
    thread.start()
    thread.join(60)
    assert verdicts == [Verdict.of_correctness(True)]


@pytest.mark.parametrize("label", [None, "", "  ", "$ $", True, ["42"], {"answer": 42}])
def test_refuses_a_label_that_is_no_answer(math: LoadedVerifier, label: Any) -> None:
    with pytest.raises(VerifierError, match="label"):
        math.check_label(label)
    verdict = math.quick(ask("42", label))
    assert verdict is not None
    assert not verdict.valid
    assert verdict.reason.startswith("bad label")


def test_tells_no_answer_from_a_wrong_one(math: LoadedVerifier) -> None:
    assert math.quick(ask("I cannot tell.\nSorry.")) == Verdict.of_correctness(False, "no_answer")
    assert math.quick(ask("43")) == Verdict.of_correctness(False, "wrong")


def test_does_not_read_what_is_too_long() -> None:
    assert verdict_of("math", ask("42" + " " * 100), max_chars=50).reason == "too_long"
    assert verdict_of("math", ask(f"{'0' * 100}42"), max_answer_chars=50).reason == "too_long"


@pytest.mark.parametrize(
    ("response", "correct"),
    [
        ("7", True),
        ("3 + 4 = 7.", True),
        ("7 is what 3 + 4 makes", False),
        ("The sum of 3 and 4 is 7!", True),
        ("It is seven", False),
        ("6 + 1 = 7.5", False),
        ("7.0", False),
        ("-7", False),
        ("10-7", True),
        ("x=7", True),
        ("**7**", True),
        ("8 7", True),
        ("7 8", False),
        ("17", False),
        ("70", False),
        ("<think>7</think> I do not know", False),
        ("<think>8</think> 7", True),
        ("<think>3 + 4 is 7", False),
        ("", False),
    ],
)
def test_counts_the_last_integer_where_told_to(response: str, correct: bool) -> None:
    verdict = load_verifier("math", {"extraction": "last_integer"}).quick(ask(response, "7"))
    assert verdict is not None
    assert verdict.correct is correct


def test_reads_thousands_as_one_integer() -> None:
    assert verdict_of("math", ask("It is 1,234", "1234"), extraction="last_integer").correct


def test_tries_forms_in_the_order_given() -> None:
    response = r"Answer: 41, or rather \boxed{42}, that is 43"
    assert verdict_of("math", ask(response), extraction=["boxed", "last_integer"]).correct
    assert verdict_of("math", ask(response, "43"), extraction=["hashes", "last_number"]).correct


def test_thinking_tags_are_a_setting() -> None:
    response = r"[thought]\boxed{41}[/thought]\boxed{42}"
    assert verdict_of("math", ask(response), thinking=["[thought]", "[/thought]"]).correct
    assert verdict_of("math", ask(r"<think>\boxed{42}"), thinking=None).correct


def test_a_block_that_the_prompt_opened_must_be_closed() -> None:
    assert verdict_of("math", ask(r"\boxed{42}"), starts_thinking=True).reason == "no_answer"
    assert verdict_of("math", ask(r"hm</think>\boxed{42}"), starts_thinking=True).correct


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"extraction": "boxd"}, 'no form "boxd"; did you mean boxed'),
        ({"extraction": []}, "at least one form"),
        ({"thinking": ["<think>"]}, "an opening and a closing tag"),
        ({"extracion": "boxed"}, 'no setting "extracion"; did you mean extraction'),
    ],
)
def test_refuses_wrong_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError, match=message):
        load_verifier("math", settings)


@given(st.fractions(max_denominator=10**6))
def test_reads_fractions_exactly(value: Fraction) -> None:
    for text in (
        f"{value.numerator}/{value.denominator}",
        rf"\frac{{{value.numerator}}}{{{value.denominator}}}",
        rf"$\dfrac{{{value.numerator}}}{{{value.denominator}}}$",
    ):
        number = read_number(normalise(text))
        assert number is not None
        assert number.value == value


@given(st.integers(-(10**12), 10**12))
def test_reads_integers_with_and_without_separators(value: int) -> None:
    for text in (f"{value}", f"{value:,}", f"${value:,}$", f"{value} apples"):
        number = read_number(normalise(text))
        assert number is not None
        assert number.value == value


@given(st.decimals(-(10**9), 10**9, places=6))
def test_reads_decimal_numbers_exactly(value: Decimal) -> None:
    number = read_number(normalise(f"{value:f}"))
    assert number is not None
    assert number.value == Fraction(value)


@given(st.text(max_size=300))
def test_any_text_gets_a_valid_verdict(text: str) -> None:
    verdict = load_verifier("math").quick(ask(text, "31415"))
    assert verdict is None or verdict.valid


def test_finds_no_answer_in_rubbish(math: LoadedVerifier) -> None:
    for response in (r"\boxed{%|\frac{1}{2}|\pi\overline{}", r"and\overline{\int\binom ½", r"\frac%½"):
        verdict = asyncio.run(math.verify(ask(response, "1/2")))
        assert (verdict.score, verdict.valid) == (0.0, True)


def test_rewards_no_random_tokens() -> None:
    draw = random.Random(0)
    requests = [
        ask(
            "".join(draw.choices(TOKENS, k=draw.choice((3, 10, 30)))), draw.choice(("31415/7", "x^2+31415", "odd"))
        )
        for _ in range(2000)
    ]

    async def score() -> list[Verdict]:
        async with VerifierPool(VerifierSection(name="math", timeout_s=2)) as pool:
            return await pool.score(requests)

    assert {(verdict.score, verdict.valid) for verdict in asyncio.run(score())} == {(0.0, True)}
