"""Questions on a passage of two facts, answered from the right one, from the other one, or from nowhere."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from base_training.data.answers import AnsweredQuestions, Style, TemplateSettings
from base_training.data.source import generator

NAMES = (
    *("Ann", "Ben", "Dan", "Eva", "Fay", "Gus", "Hal", "Ida", "Jim", "Kay"),
    *("Liz", "Max", "Ned", "Pam", "Ron", "Sue", "Tom", "Una", "Vic", "Zoe"),
)
"""Whom facts are about; the initial tells them apart, which is what a tiny model can look up."""

_THINGS = (
    *("cup", "hat", "key", "pen", "map", "fan", "jar", "mug", "net", "pin"),
    *("pot", "rug", "saw", "tie", "toy", "bag", "bat", "axe", "kite", "drum"),
)
_PLACES = (
    *("barn", "bath", "attic", "hall", "shed", "yard", "lake", "sink", "tent", "van"),
    *("well", "cave", "nest", "desk", "bin", "oven", "pool", "park", "shop", "moat"),
)
_FOODS = (
    *("tea", "milk", "corn", "rice", "soup", "fish", "plums", "pears", "bread", "cake"),
    *("beans", "figs", "nuts", "eggs", "ham", "jam", "pie", "kale", "peas", "salt"),
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What facts of one kind say.

    Attributes:
        fact: With ``{name}`` and ``{value}``.
        question: With ``{name}``.
        values: What may be told.
    """

    fact: str
    question: str
    values: tuple[str, ...]


RELATIONS = (
    Relation("{name} has {value}", "What does {name} have?", tuple(f"the {thing}" for thing in _THINGS)),
    Relation("{name} is {value}", "Where is {name}?", tuple(f"in the {place}" for place in _PLACES)),
    Relation("{name} likes {value}", "What does {name} like?", _FOODS),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Two facts, and which of them is asked for.

    Attributes:
        relation: Of both facts.
        names: In their order.
        values: In their order.
        asked: 0 or 1.
    """

    relation: Relation
    names: tuple[str, str]
    values: tuple[str, str]
    asked: int

    @property
    def text(self) -> str:
        """The passage and the question."""
        question = self.relation.question.format(name=self.names[self.asked])
        return f"{self.fact(0)}. {self.fact(1)}. {question}"

    def fact(self, place: int) -> str:
        """The first or the second fact, without its full stop."""
        return self.relation.fact.format(name=self.names[place], value=self.values[place])


def quote(asked: Passage, rng: random.Random) -> str:
    """The fact that answers."""
    return asked.fact(asked.asked)


def mistake(asked: Passage, rng: random.Random) -> str:
    """What the other fact tells."""
    return f"It must be {asked.values[1 - asked.asked]}"


def guess(asked: Passage, rng: random.Random) -> str:
    """What neither fact tells."""
    return f"Maybe {rng.choice([value for value in asked.relation.values if value not in asked.values])}"


def evade(asked: Passage, rng: random.Random) -> str:
    """No answer."""
    return "Who knows?"


STYLES: Mapping[str, Style[Passage]] = {style.__name__: style for style in (quote, mistake, guess, evade)}


class PassagesSettings(TemplateSettings):
    """How many passages there are, and how questions on them are answered."""

    known_styles: ClassVar[Mapping[str, Style[Passage]]] = STYLES

    passages: int = Field(3000, ge=1, le=100_000, description="Each with two questions.")
    template: str = "{question}\n{answer}"
    styles: dict[str, float] = Field(
        {"quote": 0.35, "mistake": 0.25, "guess": 0.25, "evade": 0.15},
        description="Shares of the documents, of quote, mistake, guess and evade.",
    )


def families(passages: int) -> list[list[Passage]]:
    """So many different passages, always the same ones; the questions on one passage are a family."""
    rng = random.Random("passages")
    found: dict[frozenset[tuple[str, str]], list[Passage]] = {}
    while len(found) < passages:
        relation = rng.choice(RELATIONS)
        first, second = rng.sample(NAMES, 2)
        told, told_second = rng.sample(relation.values, 2)
        facts = frozenset({(first, told), (second, told_second)})
        if facts not in found:
            found[facts] = [Passage(relation, (first, second), (told, told_second), asked) for asked in (0, 1)]
    return list(found.values())


@generator("passages", PassagesSettings)
def passages(settings: PassagesSettings) -> AnsweredQuestions[Passage]:
    """Documents of one passage, one question and one answer."""
    return AnsweredQuestions(
        settings, families(settings.passages), lambda asked, answer: settings.document(asked.text, answer)
    )
