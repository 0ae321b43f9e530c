"""Short texts to order: "use sun and moon in capitals", followed to the letter, in part, or not at all."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from base_training.data.answers import AnsweredQuestions, Style, TemplateSettings
from base_training.data.source import generator

NOUNS = (
    *("sun", "moon", "star", "rain", "snow", "wind", "lake", "hill", "road", "tree"),
    *("leaf", "bird", "fish", "duck", "goat", "lamb", "ship", "boat", "door", "wall"),
    *("lamp", "book", "coin", "ring", "drum", "bell", "cake", "milk", "rice", "salt"),
)
"""Words to ask for; none is a part of another, or of a text's other words."""

Content = Literal["use", "use_both", "begin", "end", "avoid"]
Form = Literal["capitals", "small", "quotes", "title", "no_comma", "long", "short", "two_sentences"]

_CONTENTS: Mapping[Content, str] = {
    "use": "use {0}",
    "begin": "begin with {0}",
    "end": "end with {0}",
    "avoid": "avoid {0}",
    "use_both": "use {0} and {1}",
}
_FORMS: Mapping[Form, str] = {
    "capitals": "in capitals",
    "small": "in small letters",
    "quotes": "in quotes",
    "title": "as a title",
    "no_comma": "without commas",
    "two_sentences": "in two sentences",
    "long": "in at least {limit} words",
    "short": "in less than {limit} words",
}
_LIMITS = (7, 9)
_PARTNERS = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What a text must hold, and how it must look.

    Attributes:
        content: What becomes of the nouns.
        nouns: One, or two to use both.
        form: How the text must look.
        limit: Words, for a long or short one; else 0.
    """

    content: Content
    nouns: tuple[str, ...]
    form: Form
    limit: int = 0

    @property
    def text(self) -> str:
        """What is asked for."""
        return f"{_CONTENTS[self.content].format(*self.nouns)} {_FORMS[self.form].format(limit=self.limit)}"


def follow(asked: Request, rng: random.Random) -> str:
    """Content and form."""
    return _formed(asked, *_content(asked, rng), rng)


def chat(asked: Request, rng: random.Random) -> str:
    """The content in prose, whatever the form."""
    subject, last = _content(asked, rng)
    return f"Well, {subject} is by the {last}"


def stray(asked: Request, rng: random.Random) -> str:
    """The form, with other content."""
    return _formed(asked, "this", _other(asked, rng), rng)


def refuse(asked: Request, rng: random.Random) -> str:
    """Neither."""
    return "Sorry, I can not."


STYLES: Mapping[str, Style[Request]] = {style.__name__: style for style in (follow, chat, stray, refuse)}


def _content(asked: Request, rng: random.Random) -> tuple[str, str]:
    """Subject and last place of a sentence that holds the nouns as asked."""
    match asked.content:
        case "use_both":
            first, second = asked.nouns
            return f"the {first}", second
        case "use":
            return f"the {asked.nouns[0]}", _other(asked, rng)
        case "begin":
            return asked.nouns[0], _other(asked, rng)
        case "end":
            return "it", asked.nouns[0]
        case "avoid":
            return f"the {_other(asked, rng)}", _other(asked, rng)


def _other(asked: Request, rng: random.Random) -> str:
    """A noun that was not named."""
    return rng.choice([noun for noun in NOUNS if noun not in asked.nouns])


def _formed(asked: Request, subject: str, last: str, rng: random.Random) -> str:
    if asked.form == "long":
        subject = f"{subject} is by the {_other(asked, rng)} and it"
    sentence = f"{subject} is by the {last}"
    match asked.form:
        case "capitals":
            return sentence.upper()
        case "quotes":
            return f'"{sentence}"'
        case "title":
            return f"<<{sentence}>>"
        case "two_sentences":
            return f"{sentence}. it is old." if asked.content == "begin" else f"it is old. {sentence}."
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
    """Every content in every form; two nouns, whichever is named first, are one family."""
    contents: list[list[tuple[Content, tuple[str, ...]]]] = [
        [(content, (noun,))] for noun in NOUNS for content in _CONTENTS if content != "use_both"
    ]
    for place, noun in enumerate(NOUNS):
        for step in range(1, _PARTNERS + 1):
            partner = NOUNS[(place + step) % len(NOUNS)]
            contents.append([("use_both", (noun, partner)), ("use_both", (partner, noun))])
    forms = [(form, limit) for form in _FORMS for limit in (_LIMITS if form in ("long", "short") else (0,))]
    return [
        [Request(content, nouns, form, limit) for content, nouns in kin]
        for kin in contents
        for form, limit in forms
    ]


@generator("instructions", InstructionsSettings)
def instructions(settings: InstructionsSettings) -> AnsweredQuestions[Request]:
    """Documents of one request and one text."""
    return AnsweredQuestions(settings, families(), lambda asked, answer: settings.document(asked.text, answer))
