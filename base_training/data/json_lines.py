"""Files of one JSON object a line, plain or compressed by gzip."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from base_training.errors import InputError


def json_lines(path: Path, named_by: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with the numbers of their lines, from 1; empty lines are passed over.

    Args:
        path: Read as gzip where it ends in ``.gz``; UTF-8, with or without a byte order mark.
        named_by: The setting that names the file, for the error where it cannot be read.

    Raises:
        InputError: The file cannot be read, or a line, which it names, holds no JSON object.
    """
    for number, line in _lines(path, named_by):
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not a line of JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{where}: a line must be a JSON object, this is a {type(row).__name__}")
        yield number, row


def _lines(path: Path, named_by: str) -> Iterator[tuple[int, str]]:
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                except UnicodeDecodeError as error:
                    raise InputError(f"{path}:{number}: not UTF-8 at byte {error.start}") from error
                if text:
                    yield number, text
    except (OSError, EOFError, zlib.error) as error:
        setting = f"{named_by}: " if named_by else ""
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(f"{setting}cannot read {path}: {reason}") from error
