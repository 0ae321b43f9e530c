"""The verifiers of a run, by the names that its problems know them by."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from base_training.text.question_templates import opens_thinking
from rewards.config import VerifierSection, VerifiersSection
from rewards.registry import find_target, nearest
from rlvr.recipe import Recipe

OPENED = "thinking opened"


@dataclass(frozen=True, slots=True)
class VerifierChoice:
    """Chooses between the verifiers of a section, as `rollouts.problems.VerifierNames`.

    Where a prompt opens the thinking block, a verifier that reads such blocks is told so: it then goes by another
    name, as an answer without the closing tag scores differently.

    Attributes:
        section: The recipe's.
        prefix: Ahead of all names.
    """

    section: VerifiersSection
    prefix: str = ""

    def __call__(self, domain: str, chosen: str | None, thinking_opened: bool) -> str:
        """The name of the verifier; raises ValueError where the recipe has none for it."""
        name = (chosen or domain) if self.section.by_domain else self.section.name
        sections = self.section.by_name
        if name not in sections:
            known = f"{nearest(name, sections)} There are {', '.join(sections)}"
            raise ValueError(f"verifier.by_domain has none for {name!r}{known}")
        opened = thinking_opened and _must_be_told(sections[name])
        return f"{self.prefix}{name} ({OPENED})" if opened else f"{self.prefix}{name}"

    def by_name(self, prompts_opened: frozenset[bool]) -> Iterator[tuple[str, VerifierSection]]:
        """All verifiers by the names that it gives.

        Args:
            prompts_opened: Whether the prompts of the run open the thinking block: all, none, or some of them.
        """
        for name, section in self.section.by_name.items():
            for opened in {opened and _must_be_told(section) for opened in prompts_opened}:
                if opened:
                    told = section.model_copy(update={"settings": {**section.settings, "starts_thinking": True}})
                    yield f"{self.prefix}{name} ({OPENED})", told
                else:
                    yield f"{self.prefix}{name}", section


@dataclass(frozen=True, slots=True)
class RunVerifiers:
    """What scores training and held-out samples.

    Attributes:
        train: Chooses for training problems.
        held_out: Chooses for held-out problems; the same where the recipe names no other verifier for them.
        by_name: Every verifier by name; at least one.
        measuring: Those of held-out problems by name.
    """

    train: VerifierChoice
    held_out: VerifierChoice
    by_name: dict[str, VerifierSection]
    measuring: dict[str, VerifierSection]

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """Those of a recipe.

        Raises:
            VerifierError: A verifier cannot be found.
        """
        train = held_out = VerifierChoice(recipe.verifier)
        if recipe.held_out_verifier is not recipe.verifier:
            held_out = VerifierChoice(recipe.held_out_verifier, "evaluation:")
        chat = recipe.problems.chat
        opened = frozenset(opens_thinking(part.template or "", chat) for part in recipe.problems.parts)
        measuring = dict(held_out.by_name(opened))
        return cls(train, held_out, {**dict(train.by_name(opened)), **measuring}, measuring)


def _must_be_told(section: VerifierSection) -> bool:
    """Whether a verifier reads thinking blocks and its settings do not say how they start."""
    if "starts_thinking" in section.settings:
        return False
    if section.convention != "native":
        return section.convention == "reasoning_gym"
    return "starts_thinking" in inspect.signature(find_target(section.name)).parameters
