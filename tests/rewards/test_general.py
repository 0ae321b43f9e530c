"""The general verifier: what each check takes, and what it does not."""

import asyncio
import json
import time
from typing import Any

import pytest

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.general.normalise import normalise
from rewards.general.reading import Reader
from rewards.pool import VerifierPool
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from tests.rewards.requests import ask, verdict_of

SHOP = {
    "type": "object",
    "properties": {"item": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
    "required": ["item", "count"],
    "additionalProperties": False,
}
CITIES = ["Paris", "Rome", "Vitamin C", "New York"]

RIGHT: list[tuple[str, Any, str]] = [
    *(
        ("normalised", "Paris", response)
        for response in (
            "Paris",
            " paris. ",
            "**Paris**",
            "**Paris.**",
            '"Paris"',
            "PARIS!",
            "Answer: Paris",
            "answer: paris.",
            "The answer is Paris.",
            "The answer is **Paris**.",
            "**Final answer:** Paris",
            "Final Answer: Paris. It is the capital of France.",
            "The capital of France is asked for.\nAnswer: Paris",
            "I first thought of Lyon.\n\nThe final answer is: Paris",
            r"So it is \boxed{Paris}.",
            r"Answer: \boxed{\text{Paris}}",
            "#### Paris",
            "<think>London? No.</think>Paris",
            "<think>Answer: London</think>Answer: Paris",
            "Answer: London. Wait, that is not right at all. The answer is Paris.",
            "Answer:\nParis",
            "The answer is Paris, the capital of France.",
            "Answer: Paris\nHope this helps!",
            "Answer: Paris\nConfidence: 90%",
            "Answer: Paris\n\nParis has been the capital of France for centuries.",
            "Paris\u200b",
            "<think>London</think><answer>Paris</answer>",
            "So:\n<answer>\nParis.\n</answer>",
            "<answer>The answer is Paris.</answer>",
            "<answer>Paris</answer>\n\nI hope this helps you.",
            "## Final Answer\nParis",
            "Ｐａｒｉｓ",
        )
    ),
    ("normalised", "The Beatles", "beatles"),
    ("normalised", "twenty-one", "Twenty one"),
    ("normalised", "1000", "1,000"),
    ("normalised", 42, "42"),
    ("normalised", "St. Louis", "Answer: St. Louis"),
    ("normalised", "U.S. Army", "The answer is U.S. Army."),
    ("normalised", "C++", "Answer: C++"),
    ("normalised", "salt and pepper", "Answer: Salt and pepper."),
    ("normalised", "It's late", "It’s late"),
    ("normalised", ["car", "automobile"], "Automobile"),
    ("normalised", "roses are red\nviolets are blue", "Answer: Roses are red\nviolets are blue"),
    ("exact", "Paris", "Paris"),
    ("exact", "Paris", "Answer: Paris"),
    ("exact", ["x", "y"], "y"),
    ("exact", "Paris", "The answer is Paris."),
    ("exact", "Paris.", "The answer is Paris."),
    ("exact", "Paris", "**Answer:** **Paris**"),
    ("regex", r"\d{4}", "The answer is 2024."),
    ("regex", r"[A-Z]\w+", "The answer is **Paris**, since it is the capital of France."),
    ("f1", "the quick brown fox", "quick brown fox"),
    ("contains", "Paris", "The capital of France is Paris."),
    ("contains", "Paris", "I think it is Paris. Thanks."),
    ("contains", "Paris", "In France, Paris is the capital."),
    ("contains", "New York", "They live in New York."),
    ("contains", "Paris, France", "He was born in Paris, France."),
    ("contains", ["Paris", "Paris, France"], "He was born in Paris, France."),
    ("contains", "photosynthesis", "It is called photosynthesis."),
    ("contains", "blue", "The sky is blue."),
    ("contains", "four", "A square has four sides."),
    ("contains", "photosynthesis", "Plants live by photosynthesis."),
    ("contains", "Paris", "La capitale de la France est Paris."),
    ("contains", "Thomas Edison", "It was the famous inventor Thomas Edison."),
    ("contains", "yes", "Yes, it is."),
    ("regex", r"\d{4}-\d{2}-\d{2}", "2024-01-31"),
    ("regex", r"\d{4}-\d{2}-\d{2}", "Answer: 2024-01-31"),
    ("regex", [r"a+", r"b+"], "bbb"),
    ("json_schema", SHOP, '{"item": "tea", "count": 2}'),
    ("json_schema", json.dumps(SHOP), '{"item": "tea", "count": 2}'),
    ("json_schema", SHOP, 'Here it is:\n```json\n{"item": "tea", "count": 2}\n```\nDone.'),
    ("json_schema", SHOP, '<think>{"item": 1}</think>{"item": "tea", "count": 2}'),
    ("json_schema", SHOP, 'Answer: {"item": "tea", "count": 2}'),
    ("json_schema", True, "[]"),
    ("json_schema", True, '{"said": "the answer is 5"}'),
    *(
        ("choice", "B", response)
        for response in (
            "B",
            "b",
            "(B)",
            "B.",
            "**B**",
            "Answer: B",
            "The answer is (B).",
            "Answer: B. Rome",
            "Answer: (B) Rome",
            "Option B",
            "Answer: option B",
            r"\boxed{B}",
            r"\boxed{\text{B}}",
            "I choose option B, as it is older.",
            "It must be (B).",
            "Rome",
            "Answer: Rome.",
        )
    ),
    ("choice", "C", "Answer: C. Vitamin C"),
    ("choice", "B", "Answer: B. Because A is too young."),
    ("choice", ["B", "C"], "C"),
    ("choice", "(b)", "B"),
]

WRONG: list[tuple[str, Any, str]] = [
    *(
        ("normalised", "Paris", response)
        for response in (
            "London",
            "Paris or London",
            "Paris, London",
            "Paris and London",
            "Paris/London",
            "Paris (or London)",
            "Answer: Paris or London",
            "Answer: Paris, or maybe London",
            "Answer: Paris. Or London.",
            "Answer: Paris. London. Rome.",
            "Answer: Paris\nAnswer: London",
            "Answer: London\nAnswer: Paris",
            "Answer: London. Answer: Paris",
            "Answer: Paris\nor London",
            "Answer: Paris\nLondon\nRome",
            r"\boxed{London} or \boxed{Paris}",
            r"\boxed{London}, \boxed{Paris}",
            r"\boxed{Paris}, or maybe London",
            r"Answer: \boxed{Paris} or London",
            "Answer: not Paris",
            "Answer: Paris. London, Rome, Oslo and Bern.",
            "Answer: Paris, the London, the Rome, the Oslo",
            "Answer: Paris. London. Rome. Oslo. Bern.",
            "Answer: Paris. However, it could be London.",
            "The answer is Paris, but it might be London.",
            "<answer>Paris or London</answer>",
            "<answer>London</answer><answer>Paris</answer>",
            "<answer>Paris</answer> or London",
            "<think><answer>Paris</answer></think>London",
            "<answer>It is <answer>London</answer>Paris</answer>",
            "Answer: Paris. But London is also possible, and more so.",
            "It is Paris, I am sure of that.",
            "<think>Paris</think>London",
            "<think>Answer: Paris</think>I do not know.",
            "Answer: Paris\nAnswer: London\nRome",
        )
    ),
    ("normalised", "-5", "5"),
    ("normalised", ".5", "5"),
    ("normalised", "3.14", "314"),
    ("normalised", "C", "C++"),
    ("normalised", "C#", "C"),
    ("normalised", "5", "5!"),
    ("exact", "Paris", "paris"),
    ("exact", "Paris", "Paris."),
    ("f1", "Paris", "London"),
    ("f1", "Paris", "Paris or London"),
    ("contains", "Paris", "Pariser"),
    ("contains", "Paris", "It is not Paris."),
    ("contains", "Paris", "It isn't Paris."),
    ("contains", "Paris", "It could be Paris."),
    ("contains", "Paris", "Either Paris or Rome."),
    ("contains", "Paris", "Paris, Rome, Oslo"),
    ("contains", "Paris", "It is Paris, Rome."),
    ("contains", "Paris", "Rome. Paris. Oslo."),
    ("contains", "Paris", "1. Rome\n2. Paris\n3. Oslo"),
    ("contains", "Paris", "- Rome\n- Paris"),
    ("contains", "Paris", "Rome Paris Oslo"),
    ("contains", "Paris", "Paris Hilton"),
    ("contains", "York", "They live in New York."),
    ("contains", "Paris", "It is Paris. " + "And so on. " * 30),
    ("contains", "Paris", "<think>Paris</think>Rome"),
    ("regex", r"\d{4}", "2024 or 2025"),
    ("regex", r"\d{4}", "The year 2024"),
    ("regex", r"\d+", "Answer: 1\nAnswer: 2"),
    ("json_schema", SHOP, '{"item": "tea", "count": 0}'),
    ("json_schema", SHOP, '{"item": "tea", "count": 2, "count": 0}'),
    ("json_schema", SHOP, '{"item": "tea", "count": 2, "more": 1}'),
    ("json_schema", SHOP, '{"item": "tea", "count": NaN}'),
    ("json_schema", SHOP, '{"item": "tea", "count": 1e999}'),
    ("json_schema", SHOP, "{'item': 'tea', 'count': 2}"),
    ("json_schema", SHOP, 'Sure! {"item": "tea", "count": 2}'),
    ("json_schema", SHOP, '```json\n{"item": "a", "count": 2}\n```\n```json\n{"item": "b", "count": 2}\n```'),
    ("json_schema", True, "[" * 1000 + "]" * 1000),
    ("json_schema", True, "[" * 100_000),
    ("json_schema", {"multipleOf": 0.1}, "9" * 400),
    *(
        ("choice", "B", response)
        for response in (
            "A",
            "B or C",
            "B, C",
            "B and C",
            "BCD",
            "A B C D",
            "(A) (B)",
            "A. Paris\nB. Rome",
            "A. 1 B. 2 C. 3",
            "Answer: B. Rome or C. Oslo",
            "Answer: B\nAnswer: C",
            "It may be B or C.",
            "Maybe option B",
            "Answer: Paris",
            "Answer: B: Rome, C: Oslo",
            "Answer: B. Vitamin C",
            "Answer: B. But C is possible too",
            "Answer: B: yes; also C.",
            "<think>B</think>C",
        )
    ),
]


def verdict(check: str, label: Any, response: str) -> Verdict:
    return verdict_of("general", ask(response, label, choices=CITIES), check=check)


@pytest.mark.parametrize(("check", "label", "response"), RIGHT)
def test_takes_the_answer(check: str, label: Any, response: str) -> None:
    assert verdict(check, label, response) == Verdict.of_correctness(True)


@pytest.mark.parametrize(("check", "label", "response"), WRONG)
def test_takes_nothing_else(check: str, label: Any, response: str) -> None:
    found = verdict(check, label, response)
    assert (found.score, found.valid, found.correct) == (0.0, True, False)


def test_f1_is_the_overlap_of_words() -> None:
    found = verdict("f1", "the quick brown fox", "a brown fox")
    assert (found.score, found.correct, found.reason) == (0.8, False, "partial")
    assert verdict("f1", ["red car", "blue bus"], "bus").score == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("check", "label"),
    [
        *(("normalised", label) for label in (None, "", "  ", "...", [], [""], True, {"a": 1}, [["a"]])),
        ("exact", ""),
        ("f1", "?!"),
        ("contains", "the"),
        ("regex", "("),
        ("regex", "a" * 10_001),
        ("json_schema", "{"),
        ("json_schema", {"type": "text"}),
        ("json_schema", 5),
        ("choice", "Rome"),
        ("choice", ""),
        ("choice", "5"),
    ],
)
def test_refuses_a_label_that_is_none(check: str, label: Any) -> None:
    with pytest.raises(VerifierError, match="label"):
        load_verifier("general", {"check": check}).check_label(label)
    found = verdict(check, label, "Paris")
    assert not found.valid
    assert found.reason.startswith("bad label")


@pytest.mark.parametrize("schema", [{"$ref": "http://127.0.0.1:9/schema.json"}, {"$ref": "#/$defs/none"}])
def test_a_schema_that_refers_elsewhere_is_invalid_and_fetched_from_nowhere(schema: dict[str, Any]) -> None:
    found = verdict("json_schema", schema, "[]")
    assert not found.valid
    assert "which is not in it" in found.reason


def test_a_schema_without_end_is_invalid() -> None:
    assert not verdict("json_schema", {"$ref": "#"}, "[]").valid


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"check": "exakt"}, 'none named "exakt"; did you mean exact'),
        ({"thinking": "<think>"}, "expected an opening and a closing tag"),
        ({"max_chars": 0}, "max_chars: expected a positive number"),
    ],
)
def test_wrong_settings_end_in_one_clear_message(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError, match=message):
        load_verifier("general", settings)


@pytest.mark.parametrize(
    ("response", "settings", "reason"),
    [
        ("", {}, "no_answer"),
        ("<think>Paris", {}, "no_answer"),
        ("Paris", {"starts_thinking": True}, "no_answer"),
        ("Paris" * 100, {"max_chars": 100}, "too_long"),
        ("Paris" * 100, {"max_answer_chars": 100}, "too_long"),
        ("Answer: Rome\nAnswer: Paris", {}, "several_answers"),
    ],
)
def test_says_why_there_is_no_answer(response: str, settings: dict[str, Any], reason: str) -> None:
    assert verdict_of("general", ask(response, "Paris"), **settings) == Verdict.of_correctness(False, reason)


def test_choices_that_are_no_texts_are_invalid() -> None:
    assert not verdict_of("general", ask("B", "B", choices="AB"), check="choice").valid


def test_a_pattern_that_never_ends_is_killed() -> None:
    section = VerifierSection(name="general", settings={"check": "regex"}, timeout_s=1)

    async def run() -> list[Verdict]:
        async with VerifierPool(section) as pool:
            return await pool.score([ask("a" * 60 + "b", "(a+)+"), ask("aaa", "(a+)+")])

    assert asyncio.run(run()) == [Verdict.of_correctness(False, "timeout"), Verdict.of_correctness(True)]


@pytest.mark.parametrize("check", ["normalised", "exact", "f1", "contains", "choice"])
@pytest.mark.parametrize(
    "unit",
    [
        *("Answer: ", "answer is ", "answer (", "#### a\n", "\\boxed{", "\\boxed{a}", "<think>", "</think>"),
        *(
            "Paris ",
            "Paris, ",
            "Paris. ",
            "or ",
            "a. b c d e f or ",
            "A ",
            "option ",
            "\n",
            " ",
            ".",
            "(",
            "**",
            "'",
        ),
        *("\ud800", "ﷺ"),
    ],
)
def test_no_text_takes_long(check: str, unit: str) -> None:
    started = time.process_time()
    for response in (unit * (200_000 // len(unit)), "Answer: " + unit * (9_000 // len(unit))):
        assert load_verifier("general", {"check": check}).quick(ask(response, "B")) is not None
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    ("text", "plain"),
    [("The  Cat.", "cat"), ("a", "a"), ("the", "the"), ("(x) and (y)", "(x) and (y)"), ("(x)", "x"), ("$5", "$5")],
)
def test_normalises(text: str, plain: str) -> None:
    assert normalise(text) == plain


def test_a_reader_can_be_told_of_other_tags() -> None:
    assert Reader(thinking=("<r>", "</r>")).read("<r>a</r>b") == "b"
    assert Reader(thinking=None).read("<think>a") == "<think>a"
