"""How long a response is, in the unit that a recipe names."""

import re
from dataclasses import dataclass

from rewards.problem import Problem
from rewards.registry import nearest

UNITS = ("characters", "words", "tokens")

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts characters, words between spaces, or tokens.

    Tokens are read from a column of the problem, since a verifier has no tokenizer: a file of samples can have one
    for each row; within a run a column says the same of all samples of a problem, so there use characters.

    Attributes:
        unit: ``characters``, ``words`` or ``tokens``.
        column: The column that holds the response's number of tokens.

    Raises:
        ValueError: There is no such unit.
    """

    unit: str = "characters"
    column: str = "response_tokens"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            near = nearest(str(self.unit), UNITS)
            raise ValueError(f'unit: there is none named "{self.unit}"{near} Units: {", ".join(UNITS)}')

    def of(self, text: str, problem: Problem) -> int:
        """The length of a text.

        Raises:
            ValueError: The column of tokens is missing, or holds no count.
        """
        if self.unit == "characters":
            return len(text)
        if self.unit == "words":
            return sum(1 for _ in _WORD.finditer(text))
        if self.column not in problem.metadata:
            raise ValueError(f'problem {problem.id} has no column "{self.column}" with the number of tokens')
        count = problem.metadata[self.column]
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f'the column "{self.column}" of problem {problem.id} is no count: {count!r}'[:300])
        return count


def positive(name: str, value: object, zero: bool = False) -> float:
    """The value of a setting that must be a number above 0, or from 0 on.

    Raises:
        ValueError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{name}: expected a number, {'at least' if zero else 'above'} 0, got {value!r}")
    if value == 0 and not zero:
        raise ValueError(f"{name}: expected a number above 0, got {value!r}")
    return float(value)
