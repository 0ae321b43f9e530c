"""How long a response is, in the unit that a recipe names."""

import re
from dataclasses import dataclass

from rewards.registry import nearest

UNITS = ("characters", "words", "tokens")

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts characters, words between spaces, or tokens.

    A verifier has no tokenizer: how many tokens a response has is told by whoever drew it.

    Attributes:
        unit: ``characters``, ``words`` or ``tokens``.

    Raises:
        ValueError: There is no such unit.
    """

    unit: str = "characters"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            near = nearest(str(self.unit), UNITS)
            raise ValueError(f'unit: there is none named "{self.unit}"{near} Units: {", ".join(UNITS)}')

    def of(self, text: str, tokens: int | None) -> int:
        """The length of a text.

        Args:
            text: What is measured in characters or words.
            tokens: Of the whole response.

        Raises:
            ValueError: The unit is ``tokens``, and nobody counted them.
        """
        if self.unit == "characters":
            return len(text)
        if self.unit == "words":
            return sum(1 for _ in _WORD.finditer(text))
        if tokens is None:
            raise ValueError(
                "it is not known how many tokens the response has: give its number as tokens, or measure in "
                "characters or words"
            )
        return tokens


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
