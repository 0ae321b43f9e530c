"""Problems from files of JSON lines."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from base_training.config import Section
from base_training.errors import InputError
from rollouts.problems.question import Question, question_from_row
from rollouts.problems.registry import source


class JsonlSettings(Section):
    """Where the lines are, and which field is what."""

    path: str | tuple[str, ...] = Field(description="A file, or several.")
    question: str = Field("question", description="The field of the question.")
    answer: str = Field("answer", description="The field of the label.")
    answer_after: str | None = Field(
        None, description="The label is what follows the last of these marks in the answer, such as ####."
    )
    id: str | None = Field(None, description="The field of the id; file name and line number without it.")
    metadata: tuple[str, ...] = Field((), description="Fields to hand to verifiers that ask for them.")


@source("jsonl", JsonlSettings)
def jsonl(settings: JsonlSettings, base_path: Path) -> Iterator[Question]:
    """One problem a line; empty lines are passed over."""
    paths = (settings.path,) if isinstance(settings.path, str) else settings.path
    for path in (base_path / path for path in paths):
        for number, line in _lines(path):
            where = f"{path}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{where}: not a line of JSON: {error}") from error
            if not isinstance(row, dict):
                raise InputError(f"{where}: a line must be a JSON object, this is a {type(row).__name__}")
            yield question_from_row(
                row,
                where,
                default_id=f"{path.name}:{number}",
                question_field=settings.question,
                answer_field=settings.answer,
                id_field=settings.id,
                answer_after=settings.answer_after,
                metadata_fields=settings.metadata,
            )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                except UnicodeDecodeError as error:
                    raise InputError(f"{path}:{number}: not UTF-8 at byte {error.start}") from error
                if text:
                    yield number, text
    except OSError as error:
        raise InputError(f"problems.source.settings.path: cannot read {path}: {error.strerror}") from error
