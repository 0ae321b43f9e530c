"""One-line functions to write from a specification, with tests: what the corpus ``functions`` is made of."""

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from base_training.config import Section
from base_training.data.functions import Specification, families
from rollouts.problems.question import Question
from rollouts.problems.registry import source


@source("functions", Section)
def functions(settings: Section, base_path: Path) -> Iterator[Question]:
    """Labels are those of the verifier ``code``."""
    for family in families():
        for asked in family:
            label = {"tests": assertions(asked), "entry_point": "f"}
            yield Question(f"{asked.operation.name}-{asked.constant}", asked.text, label)


def assertions(asked: Specification) -> list[str]:
    """Assertions that no function passes whose constant is off by one, or whose operator is another."""
    result, constant = asked.operation.result, asked.constant
    return [f"assert f({x!r}) == {result(x, constant)!r}" for x in _INPUTS[asked.operation.argument](constant)]


def _letters(count: int) -> str:
    return (string.ascii_lowercase * (count // 26 + 1))[:count]


_INPUTS: Mapping[str, Callable[[int], Sequence[Any]]] = {
    "number": lambda c: (3 * c + 2, c, c + 1, c - 1, 0, -7),
    "text": lambda c: (_letters(c + 5), _letters(c), "ab", ""),
    "word": lambda c: ("ab", "-", ""),
    "list": lambda c: ([c - 1, c, c + 1, 2 * c + 3], [c, c, 0], [c + 1], []),
}
"""What a function is tried with, the most telling first."""
