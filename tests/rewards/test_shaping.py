"""Verifiers that shape a response's form: length, over-long, format, repetition, language."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.errors import VerifierError
from rewards.general.format import has_tags
from rewards.verifier import load_verifier
from tests.rewards.requests import ask, verdict_of

ENGLISH = "The weather was fine this morning, and so we walked along the river until we came to the old bridge. "
GERMAN = "Das Wetter war heute Morgen schön, und so gingen wir am Fluss entlang, bis wir zur alten Brücke kamen. "


@pytest.mark.parametrize(
    ("characters", "score"), [(100, 1.0), (90, 1.0), (110, 1.0), (160, 0.5), (40, 0.5), (210, 0.0), (500, 0.0)]
)
def test_length_falls_off_beside_the_target(characters: int, score: float) -> None:
    verdict = verdict_of("length", ask("x" * characters), target=100, tolerance=10)
    assert (verdict.score, verdict.correct, verdict.metrics) == (score, None, {"length": characters})


def test_length_does_not_count_thinking() -> None:
    assert (
        verdict_of("length", ask("<think>" + "x" * 100 + "</think>one two"), target=2, unit="words").score == 1.0
    )
    assert verdict_of("length", ask("<think>one two"), target=2, unit="words").reason == "no_answer"


@pytest.mark.parametrize(
    ("characters", "score"), [(0, 0.0), (600, 0.0), (601, -0.0025), (800, -0.5), (1000, -1.0), (5000, -1.0)]
)
def test_overlong_is_equation_13(characters: int, score: float) -> None:
    verdict = verdict_of("overlong", ask("x" * characters), max_length=1000, buffer=400)
    assert verdict.score == pytest.approx(score)
    assert verdict.correct is None


def test_tokens_are_those_that_the_request_tells() -> None:
    settings = {"max_length": 20, "buffer": 10, "unit": "tokens"}
    assert verdict_of("overlong", ask("x", tokens=15), **settings).score == -0.5
    assert verdict_of("length", ask("x", tokens=15), target=10, unit="tokens").score == 0.5
    untold = verdict_of("overlong", ask("x"), **settings)
    assert (untold.valid, untold.reason.partition(":")[0]) == (
        False,
        "it is not known how many tokens the response has",
    )


@pytest.mark.parametrize(
    ("response", "correct"),
    [
        ("<think>a</think><answer>b</answer>", True),
        (" <think>\na\n</think>\n\n<answer>b < c</answer>\n", True),
        ("", False),
        ("b", False),
        ("<answer>b</answer>", False),
        ("<answer>b</answer><think>a</think>", False),
        ("<think></think><answer>b</answer>", False),
        ("<think>a</think><answer> </answer>", False),
        ("<think>a</think>so <answer>b</answer>", False),
        ("<think>a</think><answer>b</answer> and more", False),
        ("<think>a</think><answer>b</answer><answer>c</answer>", False),
        ("<think>a<think>b</think></think><answer>c</answer>", False),
        ("<think>a<answer>b</answer></think>", False),
        ("<think>a</answer></think><answer>b", False),
        ("<think>a<answer></think>b</answer>", False),
        ("<think>a</think><answer>b", False),
        ("<THINK>a</THINK><answer>b</answer>", False),
    ],
)
def test_format_asks_for_tags_in_order(response: str, correct: bool) -> None:
    verdict = verdict_of("format", ask(response), tags=["think", "answer"])
    assert (verdict.score, verdict.correct) == (float(correct), correct)


def test_format_knows_that_the_prompt_opened_the_first_tag() -> None:
    settings = {"tags": ["think", "answer"], "starts_inside": True}
    assert verdict_of("format", ask("a</think><answer>b</answer>"), **settings).correct
    assert not verdict_of("format", ask("<think>a</think><answer>b</answer>"), **settings).correct


def test_format_asks_for_a_pattern() -> None:
    pattern = r".*Answer: \S+"
    assert verdict_of("format", ask("So\nAnswer: 42"), pattern=pattern).correct
    assert not verdict_of("format", ask("So\nAnswer: 42 or 43"), pattern=pattern).correct
    assert load_verifier("format", {"pattern": pattern}).quick(ask("Answer: 42")) is None


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("", 0.0),
        ("one two three", 0.0),
        ("one two three four five", 0.0),
        ("one two three one two three", -0.25),
        ("a b " * 50, -96 / 98),
        ("a" * 16 * 100, -97 / 98),
        ("好" * 100, -97 / 98),
    ],
)
def test_repetition_counts_what_was_said_before(response: str, score: float) -> None:
    verdict = verdict_of("repetition", ask(response), n=3)
    assert verdict.score == pytest.approx(score)
    assert verdict.correct is None


def test_repetition_is_as_bad_as_it_is_told() -> None:
    assert verdict_of("repetition", ask("a b " * 50), n=3, max_penalty=-0.5).score == pytest.approx(-48 / 98)
    assert verdict_of("repetition", ask("a b " * 50), n=3, max_penalty=0).score == 0.0


@settings(deadline=None)
@given(st.text(max_size=300))
def test_penalties_stay_between_their_ends(response: str) -> None:
    for name, chosen in (("overlong", {"max_length": 100, "buffer": 50}), ("repetition", {"n": 2})):
        verdict = verdict_of(name, ask(response), **chosen)
        assert -1 <= verdict.score <= 0


@settings(deadline=None)
@given(st.text(alphabet="ab <>/think", max_size=40), st.text(alphabet="ab <>/answer", max_size=40))
def test_format_takes_what_is_put_into_its_tags(thought: str, answer: str) -> None:
    text = f"<think>{thought}</think><answer>{answer}</answer>"
    tags = ("<think>", "</think>", "<answer>", "</answer>")
    right = bool(thought.strip() and answer.strip()) and all(text.count(tag) == 1 for tag in tags)
    assert has_tags(text, ["think", "answer"]) == right


@pytest.mark.parametrize(
    ("script", "response", "share"),
    [
        ("latin", "Guten Tag", 1.0),
        ("latin", "Привет", 0.0),
        ("cyrillic", "Привет", 1.0),
        ("cyrillic", "да yes", 0.4),
        ("han", "你好", 1.0),
        ("japanese", "日本語です", 1.0),
        ("hangul", "안녕하세요", 1.0),
        ("greek", "καλημέρα", 1.0),
        ("latin", "Привет `code` $x$ \\frac <b>", 0.0),
        ("cyrillic", "Привет\n```python\nprint('hello')\n```\n", 1.0),
        ("latin", "42", 0.0),
    ],
)
def test_language_is_told_by_script(script: str, response: str, share: float) -> None:
    assert verdict_of("language", ask(response), script=script).score == pytest.approx(share)


@pytest.mark.parametrize(
    ("language", "response", "share"),
    [("en", ENGLISH * 2, 1.0), ("de", GERMAN * 2, 1.0), ("de", ENGLISH * 2, 0.0), ("en", GERMAN * 2, 0.0)],
)
def test_language_is_told_by_a_detector(language: str, response: str, share: float) -> None:
    assert verdict_of("language", ask(response), language=language).score == share


def test_a_change_of_language_shows() -> None:
    verdict = verdict_of("language", ask(ENGLISH + GERMAN), language="en")
    assert verdict.score == pytest.approx(0.5, abs=0.05)


def test_language_reads_thinking_unless_told_otherwise() -> None:
    response = "<think>Привет</think>Hello"
    assert verdict_of("language", ask(response), script="latin").score == pytest.approx(5 / 11)
    assert verdict_of("language", ask(response), script="latin", thinking=["<think>", "</think>"]).score == 1.0


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("length", {}, "needs the settings target"),
        ("length", {"target": 0}, "target: expected a number above 0"),
        ("length", {"target": 5, "tolerance": -1}, "tolerance: expected a number, at least 0"),
        ("length", {"target": 5, "unit": "word"}, "did you mean words"),
        ("overlong", {"max_length": 5, "buffer": 6}, "buffer: expected at most max_length"),
        ("overlong", {"max_length": float("inf"), "buffer": 6}, "max_length: expected a number"),
        ("format", {}, "exactly one of tags and pattern"),
        ("format", {"tags": ["a"], "pattern": "a"}, "exactly one of tags and pattern"),
        ("format", {"tags": []}, "expected a list of different names"),
        ("format", {"tags": "think"}, "expected a list of different names"),
        ("format", {"tags": ["<think>"]}, "without angle brackets"),
        ("format", {"pattern": "("}, "no regular expression"),
        ("format", {"pattern": "a", "starts_inside": True}, "only for tags"),
        ("repetition", {"n": 0}, "n: expected a whole number"),
        ("repetition", {"n": 1000}, "n: expected a whole number from 1 to 64"),
        ("repetition", {"max_penalty": 1}, "max_penalty"),
        ("language", {}, "exactly one of script and language"),
        ("language", {"script": "latn"}, "did you mean latin"),
        ("language", {"language": "xx"}, 'the detector knows none "xx"'),
    ],
)
def test_wrong_settings_end_in_one_clear_message(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError, match=message):
        load_verifier(name, settings)
