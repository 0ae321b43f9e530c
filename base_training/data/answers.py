"""Questions with answers in several styles, some right and some wrong, as the web would give them.

A document's style shows in the first characters of its answer, so a model can learn each of them cleanly. What
reinforcement learning then finds is that one of them pays.
"""

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import Field, model_validator

from base_training.config import Section
from base_training.data.source import Part
from base_training.data.split import split_families
from base_training.errors import InputError

T = TypeVar("T")
Style = Callable[[T, random.Random], str]
"""Makes one answer to a question."""


class AnswerSettings(Section):
    """Which questions are kept apart, and how the others are answered."""

    known_styles: ClassVar[Mapping[str, Style[Any]]]

    held_out: int = Field(512, ge=1, description="Questions that no training document asks.")
    split_seed: int = Field(
        0, description="Draws them; a run with this seed that holds out as many, or fewer, has none but these."
    )
    styles: dict[str, float] = Field(description="Shares of the documents, by the name of a style.")

    @model_validator(mode="after")
    def _has_styles(self) -> Self:
        if unknown := self.styles.keys() - self.known_styles.keys():
            raise ValueError(f"no style {', '.join(sorted(unknown))}; there are {', '.join(self.known_styles)}")
        if any(share < 0 for share in self.styles.values()) or not sum(self.styles.values()) > 0:
            raise ValueError("the shares of styles must be at least 0, and one of them more")
        return self


class TemplateSettings(AnswerSettings):
    """The same, with the form of a document."""

    template: str = Field(description="A document; it must hold {question} and, after it, {answer}.")

    @model_validator(mode="after")
    def _holds_both(self) -> Self:
        if not 0 <= self.template.find("{question}") < self.template.find("{answer}"):
            raise ValueError(f"the template must hold {{question}} and then {{answer}}, this is {self.template!r}")
        return self

    def document(self, question: str, answer: str) -> str:
        """The template, filled."""
        before, _, rest = self.template.partition("{question}")
        between, _, after = rest.partition("{answer}")
        return f"{before}{question}{between}{answer}{after}"


class AnsweredQuestions(Generic[T]):
    """Documents of one question and one answer."""

    def __init__(
        self, settings: AnswerSettings, families: Sequence[Sequence[T]], document: Callable[[T, str], str]
    ) -> None:
        """
        Args:
            settings: The split, and the styles with their shares.
            families: All questions, in an order that never changes; those of one family are on one side.
            document: The text of a question with its answer.

        Raises:
            InputError: Too few questions to keep so many apart.
        """
        held_out, train = split_families(families, settings.held_out, settings.split_seed)
        if len(held_out) < settings.held_out or not train:
            raise InputError(
                f"data.settings.held_out: {settings.held_out} of {len(held_out) + len(train)} questions held out "
                "leave none to learn from"
            )
        self._settings = settings
        self._questions: Mapping[Part, list[T]] = {"train": train, "held_out": held_out}
        self._document = document
        self._styles = [settings.known_styles[name] for name in settings.styles]
        self._shares = list(settings.styles.values())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the settings and of a thousand documents, so that a change of the code shows too."""
        rng = random.Random(0)
        documents = [self.document("train", rng) for _ in range(1000)]
        content = json.dumps([self._settings.model_dump(), documents], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def document(self, part: Part, rng: random.Random) -> str:
        """One question with its answer."""
        question = rng.choice(self._questions[part])
        (style,) = rng.choices(self._styles, self._shares)
        return self._document(question, style(question, rng))
