"""Short texts to order: "in capitals, use moon", followed to the letter, in part, or not at all."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from base_training.data.answers import AnsweredQuestions, Style, TemplateSettings
from base_training.data.source import generator

NOUNS = (
    *("moon", "star", "rain", "snow", "wind", "lake", "hill", "road", "tree", "leaf"),
    *("bird", "fish", "duck", "goat", "lamb", "ship", "boat", "door", "wall", "lamp"),
    *("book", "coin", "ring", "drum", "bell", "cake", "milk", "rice", "salt", "corn"),
    *("bear", "wolf", "frog", "crab", "deer", "swan", "crow", "nest", "cave", "farm"),
    *("barn", "tent", "roof", "gate", "path", "rock", "sand", "wave", "rope", "sail"),
    *("flag", "kite", "ball", "doll", "coat", "boot", "sock", "belt", "vest", "mill"),
)
"""Words to ask for, all of four letters; none is a part of a text's other words."""

Content = Literal["use", "begin", "end", "avoid"]
Form = Literal["capitals", "small", "quotes", "title", "no_comma", "two_sentences", "long", "short"]

_CONTENTS: Mapping[Content, str] = {
    "use": "use {0}",
    "begin": "begin with {0}",
    "end": "end with {0}",
    "avoid": "avoid {0}",
}
_FORMS: Mapping[Form, str] = {
    "capitals": "in capitals",
    "small": "in small letters",
    "quotes": "in quotes",
    "title": "as a title",
    "no_comma": "without commas",
    "two_sentences": "in two sentences",
    "long": "in at least 9 words",
    "short": "in less than 7 words",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a text must hold, and how it must look.

    Attributes:
        content: What becomes of the noun.
        noun: The word that is named.
        form: How the text must look.
    """

    content: Content
    noun: str
    form: Form

    @property
    def text(self) -> str:
        """What is asked for."""
        return f"{_FORMS[self.form]}, {_CONTENTS[self.content].format(self.noun)}"


def follow(asked: Request, rng: random.Random) -> str:
    """Content and form."""
    return _formed(asked, _sentence(asked, rng), rng)


def chat(asked: Request, rng: random.Random) -> str:
    """The content in prose, whatever the form."""
    return f"Well, {_sentence(asked, rng)}"


def stray(asked: Request, rng: random.Random) -> str:
    """The form, with other content."""
    return _formed(asked, f"this is by the {_other(asked, rng)}", rng)


def refuse(asked: Request, rng: random.Random) -> str:
    """Neither."""
    return "Sorry, I can not."


STYLES: Mapping[str, Style[Request]] = {style.__name__: style for style in (follow, chat, stray, refuse)}


def _sentence(asked: Request, rng: random.Random) -> str:
    """One that holds the noun as asked."""
    other = _other(asked, rng)
    match asked.content:
        case "use":
            return f"the {asked.noun} is by the {other}"
        case "begin":
            return f"{asked.noun} is by the {other}"
        case "end":
            return f"it is by the {asked.noun}"
        case "avoid":
            return f"the {_other(asked, rng)} is by the {other}"


def _other(asked: Request, rng: random.Random) -> str:
    """A noun that was not named."""
    return rng.choice([noun for noun in NOUNS if noun != asked.noun])


def _formed(asked: Request, sentence: str, rng: random.Random) -> str:
    match asked.form:
        case "capitals":
            return sentence.upper()
        case "quotes":
            return f'"{sentence}"'
        case "title":
            return f"<<{sentence}>>"
        case "two_sentences":
            return f"it is old. {sentence}." if asked.content == "end" else f"{sentence}. it is old."
        case "long":
            more = f"it is by the {_other(asked, rng)}"
            return f"{more} and {sentence}" if asked.content == "end" else f"{sentence} and {more}"
        case _:
            return sentence


class InstructionsSettings(TemplateSettings):
    """How texts are asked for and written."""

    known_styles: ClassVar[Mapping[str, Style[Request]]] = STYLES

    template: str = "Write: {question}\n{answer}"
    styles: dict[str, float] = Field(
        {"follow": 0.35, "chat": 0.3, "stray": 0.25, "refuse": 0.1},
        description="Shares of the documents, of follow, chat, stray and refuse.",
    )


def families() -> list[list[Request]]:
    """Every content with every noun in every form, each a family of its own."""
    return [[Request(content, noun, form)] for content in _CONTENTS for noun in NOUNS for form in _FORMS]


@generator("instructions", InstructionsSettings)
def instructions(settings: InstructionsSettings) -> AnsweredQuestions[Request]:
    """Documents of one request and one text."""
    return AnsweredQuestions(settings, families(), lambda asked, answer: settings.document(asked.text, answer))
