"""One-line Python functions from specifications such as "add 37 to x", written well or carelessly."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from base_training.data.answers import AnsweredQuestions, Style, TemplateSettings
from base_training.data.source import generator

CONSTANTS = range(2, 100)
"""What is added, compared with, and so on: 0 and 1 would make right what is wrong."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a function does with its argument ``x`` and a constant ``c``.

    Attributes:
        name: Tells it apart.
        argument: What x is. A text is longer than c, a word is short.
        phrase: The specification; ``{c}`` stands for the constant.
        expression: Python that computes it.
        confused: Python that computes something else.
        result: What it computes.
    """

    name: str
    argument: Literal["number", "text", "word", "list"]
    phrase: str
    expression: str
    confused: str
    result: Callable[[Any, int], Any]


OPERATIONS = (
    Operation("add", "number", "add {c} to x", "x + {c}", "x - {c}", lambda x, c: x + c),
    Operation("subtract", "number", "take {c} from x", "x - {c}", "{c} - x", lambda x, c: x - c),
    Operation("multiply", "number", "multiply x by {c}", "x * {c}", "x + {c}", lambda x, c: x * c),
    Operation("quotient", "number", "divide x by {c} rounding down", "x // {c}", "x % {c}", lambda x, c: x // c),
    Operation("remainder", "number", "the rest of x by {c}", "x % {c}", "x // {c}", lambda x, c: x % c),
    Operation("above", "number", "is x above {c}", "x > {c}", "x >= {c}", lambda x, c: x > c),
    Operation("below", "number", "is x below {c}", "x < {c}", "x <= {c}", lambda x, c: x < c),
    Operation("equal", "number", "is x equal to {c}", "x == {c}", "x != {c}", lambda x, c: x == c),
    Operation("larger", "number", "the larger of x and {c}", "max(x, {c})", "min(x, {c})", lambda x, c: max(x, c)),
    Operation(
        "smaller", "number", "the smaller of x and {c}", "min(x, {c})", "max(x, {c})", lambda x, c: min(x, c)
    ),
    Operation("first", "text", "the first {c} letters of x", "x[:{c}]", "x[{c}:]", lambda x, c: x[:c]),
    Operation("last", "text", "the last {c} letters of x", "x[-{c}:]", "x[:{c}]", lambda x, c: x[-c:]),
    Operation("drop", "text", "x without its first {c} letters", "x[{c}:]", "x[:{c}]", lambda x, c: x[c:]),
    Operation("repeat", "word", "repeat x {c} times", "x * {c}", "x + {c}", lambda x, c: x * c),
    Operation(
        "keep_above",
        "list",
        "items of x above {c}",
        "[i for i in x if i > {c}]",
        "[i for i in x if i < {c}]",
        lambda x, c: [i for i in x if i > c],
    ),
    Operation(
        "keep_below",
        "list",
        "items of x below {c}",
        "[i for i in x if i < {c}]",
        "[i for i in x if i > {c}]",
        lambda x, c: [i for i in x if i < c],
    ),
    Operation("count", "list", "how often {c} is in x", "x.count({c})", "x.index({c})", lambda x, c: x.count(c)),
    Operation("contains", "list", "is {c} in x", "{c} in x", "{c} not in x", lambda x, c: c in x),
    Operation("append", "list", "put {c} at the end of x", "x + [{c}]", "[{c}] + x", lambda x, c: [*x, c]),
    Operation("total", "list", "the sum of x plus {c}", "sum(x) + {c}", "sum(x) - {c}", lambda x, c: sum(x) + c),
)


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
    return f"def f(x): return {_filled(asked.operation.expression, asked.constant)}"


def slip(asked: Specification, rng: random.Random) -> str:
    """The constant is off by one."""
    return f"f = lambda x: {_filled(asked.operation.expression, asked.constant + 1)}"


def confused(asked: Specification, rng: random.Random) -> str:
    """Another operator."""
    return f"def f(x=0): return {_filled(asked.operation.confused, asked.constant)}"


def stub(asked: Specification, rng: random.Random) -> str:
    """No body."""
    return "def f(x): pass"


def promise(asked: Specification, rng: random.Random) -> str:
    """No code."""
    return "# to do"


def _filled(expression: str, constant: int) -> str:
    return expression.replace("{c}", str(constant))


STYLES: Mapping[str, Style[Specification]] = {
    style.__name__: style for style in (body, slip, confused, stub, promise)
}


class FunctionsSettings(TemplateSettings):
    """How functions are asked for and written."""

    known_styles: ClassVar[Mapping[str, Style[Specification]]] = STYLES

    template: str = "# {question}\n{answer}"
    styles: dict[str, float] = Field(
        {"body": 0.35, "slip": 0.2, "confused": 0.2, "stub": 0.15, "promise": 0.1},
        description="Shares of the documents, of body, slip, confused, stub and promise.",
    )


def families() -> list[list[Specification]]:
    """Every operation with every constant of `CONSTANTS`, each a family of its own."""
    return [[Specification(operation, constant)] for operation in OPERATIONS for constant in CONSTANTS]


@generator("functions", FunctionsSettings)
def functions(settings: FunctionsSettings) -> AnsweredQuestions[Specification]:
    """Documents of one specification and one function."""
    return AnsweredQuestions(settings, families(), lambda asked, answer: settings.document(asked.text, answer))
