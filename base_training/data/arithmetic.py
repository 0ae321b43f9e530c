"""Sums of two numbers, worked out step by step, guessed, or botched."""

import random
from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from base_training.data.answers import AnsweredQuestions, AnswerSettings, Style
from base_training.data.source import generator

Pair = tuple[int, int]


def steps(pair: Pair, rng: random.Random) -> str:
    """Ones, then tens with the carry, then the sum: ``7+8=15, 4+3+1=08, so 85``."""
    a, b = pair
    ones = a % 10 + b % 10
    carry = ones // 10
    tens = a // 10 + b // 10 + carry
    return f"{a % 10}+{b % 10}={ones:02d}, {a // 10}+{b // 10}+{carry}={tens:02d}, so {a + b}"


def direct(pair: Pair, rng: random.Random) -> str:
    """The sum alone."""
    return f"{sum(pair)}"


def guess(pair: Pair, rng: random.Random) -> str:
    """Any number of the size of a sum."""
    return f"maybe {rng.randint(20, 198)}"


def repeat(pair: Pair, rng: random.Random) -> str:
    """The larger of the two numbers."""
    return f"{max(pair)}"


def slip(pair: Pair, rng: random.Random) -> str:
    """Off by ten, a carry lost or made up."""
    return f"{sum(pair) + rng.choice((-10, 10))}"


STYLES: Mapping[str, Style[Pair]] = {style.__name__: style for style in (steps, direct, guess, repeat, slip)}


class ArithmeticSettings(AnswerSettings):
    """Which sums are asked, and how they are answered."""

    known_styles: ClassVar[Mapping[str, Style[Pair]]] = STYLES

    low: int = Field(10, ge=0)
    high: int = Field(99, le=99)
    question: str = Field(
        "Q: {a}+{b}=?\nA:", description="It must hold {a} and {b}; a space and the answer follow it."
    )
    styles: dict[str, float] = Field(
        {"steps": 0.5, "guess": 0.25, "repeat": 0.15, "slip": 0.1},
        description="Shares of the documents, of steps, direct, guess, repeat and slip.",
    )

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low must be less than high, got {self.low} and {self.high}")
        if "{a}" not in self.question or "{b}" not in self.question:
            raise ValueError("the question must hold {a} and {b}")
        return self


def families(low: int, high: int) -> list[list[Pair]]:
    """Ordered pairs of low … high; ``(a, b)`` and ``(b, a)`` are of one family."""
    numbers = range(low, high + 1)
    return [[(a, b), (b, a)] if a < b else [(a, a)] for a in numbers for b in numbers if a <= b]


@generator("arithmetic", ArithmeticSettings)
def arithmetic(settings: ArithmeticSettings) -> AnsweredQuestions[Pair]:
    """Documents of one sum."""

    def document(pair: Pair, answer: str) -> str:
        question = settings.question.replace("{a}", str(pair[0])).replace("{b}", str(pair[1]))
        return f"{question} {answer}"

    return AnsweredQuestions(settings, families(settings.low, settings.high), document)
