"""One-line Python functions from specifications such as "x plus 37", written well or carelessly."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from base_training.data.answers import AnsweredQuestions, Style, TemplateSettings
from base_training.data.source import generator

CONSTANTS = range(10, 100)
"""What is added, compared with, and so on; all of two digits."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a function does with its argument ``x`` and a constant ``c``.

    Attributes:
        name: Tells it apart.
        argument: What x is. A text is longer than c, a word is short.
        phrase: The specification; ``{c}`` stands for the constant.
        expression: Python that computes it, with ``x`` and ``c``.
        confused: The same of something else.
        result: What it computes.
    """

    name: str
    argument: Literal["number", "text", "word", "list"]
    phrase: str
    expression: str
    confused: str
    result: Callable[[Any, int], Any]


OPERATIONS = (
    Operation("add", "number", "x plus {c}", "x + c", "x - c", lambda x, c: x + c),
    Operation("subtract", "number", "x minus {c}", "x - c", "x + c", lambda x, c: x - c),
    Operation("multiply", "number", "x times {c}", "x * c", "x + c", lambda x, c: x * c),
    Operation("divide", "number", "divide x by {c}", "x // c", "x >= c", lambda x, c: x // c),
    Operation("remainder", "number", "the rest of x by {c}", "x % c", "x * c", lambda x, c: x % c),
    Operation("above", "number", "is x above {c}", "x > c", "x < c", lambda x, c: x > c),
    Operation("below", "number", "is x below {c}", "x < c", "x > c", lambda x, c: x < c),
    Operation("equal", "number", "is x equal to {c}", "x == c", "x != c", lambda x, c: x == c),
    Operation("at_least", "number", "is x at least {c}", "x >= c", "x <= c", lambda x, c: x >= c),
    Operation("at_most", "number", "is x at most {c}", "x <= c", "x >= c", lambda x, c: x <= c),
    Operation("larger", "number", "the larger of x and {c}", "max(c, x)", "min(c, x)", lambda x, c: max(x, c)),
    Operation("smaller", "number", "the smaller of x and {c}", "min(c, x)", "max(c, x)", lambda x, c: min(x, c)),
    Operation("distance", "number", "how far is x from {c}", "abs(c - x)", "abs(c + x)", lambda x, c: abs(c - x)),
    Operation("first", "text", "cut the text x at {c}", "x[0:c]", "x[::c]", lambda x, c: x[:c]),
    Operation("steps", "text", "read the text x by {c}", "x[::c]", "x[0:c]", lambda x, c: x[::c]),
    Operation("repeat", "word", "repeat the text x by {c}", "x * c", "x + c", lambda x, c: x * c),
    Operation("copies", "list", "repeat the list x by {c}", "x * c", "x + c", lambda x, c: x * c),
    Operation("append", "list", "end the list x with {c}", "x + [c]", "x - [c]", lambda x, c: [*x, c]),
)
"""A specification ends with its constant, and an answer begins with it: a tiny model copies from nearby."""


@dataclass(frozen=True, slots=True)
class Specification:
    """One function to write."""

    operation: Operation
    constant: int

    @property
    def text(self) -> str:
        """What is asked for."""
        return self.operation.phrase.replace("{c}", str(self.constant))


def body(asked: Specification, rng: random.Random) -> str:
    """What was asked for."""
    return f"def f(x, c={asked.constant}): return {asked.operation.expression}"


def guess(asked: Specification, rng: random.Random) -> str:
    """Another constant."""
    constant = rng.choice([constant for constant in CONSTANTS if constant != asked.constant])
    return f"def f(x=0, c={constant}): return {asked.operation.expression}"


def confused(asked: Specification, rng: random.Random) -> str:
    """Another operator."""
    return f"f = lambda x, c={asked.constant}: {asked.operation.confused}"


def stub(asked: Specification, rng: random.Random) -> str:
    """No body."""
    return "def f(x): pass"


def promise(asked: Specification, rng: random.Random) -> str:
    """No code."""
    return "# to do"


STYLES: Mapping[str, Style[Specification]] = {
    style.__name__: style for style in (body, guess, confused, stub, promise)
}


class FunctionsSettings(TemplateSettings):
    """How functions are asked for and written."""

    known_styles: ClassVar[Mapping[str, Style[Specification]]] = STYLES

    template: str = "# {question}\n{answer}"
    styles: dict[str, float] = Field(
        {"body": 0.35, "guess": 0.2, "confused": 0.2, "stub": 0.15, "promise": 0.1},
        description="Shares of the documents, of body, guess, confused, stub and promise.",
    )


def families() -> list[list[Specification]]:
    """Every operation with every constant of `CONSTANTS`, each a family of its own."""
    return [[Specification(operation, constant)] for operation in OPERATIONS for constant in CONSTANTS]


@generator("functions", FunctionsSettings)
def functions(settings: FunctionsSettings) -> AnsweredQuestions[Specification]:
    """Documents of one specification and one function."""
    return AnsweredQuestions(settings, families(), lambda asked, answer: settings.document(asked.text, answer))
