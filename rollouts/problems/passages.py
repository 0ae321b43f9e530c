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

    passages: int = Field(2000, ge=1, le=50_000, description="Each with four questions.")


@source("passages", PassagesSettings)
def passages(settings: PassagesSettings, base_path: Path) -> Iterator[Question]:
    """Labels are those of the verifier ``general``."""
    for number, family in enumerate(families(settings.passages)):
        for asked in family:
            yield Question(asked.text, asked.text, asked.answers[asked.asked], kin=str(number))
