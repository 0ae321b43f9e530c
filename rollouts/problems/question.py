"""What a source yields, before the recipe's template makes it a problem."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from base_training.errors import InputError


@dataclass(frozen=True, slots=True)
class Question:
    """A bare question with its label.

    Attributes:
        id: Unique within its source and stable over runs.
        text: The question, without the recipe's template.
        label: What the verifier compares an answer with; any JSON value but null and the empty string.
        kin: Questions of the same kin are never split between training and held-out problems; by default the
            question's own words, whatever their case and spacing.
        metadata: Further columns, handed to verifiers that ask for them.
    """

    id: str
    text: str
    label: Any
    kin: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def side_key(self) -> str:
        """Decides together with whom the question is held out."""
        return self.kin or " ".join(self.text.casefold().split())


def question_from_row(
    row: Mapping[str, Any],
    where: str,
    *,
    default_id: str,
    question_field: str,
    answer_field: str,
    id_field: str | None = None,
    answer_after: str | None = None,
    metadata_fields: tuple[str, ...] = (),
) -> Question:
    """Read one record of a data set.

    Args:
        row: The record.
        where: Names the record in errors, such as ``train.jsonl:12``.
        default_id: The id where ``id_field`` is None.
        question_field: The column of the question, a text.
        answer_field: The column of the label, any JSON value.
        id_field: The column of the id.
        answer_after: The label is what follows the last occurrence of this mark, such as ``####``.
        metadata_fields: Columns to keep beside.

    Raises:
        InputError: A column is missing, the question is no text, or there is no label.
    """
    for name in (question_field, answer_field, *metadata_fields, *([id_field] if id_field else [])):
        if name not in row:
            raise InputError(f"{where}: no field {name!r}; there are {', '.join(map(str, row)) or 'none'}")
    text, label = row[question_field], row[answer_field]
    if not isinstance(text, str) or not text.strip():
        raise InputError(
            f"{where}: the question {question_field!r} must be a text that is not empty, got {text!r}"
        )
    if answer_after is not None:
        label = _after(label, answer_after, where)
    if label is None or (isinstance(label, str) and not label.strip()):
        raise InputError(f"{where}: a problem without a label: {answer_field!r} is {label!r}")
    identity = default_id if id_field is None else str(row[id_field])
    metadata = {name: row[name] for name in metadata_fields}
    try:
        json.dumps([identity, text, label, metadata], ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: a value that JSON cannot hold: {error}") from error
    return Question(identity, text, label, metadata=metadata)


def _after(label: object, mark: str, where: str) -> str:
    if not isinstance(label, str) or mark not in label:
        raise InputError(f"{where}: the answer has no {mark!r} before its label, got {label!r}")
    return label.rpartition(mark)[2].strip()
