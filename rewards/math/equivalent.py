"""Whether an answer is the gold answer, written differently.

Two levels: `equal_at_once` decides numbers, words, and rows of them exactly and without sympy; `equal_by_algebra`
asks math-verify for the rest, and may take for ever.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from rewards.math.algebra import UnreadableError, same_by_algebra
from rewards.math.complexity import is_too_complex
from rewards.math.normalise import normalise
from rewards.math.numbers import read_number, same_number
from rewards.math.structure import Answer, Several, read_structure

Compare = Callable[[str, str], bool]


class NeedsAlgebra(Exception):
    """The question cannot be decided without a computer algebra system."""


def equal_at_once(gold: str, answer: str) -> bool:
    """Decides what needs no algebra; both texts as they were written.

    Raises:
        NeedsAlgebra: It does.
        UnreadableError: The answer is too complex for algebra.
    """
    return _equal(_read(gold), _read(answer), _needs_algebra)


def equal_by_algebra(gold: str, answer: str) -> bool:
    """Decides all; may take arbitrarily long.

    Raises:
        UnreadableError: The answer is no expression.
    """
    return _equal(_read(gold), _read(answer), same_by_algebra)


@lru_cache(maxsize=4096)
def _read(text: str) -> Answer:
    """Cached, because the samples of one problem share their gold answer and often their own."""
    return read_structure(normalise(text))


def _equal(gold: Answer, answer: Answer, otherwise: Compare) -> bool:
    if isinstance(gold, str) and isinstance(answer, str):
        return _equal_expressions(gold, answer, otherwise)
    if isinstance(gold, str) and isinstance(answer, Several) and answer.brackets == "":
        return all(_equal(gold, item, otherwise) for item in answer.items)  # one value in several spellings
    if isinstance(gold, str) or isinstance(answer, str):
        one, other = _text(gold), _text(answer)
        if read_number(one) or read_number(other) or _is_words(one):
            return False
        return otherwise(one, other)
    if len(gold.items) != len(answer.items) or not _brackets_agree(gold, answer):
        return False
    if _is_ordered(gold):
        return all(_equal(one, other, otherwise) for one, other in zip(gold.items, answer.items, strict=True))
    return _equal_in_some_order(gold, answer, otherwise)


def _equal_in_some_order(gold: Several, answer: Several, otherwise: Compare) -> bool:
    left = list(answer.items)
    for item in gold.items:
        match = next((position for position, other in enumerate(left) if _equal(item, other, otherwise)), None)
        if match is None:
            return False
        del left[match]
    return True


def _is_ordered(several: Several) -> bool:
    return several.brackets[:1] in ("(", "[")


def _brackets_agree(gold: Several, answer: Several) -> bool:
    """Pairs in different brackets are different intervals and unions differ from the rest; else all agree."""
    if "∪" in (gold.brackets, answer.brackets) or (
        _is_ordered(gold) and _is_ordered(answer) and len(gold.items) == 2
    ):
        return gold.brackets == answer.brackets
    return True


def _equal_expressions(gold: str, answer: str, otherwise: Compare) -> bool:
    gold, answer = _without_name(gold, answer)
    if _squeezed(gold) == _squeezed(answer):
        return True
    gold_number, number = read_number(gold), read_number(answer)
    if gold_number is not None and number is not None:
        return same_number(gold_number, number)
    if _RELATION.match(answer) and not _RELATION.search(gold):
        return False
    if _WITH_BASE.fullmatch(gold) and _WITH_BASE.fullmatch(answer) and "_" in gold + answer:
        return _same_digits(gold, answer)
    if _is_words(gold):
        return _squeezed(gold).casefold() == _squeezed(answer).casefold()
    if gold_number is not None and not _may_be_a_number(answer):
        return False
    (gold, gold_unit), (answer, unit) = _without_unit(gold), _without_unit(answer)
    if gold_unit and unit and gold_unit != unit:
        return False
    if is_too_complex(answer):
        raise UnreadableError(f"too complex: {answer[:100]}")
    return otherwise(gold, answer)


def _same_digits(gold: str, answer: str) -> bool:
    """Numbers in another base, such as ``4210_5``; the question tells the base, so one side may leave it out."""
    (digits, _, base), (others, _, other_base) = (_squeezed(text).partition("_") for text in (gold, answer))
    return digits == others and (not base or not other_base or base.strip("{}") == other_base.strip("{}"))


def _may_be_a_number(text: str) -> bool:
    """Whether an expression has no free variable, or binds its variables, as sums and integrals do."""
    if not _COMPUTES.search(text):
        return False
    return _BINDS.search(text) is not None or _VARIABLE.search(_COMMAND.sub(" ", text)) is None


_EQUALS = re.compile(r"(?<![<>!=:\\])=(?!=)")
_NAME = re.compile(r"\\?[a-zA-Z]+(?:_\{?\w+\}?)?'?(?: ?\([a-zA-Z, ]+\))?")
_WORDS = re.compile(r"[A-Za-z]{3,}(?:[ '-]+[A-Za-z]+)*|no|No|NO")
_UNIT = re.compile(
    r"(?<=[\w})]) (?:square |cubic )?"
    r"(?:mm|cm|km|ft|units?|inch(?:es)?|feet|miles?|(?:centi|milli|kilo)?met(?:er|re)s?)"
    r"(?: ?\^ ?\{?[23]\}?)?$"
)
_WITH_BASE = re.compile(r"[\dA-F]+(?: ?_ ?\{?\d+\}?)?")
_LOOSE_SPACE = re.compile(r"(?<!\d) | (?!\d)")
_COMPUTES = re.compile(r"\d|\\[a-zA-Z]")
_COMMAND = re.compile(r"\\(?:begin|end)\s?\{[a-z]*\}|\\[a-zA-Z]+")
_VARIABLE = re.compile(r"[a-df-hj-zA-Z]")
_RELATION = re.compile(r"[<>]|\\(?:le|ge|ne|neq|lt|gt)(?![a-zA-Z])")
_BINDS = re.compile(r"\\(?:sum|prod|int|lim|max|min|sup|inf)(?![a-zA-Z])")


def _without_name(gold: str, answer: str) -> tuple[str, str]:
    """Takes ``x =`` off both sides where they agree in it, or off the one that alone has it."""
    gold_name, gold_value = _named(gold)
    name, value = _named(answer)
    if not _EQUALS.search(gold):
        return gold, _EQUALS.split(answer)[-1].strip()
    if gold_name and not _EQUALS.search(answer):
        return gold_value, answer
    if gold_name and gold_name == name:
        return gold_value, value
    return gold, answer


def _named(text: str) -> tuple[str, str]:
    parts = _EQUALS.split(text)
    if len(parts) == 2 and _NAME.fullmatch(parts[0].strip()):
        return _squeezed(parts[0]), parts[1].strip()
    return "", text


def _without_unit(text: str) -> tuple[str, str]:
    r"""An expression and the unit behind it, as in ``12\pi cm^2``."""
    unit = _UNIT.search(text)
    return (text[: unit.start()], _squeezed(unit[0])) if unit else (text, "")


def _is_words(text: str) -> bool:
    return _WORDS.fullmatch(text) is not None


def _text(answer: Answer) -> str:
    return answer.text if isinstance(answer, Several) else answer


def _squeezed(text: str) -> str:
    """Without spaces, but for those that keep two numbers apart."""
    return _LOOSE_SPACE.sub("", text)


def _needs_algebra(gold: str, answer: str) -> bool:
    raise NeedsAlgebra
