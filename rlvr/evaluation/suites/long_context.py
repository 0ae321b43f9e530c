"""Long context over made-up text at several lengths and depths: needles, variables, counting.

After RULER (Hsieh et al. 2024, arXiv 2404.06654). Lengths are words of the text, so that a suite is the same for
every model; a token is about three quarters of a word.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.evaluation.suites.prompts import said
from rlvr.evaluation.suites.registry import Options, suite

LENGTHS = (256, 512, 1024)
DEPTHS = (0, 25, 50, 75, 100)
EACH = 18
SEED = 1_707

_WHO = ("The farmer", "A sailor", "My neighbour", "The teacher", "An old man", "The baker", "A child")
_DID = ("walked to", "looked at", "wrote about", "painted", "talked of", "returned to", "left", "remembered")
_WHAT = ("the harbour", "a quiet street", "the old mill", "the market", "a green hill", "the library", "the river")
_WHEN = ("in the morning", "after the rain", "before supper", "last winter", "without a word", "on a Sunday")
_CODES = ("amber", "basil", "cedar", "delta", "ember", "fjord", "gamma", "hazel", "indigo", "kelp", "lotus")
_NAMES = ("P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z")
_COUNTED = "lantern"


@dataclass(frozen=True, slots=True)
class Puzzle:
    """What is hidden in a text, and what is asked of it.

    Attributes:
        sentences: To be hidden; each stands alone.
        depth: Where, in percent of the text; None spreads them over it in their order.
        question: Asked at the end.
        cue: What an answer is written to.
        answer: A whole number.
    """

    sentences: tuple[str, ...]
    depth: int | None
    question: str
    cue: str
    answer: int


def _needle(draw: Random, depth: int) -> Puzzle:
    """One code among others that are not asked for."""
    names = draw.sample(_CODES, 3)
    numbers = draw.sample(range(10_000, 100_000), 3)
    sentences = (f"The secret number of {name} is {number}." for name, number in zip(names, numbers, strict=True))
    return Puzzle(
        tuple(sentences),
        depth,
        f"What is the secret number of {names[0]}?",
        f"The secret number of {names[0]} is",
        numbers[0],
    )


def _variables(draw: Random, depth: int) -> Puzzle:
    """A number that is handed on from variable to variable, beside a second chain."""
    names = draw.sample(_NAMES, 8)
    one, other = draw.sample(range(1_000, 10_000), 2)
    steps: list[str] = []
    for place in range(4):
        for chain, value in ((names[:4], one), (names[4:], other)):
            steps.append(f"VAR {chain[place]} = {value if place == 0 else f'VAR {chain[place - 1]}'}.")
    return Puzzle(tuple(steps), None, f"Which number is VAR {names[3]}?", f"VAR {names[3]} is the number", one)


def _counting(draw: Random, depth: int) -> Puzzle:
    """A word that stands in some sentences and in no other."""
    count = draw.randint(2, 9)
    sentences = tuple(f"{draw.choice(_WHO)} lit a {_COUNTED} {draw.choice(_WHEN)}." for _ in range(count))
    return Puzzle(
        sentences,
        None,
        f"How many times does the word {_COUNTED} stand in the text?",
        f"The number of times that the word {_COUNTED} stands in the text is",
        count,
    )


@suite("needle", "a number to find in a long text, at five depths; lengths 256, 512, 1024 words", "[WORDS]")
def needle(options: Options) -> Suite:
    """Domains are length and depth."""
    return _over_lengths("needle", _needle, DEPTHS, options)


@suite("variables", "a number to follow from variable to variable through a long text", "[WORDS]")
def variables(options: Options) -> Suite:
    """Domains are lengths."""
    return _over_lengths("variables", _variables, (None,), options)


@suite("counting", "how often a word stands in a long text", "[WORDS]")
def counting(options: Options) -> Suite:
    """Domains are lengths."""
    return _over_lengths("counting", _counting, (None,), options)


def _over_lengths(
    name: str,
    made: Callable[[Random, int], Puzzle],
    depths: tuple[int | None, ...],
    options: Options,
) -> Suite:
    each = EACH if len(depths) > 1 else EACH * len(DEPTHS)
    problems = []
    for words in _lengths(name, options.argument):
        for depth in depths:
            domain = f"{words} words" + (f", {depth}% deep" if depth is not None else "")
            for number in range(each):
                draw = Random(f"{SEED}/{name}/{words}/{depth}/{number}")
                puzzle = made(draw, depth or 0)
                problems.append(
                    Problem(
                        f"{words}/{depth if depth is not None else 'spread'}/{number}",
                        (said(_prompt(puzzle, words, draw, options.chat)),),
                        "math",
                        str(puzzle.answer),
                        domain,
                    )
                )
    return Suite(
        name=f"{name}/{options.argument}" if options.argument else name,
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=32, stop=() if options.chat else ("\n", ".")),
        verifiers={"math": VerifierSection(name="math", settings={"extraction": "last_integer"})},
    )


def _lengths(name: str, argument: str) -> tuple[int, ...]:
    if not argument:
        return LENGTHS
    if not argument.isdecimal() or not 64 <= int(argument) <= 1_000_000:
        raise InputError(f"suite {name}/{argument}: after the slash stands the text's length, 64 to 1000000 words")
    return (int(argument),)


def _prompt(puzzle: Puzzle, words: int, draw: Random, chat: bool) -> str:
    text: list[str] = []
    left = words - sum(len(sentence.split()) for sentence in puzzle.sentences)
    while left > 0:
        sentence = f"{draw.choice(_WHO)} {draw.choice(_DID)} {draw.choice(_WHAT)} {draw.choice(_WHEN)}."
        text.append(sentence)
        left -= len(sentence.split())
    if puzzle.depth is None:
        places = sorted(draw.choices(range(len(text) + 1), k=len(puzzle.sentences)))
    else:
        first = round(puzzle.depth / 100 * len(text))
        places = [first, *draw.choices(range(len(text) + 1), k=len(puzzle.sentences) - 1)]
    in_order = sorted(zip(places, puzzle.sentences, strict=True), key=lambda pair: pair[0])
    for place, sentence in reversed(in_order):  # the places of those before it stay what they are
        text.insert(place, sentence)
    asked = f"Read the text, then answer the question.\n\nText: {' '.join(text)}\n\nQuestion: {puzzle.question}"
    return f"{asked} Answer with the number only." if chat else f"{asked}\nAnswer: {puzzle.cue}"
