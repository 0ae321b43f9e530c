"""Numbers as people and models write them, read exactly and without sympy."""

import re
from dataclasses import dataclass
from fractions import Fraction

MAX_LENGTH = 1000
"""Longer texts are no numbers here; reading them takes no time that an attacker could use."""

MAX_EXPONENT = 300

_INTEGER = r"\d{1,3}(?:[,\s]\d{3})+|\d+"
_BRACED = r"\{\s?-?\s?\d+(?:\.\d+)?\s?\}"
_NUMBER = re.compile(
    rf"""
    (?P<sign>[-+]?)\s?
    (?P<currency>[$€£¥]\s?)?
    (?P<inner_sign>-?)
    (?:
        (?P<mixed>\d+)?\s?\\frac\s?(?P<top>{_BRACED})\s?(?P<bottom>{_BRACED})
      | (?:(?P<whole>\d+)\s)?(?P<plain_top>{_INTEGER})\s?/\s?(?P<plain_bottom>{_INTEGER})
      | (?P<leading>\d*)\.(?P<fixed>\d*)\\overline\s?\{{(?P<period>\d+)\}}
      | (?P<digits>(?:{_INTEGER})(?:\.\d*)?|\.\d+)
        (?:\s?(?:\*\s?10\s?\^\s?|[eE])\s?\{{?\s?(?P<exponent>[-+]?\d{{1,3}})\s?\}}?)?
    )
    (?:\s(?P<scale>hundred|thousand|million|billion|trillion)(?![a-zA-Z]))?
    (?P<percent>\s?%|\s?(?:percent|per\s?cent|pct)(?![a-z]))?
    (?:\s?[$€£¥])?
    (?P<unit>(?:\s[a-zA-Z]|(?:cm|mm|km|kg|mg|ml|mi|ft|lb|oz|hr|min)(?![a-zA-Z]))[a-zA-Z]*
      (?:[ /][a-zA-Z]+){{0,3}}(?:\s?\^\s?\{{?[23]\}}?)?)?
    """,
    re.VERBOSE,
)
_POWER_OF_TEN = re.compile(r"10\s?\^\s?\{?\s?([-+]?\d{1,3})\s?\}?")

_NO_UNITS = frozenset(
    (
        *("pi", "e", "i", "x", "y", "z", "n", "k", "t", "a", "b", "c"),
        *("sqrt", "sin", "cos", "tan", "log", "ln", "exp", "mod", "squared", "cubed"),
        *("times", "plus", "minus", "over", "divided", "dozen", "factorial", "choose", "root"),
        *("half", "halves", "third", "thirds", "fourth", "fourths", "fifth", "fifths"),
        *("tenth", "tenths", "hundredth", "hundredths", "thousandth", "thousandths"),
        *("or", "and", "not", "is", "isn", "are", "maybe", "perhaps", "possibly", "either", "to", "if"),
        *("but", "unless", "except", "than", "no", "wrong", "incorrect", "false"),
    )
)
"""Words after a number that make it another number, or no answer at all."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number and how it was written.

    Attributes:
        value: Exactly, the percent sign left aside.
        percent: Whether a percent sign followed.
        decimals: Digits after the point, or None where it was written as an integer or a fraction.
        unit: The word that followed, in lower case.
    """

    value: Fraction
    percent: bool = False
    decimals: int | None = None
    unit: str = ""


def read_number(text: str) -> Number | None:
    """The number that a normalised text is as a whole, or None where it is none, or is more than one."""
    if len(text) > MAX_LENGTH:
        return None
    text = _in_digits(text)
    power = _POWER_OF_TEN.fullmatch(text)
    if power:
        exponent = int(power[1])
        return Number(Fraction(10) ** exponent) if abs(exponent) <= MAX_EXPONENT else None
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    unit = (match["unit"] or "").strip().lower()
    if _NO_UNITS.intersection(re.split(r"[ /^]+", unit)):
        return None
    value = _magnitude(match)
    if value is None:
        return None
    value *= _WORDS[match["scale"]]
    if (match["sign"] == "-") != (match["inner_sign"] == "-"):
        value = -value
    point = (match["digits"] or "").partition(".")
    return Number(value, bool(match["percent"]), len(point[2]) if point[1] else None, unit)


def same_number(gold: Number, answer: Number) -> bool:
    """Whether two numbers agree.

    Exactly, with two allowances: a percent sign on one side only may stand for a hundredth or for nothing
    (``50%`` answers both 0.5 and 50), and a decimal number may stand for a fraction that has no finite decimal
    form where it gives at least four digits of it, rounded.
    """
    if gold.unit and answer.unit and gold.unit in _SCALES and answer.unit in _SCALES:
        return gold.value * _SCALES[gold.unit] == answer.value * _SCALES[answer.unit]
    if gold.percent == answer.percent:
        return _same_value(gold, answer)
    plain, percent = (gold, answer) if answer.percent else (answer, gold)
    return plain.value in (percent.value, percent.value / 100)


def _same_value(one: Number, other: Number) -> bool:
    if one.value == other.value:
        return True
    for rounded, exact in ((one, other), (other, one)):
        if rounded.decimals is not None and exact.decimals is None and not _is_finite_decimal(exact.value):
            digits = len(str(abs(rounded.value.numerator * 10**rounded.decimals // rounded.value.denominator)))
            if digits >= 4 and abs(rounded.value - exact.value) * 2 <= Fraction(1, 10**rounded.decimals):
                return True
    return False


def _in_digits(text: str) -> str:
    """A number in words, such as ``twenty-one`` or ``three hundred``, in digits."""
    word, _, rest = text.partition(" ")
    tens, _, ones = word.lower().partition("-")
    value = _NUMERALS.get(tens)
    if value is None or rest not in ("", *filter(None, _WORDS)):
        return text
    if ones:
        one = _NUMERALS.get(ones, 0)
        if not (value >= 20 and 1 <= one <= 9):
            return text
        value += one
    return f"{value} {rest}".strip()


def _magnitude(match: re.Match[str]) -> Fraction | None:
    if match["top"]:
        return _fraction(match["mixed"], match["top"], match["bottom"])
    if match["plain_top"]:
        return _fraction(match["whole"], match["plain_top"], match["plain_bottom"])
    if match["period"]:
        fixed, period = match["fixed"], match["period"]
        repeating = Fraction(int(period), 10 ** len(period) - 1) / 10 ** len(fixed)
        return Fraction(f"{match['leading'] or 0}.{fixed}0") + repeating
    exponent = int(match["exponent"] or 0)
    if abs(exponent) > MAX_EXPONENT:
        return None
    return Fraction(re.sub(r"[,\s]", "", match["digits"]).rstrip(".")) * Fraction(10) ** exponent


def _fraction(whole: str | None, top: str, bottom: str) -> Fraction | None:
    numerator, denominator = (Fraction(re.sub(r"[{},\s]", "", part)) for part in (top, bottom))
    return None if denominator == 0 else Fraction(int(whole or 0)) + numerator / denominator


def _is_finite_decimal(value: Fraction) -> bool:
    remaining = value.denominator
    for prime in (2, 5):
        while remaining % prime == 0:
            remaining //= prime
    return remaining == 1


_WORDS = {None: 1, "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_SCALES = {
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), Fraction(1, 1000)),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), Fraction(1, 100)),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), Fraction(1)),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), Fraction(1000)),
}
"""Lengths, in metres: the units that are most often mistaken for each other."""

_NUMERALS = {
    word: value
    for words, values in (
        ("zero one two three four five six seven eight nine", range(10)),
        ("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", range(10, 20)),
        ("twenty thirty forty fifty sixty seventy eighty ninety", range(20, 100, 10)),
    )
    for word, value in zip(words.split(), values, strict=True)
}
