"""Which column of a data set is what, for all sources that read rows."""

import json
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from base_training.config import Section
from base_training.errors import InputError
from rollouts.problems.question import Question

ROLES = ("system", "user", "assistant")


class Fields(Section):
    """The mapping from a row's columns to a question."""

    question: str = Field("question", description="The column of the question, a text.")
    messages: str | None = Field(
        None,
        description="The column of a conversation, a list of {role, content}, in place of a question: its last "
        "user's turn is the question; what an assistant said after it is left out.",
    )
    answer: str | dict[str, str] = Field(
        "answer", description="The column of the label; or a mapping, where the label has several columns' values."
    )
    answer_after: str | None = Field(
        None, description="The label is what follows the last of these marks in the answer, such as ####."
    )
    id: str | None = Field(None, description="The column of the id; the row's place without it.")
    metadata: tuple[str, ...] = Field((), description="Columns to hand to verifiers that ask for them.")
    domain: str | None = Field(None, description="The column of the domain; the recipe's own without it.")
    verifier: str | None = Field(
        None, description="The column that names, in verifier.by_domain, what scores a row; its domain without it."
    )

    @model_validator(mode="after")
    def _one_mark(self) -> Self:
        if isinstance(self.answer, dict) and (self.answer_after is not None or not self.answer):
            raise ValueError("answer as a mapping holds at least one column, and goes without answer_after")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """All that a row must have."""
        answers = (self.answer,) if isinstance(self.answer, str) else tuple(self.answer.values())
        single = (self.messages or self.question, self.id, self.domain, self.verifier)
        return tuple(dict.fromkeys((*filter(None, single), *answers, *self.metadata)))


def question_from_row(row: Mapping[str, Any], where: str, *, default_id: str, fields: Fields) -> Question:
    """Read one record of a data set.

    Args:
        row: The record.
        where: Names the record in errors, such as ``train.jsonl:12``.
        default_id: The id where no column has it.
        fields: Which column is what.

    Raises:
        InputError: A column is missing, the question is no text, or there is no label.
    """
    for name in fields.columns:
        if name not in row:
            raise InputError(f"{where}: no field {name!r}; there are {', '.join(map(str, row)) or 'none'}")
    history, text = _conversation(row, where, fields)
    label = _label(row, where, fields)
    identity = default_id if fields.id is None else str(row[fields.id])
    metadata = {name: row[name] for name in fields.metadata}
    try:
        json.dumps([identity, history, text, label, metadata], ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: a value that JSON cannot hold: {error}") from error
    domain, verifier = (_name(row, where, column) for column in (fields.domain, fields.verifier))
    return Question(
        identity, text, label, metadata=metadata, history=tuple(history), domain=domain, verifier=verifier
    )


def _conversation(row: Mapping[str, Any], where: str, fields: Fields) -> tuple[list[dict[str, str]], str]:
    """What was said before, and the question."""
    if fields.messages is None:
        text = row[fields.question]
        if not isinstance(text, str) or not text.strip():
            raise InputError(
                f"{where}: the question {fields.question!r} must be a text that is not empty, got {text!r}"
            )
        return [], text
    turns = row[fields.messages]
    if not isinstance(turns, list) or not all(_is_turn(turn) for turn in turns):
        raise InputError(
            f"{where}: {fields.messages!r} must be a list of {{role, content}} with the roles {', '.join(ROLES)}, "
            f"got {turns!r}"[:500]
        )
    said = [{"role": turn["role"], "content": turn["content"]} for turn in turns]
    while said and said[-1]["role"] == "assistant":
        said.pop()
    if not said or said[-1]["role"] != "user" or not said[-1]["content"].strip():
        raise InputError(f"{where}: {fields.messages!r} has no user's turn that could be answered")
    return said[:-1], said[-1]["content"]


def _is_turn(turn: object) -> bool:
    return isinstance(turn, Mapping) and turn.get("role") in ROLES and isinstance(turn.get("content"), str)


def _label(row: Mapping[str, Any], where: str, fields: Fields) -> Any:
    if isinstance(fields.answer, dict):
        return {key: row[column] for key, column in fields.answer.items()}
    label = row[fields.answer]
    if fields.answer_after is not None:
        if not isinstance(label, str) or fields.answer_after not in label:
            raise InputError(f"{where}: the answer has no {fields.answer_after!r} before its label, got {label!r}")
        label = label.rpartition(fields.answer_after)[2].strip()
    if label is None or (isinstance(label, str) and not label.strip()):
        raise InputError(f"{where}: a problem without a label: {fields.answer!r} is {label!r}")
    return label


def _name(row: Mapping[str, Any], where: str, column: str | None) -> str | None:
    """A name that a column gives, by itself or as the only one of a list."""
    if column is None:
        return None
    value = row[column]
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: {column!r} must be a name, got {value!r}")
    return value
