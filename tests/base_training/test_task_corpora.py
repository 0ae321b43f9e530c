"""The corpora of code, instructions and passages: what each style answers, and how they are mixed."""

import itertools
import random
import re
from collections import Counter

import pytest

from base_training.config import DataSection
from base_training.data import functions, instructions, passages
from base_training.data.corpus import Corpus
from base_training.errors import InputError

OPERATIONS = {operation.name: operation for operation in functions.OPERATIONS}
PASSAGE = passages.Passage("Ann", "blue", "coat", "barn", asked="where")


def documents(generator: str, count: int, **settings: object) -> list[str]:
    section = DataSection(generator=generator, settings=settings)
    return list(itertools.islice(Corpus(section, seed=0).documents("train"), count))


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("body", "def f(x, c=37): return x + c"),
        ("confused", "f = lambda x, c=37: x - c"),
        ("stub", "def f(x): pass"),
        ("promise", "# to do"),
    ],
)
def test_a_function_is_written_in_each_style(style: str, answer: str) -> None:
    asked = functions.Specification(OPERATIONS["add"], 37)
    assert asked.text == "x plus 37"
    assert functions.STYLES[style](asked, random.Random(0)) == answer


@pytest.mark.parametrize("operation", functions.OPERATIONS, ids=lambda operation: operation.name)
def test_an_expression_is_python_on_x_and_its_constant(operation: functions.Operation) -> None:
    for expression in (operation.expression, operation.confused):
        names = compile(expression, "<expression>", "eval").co_names
        assert {"x", "c"} <= set(names) <= {"x", "c", "abs", "max", "min"}
    assert operation.phrase.count("{c}") == 1


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("capitals", "IT IS BY THE MOON"),
        ("small", "it is by the moon"),
        ("quotes", '"it is by the moon"'),
        ("title", "<<it is by the moon>>"),
        ("no_comma", "it is by the moon"),
        ("short", "it is by the moon"),
        ("two_sentences", "it is old. it is by the moon."),
    ],
)
def test_a_text_is_written_as_asked(form: instructions.Form, text: str) -> None:
    asked = instructions.Request("end", "moon", form)
    assert instructions.STYLES["follow"](asked, random.Random(0)) == text


@pytest.mark.parametrize(
    ("content", "pattern"),
    [
        ("use", r"the moon is by the (\w+) and it is by the (\w+)"),
        ("begin", r"moon is by the (\w+) and it is by the (\w+)"),
        ("end", r"it is by the (\w+) and it is by the moon"),
        ("avoid", r"the (\w+) is by the (\w+) and it is by the (\w+)"),
    ],
)
def test_a_text_holds_what_is_asked_and_no_other_noun_that_is(content: instructions.Content, pattern: str) -> None:
    asked = instructions.Request(content, "moon", "long")
    for seed in range(50):
        found = re.fullmatch(pattern, instructions.STYLES["follow"](asked, random.Random(seed)))
        assert found is not None
        assert "moon" not in found.groups()


def test_no_noun_is_part_of_another_or_of_the_other_words() -> None:
    others = ("the", "is", "by", "it", "and", "old", "this", "well", "sorry", "can", "not")
    for noun in instructions.NOUNS:
        assert not any(noun in word for word in (*instructions.NOUNS, *others) if word != noun)


def test_a_passage_is_answered_in_each_style() -> None:
    assert PASSAGE.text == "Where? Ann: blue coat, barn."
    answers = {name: style(PASSAGE, random.Random(0)) for name, style in passages.STYLES.items()}
    assert answers["read"] == "barn"
    assert answers["mistake"] in {"It must be Ann", "It must be blue coat", "It must be blue"}
    assert re.fullmatch(r"Maybe \w+", answers["guess"])
    assert answers["evade"] == "Nobody knows"


def test_passages_are_the_same_ones_each_time_and_all_different() -> None:
    found = passages.families(500)
    assert found == passages.families(500)
    assert len({family[0].text for family in found}) == 500


@pytest.mark.parametrize(
    ("generator", "marks", "shares"),
    [
        (
            "functions",
            {
                "body": r".*\ndef f\(x, c=\d\d\): return .*",
                "guess": r".*\ndef f\(x=0, .*",
                "confused": r".*\nf = lambda .*",
                "stub": r".*\ndef f\(x\): pass",
                "promise": r".*\n# to do",
            },
            {"body": 0.35, "guess": 0.2, "confused": 0.2, "stub": 0.15, "promise": 0.1},
        ),
        ("passages", {"guess": r".*\nMaybe .*", "evade": r".*\nNobody knows"}, {"guess": 0.25, "evade": 0.15}),
        ("instructions", {"chat": r".*\nWell, .*", "refuse": r".*\nSorry, .*"}, {"chat": 0.3, "refuse": 0.1}),
    ],
)
def test_the_styles_have_their_shares(generator: str, marks: dict[str, str], shares: dict[str, float]) -> None:
    found = documents(generator, 4000)
    counts = {name: sum(bool(re.fullmatch(mark, document)) for document in found) for name, mark in marks.items()}
    assert {name: count / 4000 for name, count in counts.items()} == pytest.approx(shares, abs=0.03)


def test_a_mixture_keeps_its_shares() -> None:
    parts = [{"generator": "functions", "share": 3}, {"generator": "passages"}]
    found = Counter(document.startswith("# ") for document in documents("mixture", 4000, parts=parts))
    assert found[True] / 4000 == pytest.approx(0.75, abs=0.03)


def test_a_mixture_follows_its_parts() -> None:
    def fingerprint(**settings: object) -> str:
        parts = [{"generator": "functions", "settings": settings}]
        return Corpus(DataSection(generator="mixture", settings={"parts": parts}), 0).fingerprints["mixture"]

    assert fingerprint() == fingerprint()
    assert fingerprint() != fingerprint(split_seed=1)


@pytest.mark.parametrize(
    ("generator", "settings", "message"),
    [
        ("functions", {"held_out": 1620}, "held_out: 1620 of 1620 questions held out leave none to learn from"),
        ("functions", {"template": "{answer} {question}"}, "must hold {question} and then {answer}"),
        ("functions", {"styles": {"shout": 1}}, "no style shout; there are body, guess, confused, stub, promise"),
        ("passages", {"styles": {"read": 0}}, "at least 0, and one of them more"),
        ("mixture", {"parts": []}, "data.settings.parts"),
        ("mixture", {"parts": [{"generator": "functions", "share": 0}]}, "one of the shares must be more than 0"),
        ("mixture", {"parts": [{"generator": "poetry"}]}, "data.settings.parts.0: data.generator: no generator"),
    ],
)
def test_a_corpus_that_cannot_be_is_refused(generator: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Corpus(DataSection(generator=generator, settings=settings), 0)
