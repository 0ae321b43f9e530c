"""Readers for the arguments of instructions; the message of their ValueError ends "... must be"."""

from collections.abc import Callable, Sequence
from typing import Any

from rewards.instructions.text import word_set

Relation = Callable[[float, float], bool]

LANGUAGES = word_set(
    """
    af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr ne nl no pa pl
    pt ro ru sk sl so sq sv sw ta te th tl tr uk ur vi zh zh-cn zh-tw
    """
)
"""ISO 639-1 codes of the languages that can be told apart."""


def number(value: Any) -> int:
    """A whole number from 0 on. Tables write those as 3.0 where other rows have none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 or value < 0:
        raise ValueError("a whole number from 0 on")
    return int(value)


def positive(value: Any) -> int:
    """A whole number from 1 on."""
    try:
        read = number(value)
    except ValueError:
        read = 0
    if read < 1:
        raise ValueError("a whole number from 1 on")
    return read


def percentage(value: Any) -> float:
    """A number from 0 to 100."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("a number from 0 to 100")
    return value


def text(value: Any) -> str:
    """A text that is not blank; some tables write it as a list of one."""
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not blank")
    return value.strip()


def whole_text(value: Any) -> str:
    """A text that is not blank, with the spaces around it, for indices that count them."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not blank")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ValueError("a list of texts")
    return tuple(text(item) for item in value)


def letter(value: Any) -> str:
    """One character; data sets also ask for ``#`` and ``!``."""
    if not isinstance(value, str) or len(value.strip()) != 1:
        raise ValueError("one character")
    return value.strip().lower()


def language(value: Any) -> str:
    """A code in `LANGUAGES`."""
    if not isinstance(value, str) or value.lower() not in LANGUAGES:
        raise ValueError(f"one of the language codes {' '.join(sorted(LANGUAGES))}")
    return value.lower()


def relation(value: Any) -> Relation:
    """How a count is compared with the number that was asked for."""
    if value == "at least":
        return lambda count, asked: count >= asked
    if value == "less than":
        return lambda count, asked: count < asked
    raise ValueError('"at least" or "less than"')
