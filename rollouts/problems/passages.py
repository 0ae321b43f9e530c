"""Questions on short passages, with reference answers: what the corpus ``passages`` is made of."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from base_training.config import Section
from base_training.data.passages import families
from rollouts.problems.question import Question
from rollouts.problems.registry import source


class PassagesSettings(Section):
    """How many passages there are."""

    passages: int = Field(3000, ge=1, le=100_000, description="Each with two questions.")


@source("passages", PassagesSettings)
def passages(settings: PassagesSettings, base_path: Path) -> Iterator[Question]:
    """Labels are those of the verifier ``general``: the fact itself, or what it tells."""
    for number, family in enumerate(families(settings.passages)):
        for asked in family:
            label = [asked.fact(asked.asked), asked.values[asked.asked]]
            yield Question(asked.text, asked.text, label, kin=str(number))
