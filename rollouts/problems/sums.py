"""Sums of two numbers, every ordered pair once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from base_training.config import Section
from rollouts.problems.question import Question
from rollouts.problems.registry import source

MOST_NUMBERS = 1000


class SumsSettings(Section):
    """Which numbers are added, and how it is asked."""

    low: int = Field(1, description="The smallest number.")
    high: int = Field(99, description="The largest number.")
    question: str = Field("What is {a} + {b}?", description="It must hold {a} and {b}.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.low <= self.high < self.low + MOST_NUMBERS:
            raise ValueError(f"needs 1 to {MOST_NUMBERS} numbers, low to high; got {self.low} to {self.high}")
        if "{a}" not in self.question or "{b}" not in self.question:
            raise ValueError(f"the question must hold {{a}} and {{b}}, this is {self.question!r}")
        return self


@source("sums", SumsSettings)
def sums(settings: SumsSettings, base_path: Path) -> Iterator[Question]:
    """a + b and b + a are kin: neither is trained on when the other is held out."""
    for a in range(settings.low, settings.high + 1):
        for b in range(settings.low, settings.high + 1):
            text = settings.question.replace("{a}", str(a)).replace("{b}", str(b))
            yield Question(f"{a}+{b}", text, str(a + b), kin=f"{min(a, b)}+{max(a, b)}")
