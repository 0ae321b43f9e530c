"""Problems from files of JSON lines."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from base_training.errors import InputError
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
        for number, line in _lines(path):
            where = f"{path}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{where}: not a line of JSON: {error}") from error
            if not isinstance(row, dict):
                raise InputError(f"{where}: a line must be a JSON object, this is a {type(row).__name__}")
            yield question_from_row(row, where, default_id=f"{path.name}:{number}", fields=settings)


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
