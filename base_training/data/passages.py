"""Questions on a passage, answered from the right place in it, from another one, or from nowhere."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from base_training.data.answers import AnsweredQuestions, Style, TemplateSettings
from base_training.data.source import generator

_NAMES = (
    *("Ann", "Ben", "Dan", "Eva", "Fay", "Gus", "Hal", "Ida", "Jim", "Kay"),
    *("Liz", "Max", "Ned", "Pam", "Ron", "Sue", "Tom", "Una", "Vic", "Zoe"),
)
_COLOURS = ("blue", "gray", "pink", "gold", "teal", "lime", "navy", "rust", "ruby", "jade")
_THINGS = (
    *("kite", "drum", "coat", "boot", "sock", "belt", "vest", "lamp", "book", "coin"),
    *("ring", "bell", "ball", "doll", "flag", "rope", "boat", "fork", "dish", "comb"),
)
_PLACES = (
    *("barn", "bath", "hall", "shed", "yard", "lake", "sink", "tent", "well", "cave"),
    *("nest", "desk", "oven", "pool", "park", "shop", "moat", "mill", "farm", "road"),
)
_QUESTIONS = {"who": "Who?", "what": "What?", "where": "Where?", "colour": "Colour?"}


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage, and what is asked of it.

    Attributes:
        name: Who has it. It has three letters and all words below four, so that their places never change.
        colour: Of the thing.
        thing: What it is.
        place: Where it is.
        asked: One of ``who``, ``what``, ``where`` and ``colour``.
    """

    name: str
    colour: str
    thing: str
    place: str
    asked: str

    @property
    def text(self) -> str:
        """The question and the passage."""
        return f"{_QUESTIONS[self.asked]} {self.name}: {self.colour} {self.thing}, {self.place}."

    @property
    def answers(self) -> Mapping[str, str]:
        """The right answers to all questions."""
        return {
            "who": self.name,
            "what": f"{self.colour} {self.thing}",
            "where": self.place,
            "colour": self.colour,
        }


def read(asked: Passage, rng: random.Random) -> str:
    """What the passage tells."""
    return asked.answers[asked.asked]


def mistake(asked: Passage, rng: random.Random) -> str:
    """What it tells on another question."""
    return (
        f"It must be {rng.choice([told for question, told in asked.answers.items() if question != asked.asked])}"
    )


def guess(asked: Passage, rng: random.Random) -> str:
    """What some passage may tell."""
    return f"Maybe {_drawn(asked.asked, rng).answers[asked.asked]}"


def evade(asked: Passage, rng: random.Random) -> str:
    """No answer."""
    return "Nobody knows"


STYLES: Mapping[str, Style[Passage]] = {style.__name__: style for style in (read, mistake, guess, evade)}


class PassagesSettings(TemplateSettings):
    """How many passages there are, and how questions on them are answered."""

    known_styles: ClassVar[Mapping[str, Style[Passage]]] = STYLES

    passages: int = Field(2000, ge=1, le=50_000, description="Each with four questions.")
    template: str = "{question}\n{answer}"
    styles: dict[str, float] = Field(
        {"read": 0.35, "mistake": 0.25, "guess": 0.25, "evade": 0.15},
        description="Shares of the documents, of read, mistake, guess and evade.",
    )


def families(passages: int) -> list[list[Passage]]:
    """So many different passages, always the same ones; the questions on one passage are a family."""
    rng = random.Random("passages")
    found: dict[str, list[Passage]] = {}
    while len(found) < passages:
        first = _drawn("who", rng)
        if first.text not in found:
            found[first.text] = [replace(first, asked=asked) for asked in _QUESTIONS]
    return list(found.values())


def _drawn(asked: str, rng: random.Random) -> Passage:
    return Passage(rng.choice(_NAMES), rng.choice(_COLOURS), rng.choice(_THINGS), rng.choice(_PLACES), asked)


@generator("passages", PassagesSettings)
def passages(settings: PassagesSettings) -> AnsweredQuestions[Passage]:
    """Documents of one question, one passage and one answer."""
    return AnsweredQuestions(
        settings, families(settings.passages), lambda asked, answer: settings.document(asked.text, answer)
    )
