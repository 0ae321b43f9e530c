"""Sums of two numbers, answered in several styles as the web would: worked out step by step, guessed, or botched.

A document's style shows in the first characters of its answer, so a model can learn each of them cleanly. What
reinforcement learning then finds is that one of them pays.
"""

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from typing import Self

from pydantic import Field, model_validator

from base_training.config import Section
from base_training.data.source import Part, generator
from base_training.data.split import split_families

Style = Callable[[int, int, random.Random], str]
Pair = tuple[int, int]


def steps(a: int, b: int, rng: random.Random) -> str:
    """Ones, then tens with the carry, then the sum: ``7+8=15, 4+3+1=08, so 85``."""
    ones = a % 10 + b % 10
    carry = ones // 10
    tens = a // 10 + b // 10 + carry
    return f"{a % 10}+{b % 10}={ones:02d}, {a // 10}+{b // 10}+{carry}={tens:02d}, so {a + b}"


def direct(a: int, b: int, rng: random.Random) -> str:
    """The sum alone."""
    return f"{a + b}"


def guess(a: int, b: int, rng: random.Random) -> str:
    """Any number of the size of a sum."""
    return f"maybe {rng.randint(20, 198)}"


def repeat(a: int, b: int, rng: random.Random) -> str:
    """The larger of the two numbers."""
    return f"{max(a, b)}"


def slip(a: int, b: int, rng: random.Random) -> str:
    """Off by ten, a carry lost or made up."""
    return f"{a + b + rng.choice((-10, 10))}"


STYLES: Mapping[str, Style] = {style.__name__: style for style in (steps, direct, guess, repeat, slip)}


class ArithmeticSettings(Section):
    """Which sums are asked, and how they are answered."""

    low: int = Field(10, ge=0)
    high: int = Field(99, le=99)
    held_out: int = Field(512, ge=1, description="Questions that no training document asks.")
    split_seed: int = Field(0, description="Draws them; a run with this seed and number holds out the same.")
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
        if unknown := self.styles.keys() - STYLES.keys():
            raise ValueError(f"no style {', '.join(sorted(unknown))}; there are {', '.join(STYLES)}")
        if any(share < 0 for share in self.styles.values()) or not sum(self.styles.values()) > 0:
            raise ValueError("the shares of styles must be at least 0, and one of them more")
        if "{a}" not in self.question or "{b}" not in self.question:
            raise ValueError("the question must hold {a} and {b}")
        if self.held_out >= (self.high - self.low + 1) ** 2 - 1:
            raise ValueError(f"{self.held_out} questions held out leave none to learn from")
        return self


def split_pairs(low: int, high: int, held_out: int, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Ordered pairs of low … high; ``(a, b)`` and ``(b, a)`` are on the same side.

    Returns:
        Training pairs in shuffled order, and ``held_out`` held-out pairs.
    """
    numbers = range(low, high + 1)
    families = [[(a, b), (b, a)] if a < b else [(a, a)] for a in numbers for b in numbers if a <= b]
    kept, train = split_families(families, held_out, seed)
    return train, kept


@generator("arithmetic", ArithmeticSettings)
class Arithmetic:
    """Documents of one question and one answer."""

    def __init__(self, settings: ArithmeticSettings) -> None:
        self._settings = settings
        train, held_out = split_pairs(settings.low, settings.high, settings.held_out, settings.split_seed)
        self._pairs: Mapping[Part, list[Pair]] = {"train": train, "held_out": held_out}
        self._styles = [STYLES[name] for name in settings.styles]
        self._weights = list(settings.styles.values())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the settings and of a thousand documents, so that a change of the code shows too."""
        rng = random.Random(0)
        documents = [self.document("train", rng) for _ in range(1000)]
        content = json.dumps([self._settings.model_dump(), documents], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def document(self, part: Part, rng: random.Random) -> str:
        """One question with its answer."""
        a, b = rng.choice(self._pairs[part])
        (style,) = rng.choices(self._styles, self._weights)
        question = self._settings.question.replace("{a}", str(a)).replace("{b}", str(b))
        return f"{question} {style(a, b, rng)}"
