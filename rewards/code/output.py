"""Whether a program printed what was expected."""

import math


def same_output(printed: str, expected: str, tolerance: float = 0.0) -> bool:
    """Compares line by line; white space at the ends of lines and of the whole doesn't count.

    Args:
        printed: What the program printed.
        expected: What the label says.
        tolerance: Where above 0, words that are both numbers may differ by so much, absolutely or relative to the
            expected one.
    """
    ours, theirs = _lines(printed), _lines(expected)
    if ours == theirs:
        return True
    if tolerance == 0 or len(ours) != len(theirs):
        return False
    return all(
        _same_words(mine.split(), wanted.split(), tolerance) for mine, wanted in zip(ours, theirs, strict=True)
    )


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().split("\n")]


def _same_words(ours: list[str], theirs: list[str], tolerance: float) -> bool:
    return len(ours) == len(theirs) and all(
        mine == wanted or _close(mine, wanted, tolerance) for mine, wanted in zip(ours, theirs, strict=True)
    )


def _close(mine: str, wanted: str, tolerance: float) -> bool:
    if "_" in mine or not mine.isascii():
        return False  # Python alone reads numbers so
    try:
        number, target = float(mine), float(wanted)
    except ValueError:
        return False
    if not (math.isfinite(number) and math.isfinite(target)):
        return False
    return abs(number - target) <= tolerance * max(1.0, abs(target))
