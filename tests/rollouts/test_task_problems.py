"""Problems of code, instructions and passages: their verifiers take the right style of answer, and only that."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from base_training.data import functions, instructions, passages
from rewards.verifier import LoadedVerifier, load_verifier
from rollouts.config import SourceSection
from rollouts.problems.functions import assertions
from rollouts.problems.instructions import label_of
from rollouts.problems.question import Question
from rollouts.problems.registry import read_questions
from tests.rewards.requests import ask


def questions(kind: str) -> list[Question]:
    return read_questions(SourceSection(kind=kind))


def score(verifier: LoadedVerifier, response: str, label: object) -> float:
    verdict = asyncio.run(verifier.verify(ask(response, label)))
    assert verdict.valid
    return verdict.score


@pytest.fixture(scope="module")
def code() -> Iterator[LoadedVerifier]:
    verifier = load_verifier("code")
    verifier.warm_up()
    yield verifier
    asyncio.run(verifier.close())


@pytest.mark.parametrize("operation", functions.OPERATIONS, ids=lambda operation: operation.name)
def test_tests_pass_what_was_asked_and_nothing_else(code: LoadedVerifier, operation: functions.Operation) -> None:
    for constant in (10, 37, 99):
        asked = functions.Specification(operation, constant)
        label = {"tests": assertions(asked), "entry_point": "f"}
        scores = {n: score(code, style(asked, random.Random(0)), label) for n, style in functions.STYLES.items()}
        assert scores == {"body": 1, "guess": 0, "confused": 0, "stub": 0, "promise": 0}


def test_functions_have_tests_and_stable_names() -> None:
    found = {question.id: question for question in questions("functions")}
    assert len(found) == 18 * 90
    assert found["add-37"].text == "x plus 37"
    assert found["above-10"].label == {
        "tests": [
            "assert f(32) == True",
            "assert f(10) == False",
            "assert f(11) == True",
            "assert f(9) == False",
            "assert f(0) == False",
            "assert f(-7) == False",
        ],
        "entry_point": "f",
    }


def test_texts_to_order_satisfy_their_checks() -> None:
    verifier = load_verifier("instructions")
    requests = [asked for family in instructions.families() for asked in family]
    for number, asked in enumerate(requests[::3]):
        text = instructions.STYLES["follow"](asked, random.Random(number))
        assert score(verifier, text, label_of(asked)) == 1, (asked.text, text)


@pytest.mark.parametrize(
    ("style", "low", "high"), [("chat", 0.02, 0.1), ("stray", 0.2, 0.3), ("refuse", 0.02, 0.1)]
)
def test_other_texts_satisfy_few(style: str, low: float, high: float) -> None:
    verifier = load_verifier("instructions")
    requests = [asked for family in instructions.families() for asked in family][::3]
    passed = sum(score(verifier, instructions.STYLES[style](a, random.Random(0)), label_of(a)) for a in requests)
    assert low <= passed / len(requests) <= high


def test_a_request_is_labelled_with_one_instruction_for_content_and_one_for_form() -> None:
    label = next(q.label for q in questions("instructions") if q.id == "in at least 9 words, end with moon")
    assert label == {
        "instruction_id_list": ["last_word:last_word_answer", "length_constraints:number_words"],
        "kwargs": [{"last_word": "moon"}, {"num_words": 9, "relation": "at least"}],
    }


def test_what_the_passage_tells_answers_and_nothing_else_does() -> None:
    verifier = load_verifier("general", {"check": "f1"})
    for family in passages.families(150):
        for asked in family:
            answers = {name: style(asked, random.Random(0)) for name, style in passages.STYLES.items()}
            scores = {
                name: score(verifier, answer, asked.answers[asked.asked]) for name, answer in answers.items()
            }
            assert scores.pop("read") == 1
            assert max(scores.values()) < 1


def test_questions_on_one_passage_are_kin() -> None:
    found = questions("passages")[:5]
    assert len({question.kin for question in found[:4]}) == 1
    assert found[4].kin != found[0].kin
    assert [question.label for question in found[:4]] == list(passages.families(1)[0][0].answers.values())
