"""Problems from files of JSON lines."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from base_training.data.json_lines import json_lines
from rollouts.problems.fields import Fields, question_from_row
from rollouts.problems.question import Question
from rollouts.problems.registry import source


class JsonlSettings(Fields):
    """Where the lines are, and which field is what; the id is the file's name and the line's number by default."""

    path: str | tuple[str, ...] = Field(description="A file, or several.")


@source("jsonl", JsonlSettings, generated=False)
def jsonl(settings: JsonlSettings, base_path: Path) -> Iterator[Question]:
    """One problem a line; empty lines are passed over."""
    paths = (settings.path,) if isinstance(settings.path, str) else settings.path
    for path in (base_path / path for path in paths):
        for number, row in json_lines(path, named_by="problems.source.settings.path"):
            where = f"{path}:{number}"
            yield question_from_row(row, where, default_id=f"{path.name}:{number}", fields=settings)
