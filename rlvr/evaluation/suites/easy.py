"""The easy suite: bits per byte of right answers, which tells small models apart before they answer anything.

Its problems are made here, the same ones each time: six kinds, the first two of which a model meets in any text.
"""

from collections.abc import Callable
from random import Random

from rewards.problem import Problem
from rlvr.evaluation.suite import Suite
from rlvr.evaluation.suites.prompts import Form
from rlvr.evaluation.suites.registry import Options, suite

PER_KIND = 64
SEED = 4_242

_CAPITALS = (
    "France Paris, Italy Rome, Spain Madrid, Germany Berlin, Japan Tokyo, China Beijing, Russia Moscow, "
    "Egypt Cairo, Greece Athens, Portugal Lisbon, Austria Vienna, Poland Warsaw, Sweden Stockholm, Norway Oslo, "
    "Finland Helsinki, Denmark Copenhagen, Ireland Dublin, Canada Ottawa, Cuba Havana, Peru Lima, Chile Santiago, "
    "Kenya Nairobi, Hungary Budapest, Thailand Bangkok, Belgium Brussels, Turkey Ankara, Iran Tehran, "
    "Iraq Baghdad, Cyprus Nicosia, Vietnam Hanoi, Iceland Reykjavik, Romania Bucharest"
)
_OPPOSITES = (
    "hot cold, big small, up down, left right, day night, black white, open closed, wet dry, old young, "
    "fast slow, rich poor, high low, happy sad, hard soft, long short, early late, full empty, good bad, "
    "heavy light, near far, strong weak, clean dirty, loud quiet, thick thin, win lose, buy sell, push pull, "
    "first last, always never, inside outside, love hate, true false"
)
_ORDERS = (
    ("day", "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    (
        "month",
        "January, February, March, April, May, June, July, August, September, October, November, December",
    ),
    ("letter", ", ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("number", "one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve"),
)

Pair = tuple[str, str]


def _pairs(text: str) -> list[Pair]:
    return [(first, second) for first, second in (pair.split() for pair in text.split(", "))]


def _facts(draw: Random) -> list[Pair]:
    capitals = [(f"What is the capital of {country}?", city) for country, city in _pairs(_CAPITALS)]
    opposites = [(f"What is the opposite of {one}?", other) for one, other in _pairs(_OPPOSITES)]
    return (capitals + opposites)[:PER_KIND]


def _orders(draw: Random) -> list[Pair]:
    found = [
        (f"Which {kind} comes {side} {names[place]}?", names[place + step])
        for kind, listed in _ORDERS
        for names in [listed.split(", ")]
        for place in range(len(names))
        for side, step in (("after", 1), ("before", -1))
        if 0 <= place + step < len(names)
    ]
    return draw.sample(found, PER_KIND)


def _sums(draw: Random) -> list[Pair]:
    pairs = draw.sample([(a, b) for a in range(1, 100) for b in range(1, 100)], PER_KIND)
    return [(f"What is {a} + {b}?", str(a + b)) for a, b in pairs]


def _differences(draw: Random) -> list[Pair]:
    pairs = draw.sample([(a, b) for a in range(2, 100) for b in range(1, a)], PER_KIND)
    return [(f"What is {a} - {b}?", str(a - b)) for a, b in pairs]


def _products(draw: Random) -> list[Pair]:
    pairs = draw.sample([(a, b) for a in range(2, 21) for b in range(2, 13)], PER_KIND)
    return [(f"What is {a} * {b}?", str(a * b)) for a, b in pairs]


def _counts(draw: Random) -> list[Pair]:
    found = []
    for start, step in draw.sample([(a, b) for a in range(1, 60) for b in range(2, 12)], PER_KIND):
        shown = ", ".join(str(start + step * place) for place in range(4))
        found.append((f"Which number comes next: {shown}?", str(start + 4 * step)))
    return found


KINDS: dict[str, Callable[[Random], list[Pair]]] = {
    "facts": _facts,
    "orders": _orders,
    "sums": _sums,
    "differences": _differences,
    "products": _products,
    "sequences": _counts,
}

FORM = Form(
    examples=(
        ("What is the capital of England?", "London"),
        ("What is 12 + 5?", "17"),
        ("Which season comes after spring?", "summer"),
    )
)


@suite("easy", f"{PER_KIND * len(KINDS)} plain questions, 3 examples: the bits per byte of right answers")
def easy(options: Options) -> Suite:
    """Lower is better; needs no data."""
    problems = []
    for kind, made in KINDS.items():
        for number, (question, answer) in enumerate(made(Random(f"{SEED}/{kind}"))):
            messages = FORM.messages(question, chat=False)
            problems.append(Problem(f"{kind}/{number}", messages, "", f" {answer}", kind))
    return Suite(name="easy", problems=tuple(problems), score="bits_per_byte")
