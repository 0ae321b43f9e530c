"""Scores that a judge has given, in memory and, where asked for, in a JSON Lines file."""

import fcntl
import json
import os
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

from rewards.errors import VerifierError


class ScoreCache:
    """The scores of the prompts asked last, so that one prompt is paid for once.

    The file has one line ``{"key", "score", "reply"}`` for each new score; several processes may append to it, and
    what a crash left of a last line is cut off by the next one that is written.

    Args:
        path: The file; None keeps scores in memory only.
        entries: How many scores are held in memory.

    Raises:
        VerifierError: The file cannot be read, or a line of it is none of a cache.
    """

    def __init__(self, path: Path | None = None, entries: int = 200_000) -> None:
        self._path = path
        self._entries = entries
        self._scores: OrderedDict[str, float] = OrderedDict()
        if path is not None and path.exists():
            self._load(path)

    def get(self, key: str) -> float | None:
        """The score of a prompt, or None where it has none yet."""
        if key not in self._scores:
            return None
        self._scores.move_to_end(key)
        return self._scores[key]

    def put(self, key: str, score: float, reply: str) -> None:
        """Keeps a score; the reply goes to the file only, for people to read."""
        self._remember(key, score)
        if self._path is not None:
            line = json.dumps({"key": key, "score": score, "reply": reply}) + "\n"
            with open(self._path, "ab+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                _cut_off_half_a_line(file)
                file.write(line.encode())

    def _remember(self, key: str, score: float) -> None:
        self._scores[key] = score
        self._scores.move_to_end(key)
        if len(self._scores) > self._entries:
            self._scores.popitem(last=False)

    def _load(self, path: Path) -> None:
        try:
            with open(path, "rb") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith(b"\n"):
                        self._remember(*_entry(line, f"{path} line {number}"))
        except OSError as error:
            raise VerifierError(f"the judge's cache {path} cannot be read: {error}") from error


def _entry(line: bytes, place: str) -> tuple[str, float]:
    try:
        row = json.loads(line)
        return str(row["key"]), float(row["score"])
    except (ValueError, TypeError, KeyError) as error:
        raise VerifierError(
            f"{place} is no entry of a judge's cache; delete the line, or name another file"
        ) from error


def _cut_off_half_a_line(file: BinaryIO) -> None:
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 4096)
        file.seek(start)
        block = file.read(end - start)
        newline = block.rfind(b"\n")
        if newline >= 0 or start == 0:
            file.truncate(start + newline + 1)
            return
        end = start
