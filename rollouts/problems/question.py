"""What a source yields, before the recipe's template makes it a problem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """A bare question with its label.

    Attributes:
        id: Unique within its source and stable over runs.
        text: The question, without the recipe's template.
        label: What the verifier compares an answer with; any JSON value but null and the empty string.
        kin: Questions of the same kin are never split between training and held-out problems; by default the
            question's own words, whatever their case and spacing.
        metadata: Further columns, handed to verifiers that ask for them.
        history: The conversation before the question, oldest first, as ``{"role": ..., "content": ...}``.
        domain: In place of the one that the recipe gives its source.
        verifier: The name of what scores answers, in the recipe's ``verifier.by_domain``; the domain by default.
    """

    id: str
    text: str
    label: Any
    kin: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, str], ...] = ()
    domain: str | None = None
    verifier: str | None = None

    @property
    def whole_text(self) -> str:
        """The conversation and the question."""
        return "\n".join((*(message["content"] for message in self.history), self.text))

    @property
    def side_key(self) -> str:
        """Decides together with whom the question is held out."""
        return self.kin or " ".join(self.whole_text.casefold().split())
