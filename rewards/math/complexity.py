"""Tells expressions that algebra could never finish with, before it tries.

This only spares time: what slips through is killed by the pool.
"""

import re

MAX_NESTING = 40
MAX_EXPONENT = 5_000
MAX_FACTORIAL = 2_000

_SIGNS = re.compile(r"(?:[-+]\s?){6,}")
_FACTORIAL = re.compile(r"(\d+)\s?!|!\s?!\s?!")
_LARGE_EXPONENT = re.compile(r"\^\s?\{?\s?[-+]?(\d{4,})|\d[eE][-+]?\d{4,}")
_POWER = re.compile(r"(\d+)\s?\^\s?(?:\{\s?(\d+)\s?\}|\(\s?(\d+)\s?\)|(\d+))(?!\s?\^|\d)")
_CARETS = 20


def is_too_complex(text: str) -> bool:
    """Whether a normalised expression nests too deep, or holds a power or factorial too large to write down."""
    if _SIGNS.search(text) or _deepest(text) > MAX_NESTING or text.count("^") > _CARETS:
        return True
    for match in _FACTORIAL.finditer(text):
        if match[1] is None or len(match[1]) > 5 or int(match[1]) > MAX_FACTORIAL:
            return True
    return _has_large_power(text)


def _has_large_power(text: str) -> bool:
    """Evaluates towers of integers from the top down, as long as their values stay small."""
    for _ in range(_CARETS):
        if any(match[1] is None or int(match[1][:9]) > MAX_EXPONENT for match in _LARGE_EXPONENT.finditer(text)):
            return True
        match = _POWER.search(text)
        if match is None:
            return False
        base, exponent = match[1], int(match[2] or match[3] or match[4])
        if len(base) * exponent > MAX_EXPONENT:
            return True
        text = f"{text[: match.start()]}{int(base) ** exponent}{text[match.end() :]}"
    return True


def _deepest(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest
