"""Documents cut from files of plain text that are on this machine."""

import hashlib
import random
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from base_training.data.source import Part
from base_training.errors import InputError

STANDARD_LIBRARY = "stdlib"
"""Stands for the sources of the running Python's own standard library: text that every machine has."""

SUFFIXES = (".md", ".py", ".rst", ".txt")
"""What is read of a folder."""

_HELD_OUT_EVERY = 20


class LocalText:
    """Pieces of whole lines; every twentieth is held out."""

    def __init__(self, names: Sequence[str], characters: int) -> None:
        """
        Args:
            names: Files, folders (their ``SUFFIXES`` files at any depth), or ``stdlib``.
            characters: Longest piece; a longer line is a piece of its own, cut off there.

        Raises:
            InputError: A path that does not exist or cannot be read, or too little text.
        """
        texts = (_read(path) for name in names for path in _files(name))
        pieces = [piece for text in texts for piece in _pieces(text, characters)]
        held_out = pieces[::_HELD_OUT_EVERY]
        del pieces[::_HELD_OUT_EVERY]
        if not pieces:
            raise InputError(f"data.text: {', '.join(names)} holds too little text to learn from; name more files")
        self._pieces: Mapping[Part, list[str]] = {"train": pieces, "held_out": held_out}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all the text, in hexadecimal."""
        digest = hashlib.sha256()
        for pieces in self._pieces.values():
            for piece in pieces:
                digest.update(piece.encode() + b"\0")
        return digest.hexdigest()

    def document(self, part: Part, rng: random.Random) -> str:
        """Any piece."""
        return rng.choice(self._pieces[part])


def _files(name: str) -> list[Path]:
    if name == STANDARD_LIBRARY:
        return sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    path = Path(name).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise InputError(f"data.text: the folder {path} has no files that end in {', '.join(SUFFIXES)}")
        return files
    if not path.is_file():
        raise InputError(
            f"data.text: there is no file or folder {path}; check the path, or name {STANDARD_LIBRARY}"
        )
    return [path]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"data.text: cannot read {path}: {error.strerror}") from error


def _pieces(text: str, characters: int) -> Iterator[str]:
    """Consecutive lines, as many as fit; pieces of nothing but blanks are passed over."""
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > characters:
            if piece.strip():
                yield piece
            piece = ""
        piece += line[: characters - len(piece)]
    if piece.strip():
        yield piece
