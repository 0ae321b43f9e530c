"""Brings the ways of writing one expression to one form: plain LaTeX without ornaments."""

import re

_CHARACTERS: dict[int, str] = {
    **{full: chr(full - 0xFF01 + ord("!")) for full in range(0xFF01, 0xFF5F)},
    **{ord(minus): "-" for minus in "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63"},
    **{ord(times): "*" for times in "\u00d7\u2217\u22c5\u00b7"},
    **{ord(space): " " for space in "\t\u00a0\u2002\u2003\u2009\u202f\u3000"},
    **{ord(nothing): "" for nothing in "\u200b\u200c\u200d\u2060\ufeff"},
    **{ord(digit): f"^{{{value}}}" for value, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{ord(digit): f"_{{{value}}}" for value, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    ord("½"): r"\frac{1}{2}",
    ord("⅓"): r"\frac{1}{3}",
    ord("⅔"): r"\frac{2}{3}",
    ord("¼"): r"\frac{1}{4}",
    ord("¾"): r"\frac{3}{4}",
    ord("⅕"): r"\frac{1}{5}",
    ord("⅛"): r"\frac{1}{8}",
    ord("÷"): "/",
    ord("⁄"): "/",
    ord("∕"): "/",
    ord("π"): r"\pi ",
    ord("∞"): r"\infty ",
    ord("°"): r"^\circ ",
    ord("≤"): r"\le ",
    ord("≥"): r"\ge ",
    ord("≠"): r"\ne ",
    ord("±"): r"\pm ",
    ord("∪"): r"\cup ",
    ord("∩"): r"\cap ",
    ord("∈"): r"\in ",
    ord("∅"): r"\emptyset ",
    ord("ℝ"): r"\mathbb{R}",
    ord("⟨"): "(",
    ord("⟩"): ")",
    ord("′"): "'",
}

_FINAL_MARKS = re.compile(r"(?:(?<!\\)[.,;:]|\s)+$")

_WRAPPERS = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("**", "**"), ("`", "`"))

_DEGREES = r"\^ ?\{? ?\\circ ?\}?|\\degree(?![a-zA-Z])"

_ORNAMENTS = (
    (re.compile(r"√\s?(\d+|[a-zA-Z])"), r"\\sqrt{\1}"),
    (re.compile(r"√\s?"), r"\\sqrt"),
    (re.compile(r"\\\{\s*\\\}"), r"\\emptyset "),
    (re.compile(r"\\(?:left|right|big|Big|bigg|Bigg|displaystyle|textstyle|limits|quad|qquad)(?![a-zA-Z])"), ""),
    (re.compile(r"\\(?:[dtc]frac)(?![a-zA-Z])"), r"\\frac"),
    (re.compile(r"(?<!\\)\\!"), ""),
    (re.compile(r"(?<!\\)\\[,;:> ]|~"), " "),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\langle(?![a-zA-Z])"), "("),
    (re.compile(r"\\rangle(?![a-zA-Z])"), ")"),
    (re.compile(r"\\(?:times|cdot|ast)(?![a-zA-Z])"), "*"),
    (re.compile(r"\\leq(?![a-zA-Z])"), r"\\le"),
    (re.compile(r"\\geq(?![a-zA-Z])"), r"\\ge"),
    (re.compile(r"\\(?:varnothing)(?![a-zA-Z])"), r"\\emptyset"),
    (re.compile(r"\\R(?![a-zA-Z])"), r"\\mathbb{R}"),
    (
        re.compile(rf"(\\(?:sin|cos|tan|cot|sec|csc)) ?[({{]? ?(\d+(?:\.\d+)?) ?(?:{_DEGREES}) ?[)}}]?"),
        r"\1(\2*\\pi/180)",
    ),
    (re.compile(_DEGREES), ""),
    (
        re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|operatorname|mbox|rm)\s?\{([^{}]*)\}"),
        r" \1 ",
    ),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\\\$"), "$"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"(?<![\\a-zA-Z])(?:infinity|infty|inf)(?![a-zA-Z])"), r"\\infty "),
    (
        re.compile(r"(?<![\\a-zA-Z])(pi|ln|log|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|exp)(?![a-zA-Z])"),
        r"\\\1 ",
    ),
    (re.compile(r"\\frac\s*(\d)\s*(\d)"), r"\\frac{\1}{\2}"),
)

_NEGATIVE = re.compile(r"^(?:minus|negative) (?=[\d.])", re.IGNORECASE)
_IN_WORDS = re.compile(r"(?<=\d) ?\(([a-z]{2,}(?:[ -][a-z]{2,}){0,3})\)$", re.IGNORECASE)

_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{")


def normalise(text: str) -> str:
    """One expression in plain form; it means the same, and equal ones are likelier to be spelled alike."""
    text = unwrap(text.translate(_CHARACTERS))
    for pattern, replacement in _ORNAMENTS:
        text = pattern.sub(replacement, text)
    return _NEGATIVE.sub(
        "-", _IN_WORDS.sub(lambda said: " " + said[1].replace("-", " "), unwrap(_roots(" ".join(text.split()))))
    )


def unwrap(text: str) -> str:
    """Without the delimiters and final punctuation around it."""
    before = None
    while text != before:
        before = text
        text = _FINAL_MARKS.sub("", text.strip())
        if text.startswith(("\\boxed", "\\fbox")):
            text = _inside_box(text)
        for opening, closing in _WRAPPERS:
            if (
                len(text) > len(opening) + len(closing)
                and text.startswith(opening)
                and text.endswith(closing)
                and opening not in text[len(opening) : -len(closing)]
            ):
                text = text[len(opening) : -len(closing)]
    return text


def closing_position(text: str, start: int) -> int:
    """Where the bracket that opens at ``start`` closes, or -1. Interval ends such as ``[0, 1)`` close as well."""
    depth = 0
    skip = False
    for position in range(start, len(text)):
        character = text[position]
        if skip:
            skip = False
        elif character == "\\":
            skip = text[position + 1 : position + 2] not in "{}"
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return position
    return -1


def _inside_box(text: str) -> str:
    match = _BOXED.match(text)
    if match is None:
        return text
    end = closing_position(text, match.end() - 1)
    return text[match.end() : end] if end == len(text) - 1 else text


def _roots(text: str) -> str:
    r"""``sqrt(...)`` as ``\sqrt{...}``."""
    position = 0
    while (position := text.find("sqrt", position)) >= 0:
        after = position + len("sqrt")
        if position == 0 or text[position - 1] != "\\":
            text = f"{text[:position]}\\{text[position:]}"
            after += 1
        if text[after : after + 1] == "(":
            end = closing_position(text, after)
            if end > 0:
                text = f"{text[:after]}{{{text[after + 1 : end]}}}{text[end + 1 :]}"
        position = after
    return text
