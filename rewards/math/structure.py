"""The shape of an answer: one expression, or several in brackets or in a row."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from rewards.math.normalise import closing_position, unwrap

MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Several:
    r"""Several expressions that are one answer.

    Attributes:
        text: As it stood.
        brackets: ``"()"``, ``"[)"`` and the like where order counts; ``"{}"`` for a set; ``"∪"`` for a union of
            sets; empty where they stood in a row.
        items: The parts.
    """

    text: str
    brackets: str
    items: tuple["Answer", ...]


Answer: TypeAlias = str | Several

_THOUSANDS = re.compile(r"[-+$€£¥ ]*\d{1,3}(?:,\d{3})+(?!\d)[^,;]*")
_SET = re.compile(r"\\\{(.*)\\\}")
_MATRIX = re.compile(r"\\begin\s?\{[a-zA-Z]*(?:matrix|array|cases)\}")
_UNION = re.compile(r"\\cup(?![a-zA-Z])")
_WORD = re.compile(r"(?<![a-zA-Z\\])(?:and|or)(?![a-zA-Z])")
_COMMA = re.compile(r"[,;]")
_MEMBER = re.compile(r"[a-zA-Z] ?\\in(?![a-zA-Z]) ?")
_NAMED = re.compile(r"(?:[a-zA-Z]|\([a-zA-Z](?: ?, ?[a-zA-Z]){1,5}\)) ?= ?(?=[(\[]|\\\{)")
_SPACED_COMMA = re.compile(r"[,;](?:(?!\d{3}(?!\d))|(?<!\d.))")


def read_structure(text: str, depth: int = 0) -> Answer:
    """Takes a normalised text apart at its outermost brackets and commas."""
    text = _value(unwrap(text))
    if depth > MAX_DEPTH or _MATRIX.search(text):
        return text
    if "\\cup" in text:
        return _several(text, "∪", _split(text, _UNION), depth)
    a_set = _SET.fullmatch(text)
    if a_set and closing_position(text, 1) == len(text) - 1:
        return _several(text, "{}", _split(a_set[1], _separator(a_set[1])), depth)
    if text[:1] in ("(", "[", "{") and closing_position(text, 0) == len(text) - 1:
        parts = _split(text[1:-1], _separator(text[1:-1]))
        if len(parts) > 1:
            return _several(text, text[0] + text[-1], parts, depth)
        return text if text[0] == "[" else read_structure(text[1:-1], depth + 1)
    if not _THOUSANDS.fullmatch(text):
        parts = [part for piece in _split(text, _separator(text)) for part in _split(piece, _WORD)]
        if len(parts) > 1:
            return _several(text, "", parts, depth)
    if text.count("\\pm") == 1:
        value = text.rpartition("=")[2]
        return Several(text, "", tuple(value.replace("\\pm", sign).strip() for sign in ("+", "-")))
    return text


def _value(text: str) -> str:
    r"""Without ``x \in``, and without a name before brackets, as in ``(x, y) = (1, 2)``."""
    member, named = _MEMBER.match(text), _NAMED.match(text)
    if member:
        return text[member.end() :]
    if named:
        start = named.end() + (text[named.end()] == "\\")
        if closing_position(text, start) == len(text) - 1:
            return text[named.end() :]
    return text


def _several(text: str, brackets: str, parts: list[str], depth: int) -> Answer:
    """The parts as one answer; rows within a row, such as those that ± makes, become part of it."""
    items: list[Answer] = []
    for part in parts:
        item = read_structure(part, depth + 1)
        items.extend(item.items if isinstance(item, Several) and item.brackets == "" else (item,))
    return Several(text, brackets, tuple(items))


def _separator(text: str) -> re.Pattern[str]:
    """Commas; where some have a space after them, those between groups of three digits belong to a number."""
    return _SPACED_COMMA if ", " in text else _COMMA


def _split(text: str, separator: re.Pattern[str]) -> list[str]:
    """The parts between separators that stand outside all brackets, empty parts left out."""
    cuts = {match.start(): match.end() for match in separator.finditer(text)}
    if not cuts:
        return [text]
    parts = []
    start = depth = 0
    for position, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0 and position in cuts and position >= start:
            parts.append(text[start:position])
            start = cuts[position]
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]
