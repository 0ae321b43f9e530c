"""Which letter of a multiple-choice question a text chooses."""

import re
from collections.abc import Sequence

from rewards.general.answer import HEDGE, Answer
from rewards.general.normalise import normalise

_ALONE = re.compile(r"[\s(\[*_]*([A-Za-z])[\s)\].:,*_]*")
_WITH_TEXT = re.compile(r"[\s(\[*_]*([A-Z])[)*_]*[).:\]][*_]*\s+(\S.*)", re.DOTALL)
_NAMED = re.compile(r"[\s*_]*(?:[Oo]ption|[Cc]hoice|[Ll]etter)\s+")
_MENTION = re.compile(
    r"\b(?:[Oo]ption|[Cc]hoice)\s+[(*_]{0,3}([A-Z])\b|\(([A-Z])\)|(?:^|[\s,;/])([A-Z])[).:]"
    r"|\b(?:is|be|choose|chose|pick|select)\s+([A-Z])(?![\w'])"
)
_ANOTHER = re.compile(
    r"\b(?:[Oo]ption|[Cc]hoice)\s+[A-Z]\b|\([A-Z]\)|(?:^|[\s,;/])[A-Z](?:[):]|\.\s+\S)"
    r"|(?:\b(?:and|or|also|plus)\b|[,;/&])\s*[A-Z][\s.]*$"
)
_LONE = re.compile(r"(?<![\w'])[B-HJ](?![\w'])")
_TAG = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf)\s?\{([^{}]*)\}")


def chosen_letter(answer: Answer, choices: Sequence[str] = ()) -> str | None:
    """The letter that an answer chooses, in upper case; None where it chooses none, or more than one.

    Args:
        answer: What the response answers.
        choices: The texts of the choices in their order, where they are known: one of them stands for its letter.
    """
    if answer.several:
        return None
    for reading in answer.readings:
        letter = _read(reading, choices)
        if letter:
            return letter
    if answer.marked:
        return None
    text = answer.readings[0]
    mentioned = {letter for match in _MENTION.finditer(text) for letter in match.groups() if letter}
    return mentioned.pop() if len(mentioned) == 1 and not HEDGE.search(text) else None


def _read(text: str, choices: Sequence[str]) -> str | None:
    plain = _TAG.sub(r"\1", text).strip().strip("$*_`").strip()
    plain = _NAMED.sub("", plain, count=1) if _NAMED.match(plain) else plain
    if match := _ALONE.fullmatch(plain):
        return match[1].upper()
    if match := _WITH_TEXT.fullmatch(plain):
        rest = match[2]
        stated = _letter_of(rest, choices)
        if stated:
            return match[1] if stated == match[1] else None
        others = {letter for letter in _LONE.findall(rest) if letter != match[1]}
        several = others or HEDGE.search(rest) or _ANOTHER.search(rest) or _ALONE.fullmatch(rest)
        return None if several else match[1]
    return _letter_of(plain, choices)


def _letter_of(text: str, choices: Sequence[str]) -> str | None:
    """The letter of the one choice that a text states."""
    said = normalise(text)
    letters = [chr(ord("A") + place) for place, choice in enumerate(choices) if normalise(choice) == said]
    return letters[0] if len(letters) == 1 else None
