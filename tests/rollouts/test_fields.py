"""From a data set's columns to a question."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from base_training.errors import InputError
from rollouts.problems.fields import Fields, question_from_row
from rollouts.problems.question import Question

ASKED = {"role": "user", "content": "And 2 + 2?"}
BEFORE = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1 + 1?"}]
REPLY = {"role": "assistant", "content": "2"}


def read(row: dict[str, Any], **fields: Any) -> Question:
    return question_from_row(row, "rows.jsonl:7", default_id="7", fields=Fields(**fields))


def test_a_conversation_keeps_what_was_said_before_its_last_question() -> None:
    row = {"messages": [*BEFORE, REPLY, ASKED], "ground_truth": "4"}
    question = read(row, messages="messages", answer="ground_truth")
    assert (question.text, question.label) == ("And 2 + 2?", "4")
    assert question.history == (*BEFORE, REPLY)
    assert question.whole_text == "Be brief.\n1 + 1?\n2\nAnd 2 + 2?"


def test_the_reply_that_a_data_set_holds_is_left_out() -> None:
    row = {"messages": [ASKED, {**REPLY, "content": "The answer is 4."}], "answer": "4"}
    question = read(row, messages="messages")
    assert (question.text, question.history) == ("And 2 + 2?", ())


def test_a_label_is_assembled_from_several_columns() -> None:
    row = {"text": "Add.", "test_list": ["assert f(1) == 2"], "test_setup_code": "", "task_id": 11}
    columns = {"tests": "test_list", "setup": "test_setup_code"}
    question = read(row, question="text", answer=columns, id="task_id")
    assert question.label == {"tests": ["assert f(1) == 2"], "setup": ""}
    assert question.id == "11"


@pytest.mark.parametrize("value", ["gsm8k", ["gsm8k"]])
def test_a_row_names_its_domain_and_its_verifier(value: object) -> None:
    row = {"question": "1?", "answer": "1", "dataset": value, "topic": "sums"}
    question = read(row, verifier="dataset", domain="topic")
    assert (question.verifier, question.domain) == ("gsm8k", "sums")


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ("hello", "'messages' must be a list of {role, content}"),
        ([{"role": "tool", "content": "x"}], "with the roles system, user, assistant"),
        ([{"role": "user"}], "must be a list of {role, content}"),
        ([], "has no user's turn that could be answered"),
        ([REPLY], "has no user's turn that could be answered"),
        ([{"role": "user", "content": "  "}], "has no user's turn that could be answered"),
    ],
)
def test_a_bad_conversation_is_named(messages: object, message: str) -> None:
    with pytest.raises(InputError, match=f"^rows.jsonl:7: .*{re.escape(message)}"):
        read({"messages": messages, "answer": "1"}, messages="messages")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"answer": {"tests": "test_list"}}, "no field 'test_list'; there are question, answer, dataset"),
        ({"verifier": "kind"}, "no field 'kind'"),
        ({"verifier": "dataset"}, "'dataset' must be a name, got 3"),
    ],
)
def test_a_column_that_is_missing_or_odd_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^rows.jsonl:7: {re.escape(message)}"):
        read({"question": "1?", "answer": "1", "dataset": 3}, **fields)


@pytest.mark.parametrize("fields", [{"answer": {}}, {"answer": {"a": "b"}, "answer_after": "####"}])
def test_a_mapping_of_labels_goes_without_a_mark(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="answer as a mapping holds at least one column"):
        Fields(**fields)
