"""Problems of reasoning-gym: more than a hundred procedural tasks, each with a scorer of its own.

https://github.com/open-thought/reasoning-gym
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from base_training.config import Section
from base_training.errors import InputError
from rewards.registry import nearest
from rollouts.problems.question import Question
from rollouts.problems.registry import source


class ReasoningGymSettings(Section):
    """Which task, how many of its items, and how hard they are."""

    task: str = Field(description="The name of a task, such as chain_sum.")
    size: int = Field(1000, ge=2, description="Items; those with the same question count as one when held out.")
    seed: int = Field(0, ge=0, description="Decides the items; apart from the run's seed, so that runs compare.")
    config: dict[str, Any] = Field(default_factory=dict, description="The task's own settings, such as max_terms.")
    label: Literal["entry", "answer"] = Field(
        "entry",
        description="What the verifier gets: the whole item, for the verifier reasoning_gym with the task's own "
        "scorer; or its answer, for verifiers that compare answers.",
    )


@source("reasoning_gym", ReasoningGymSettings)
def reasoning_gym(settings: ReasoningGymSettings, base_path: Path) -> Iterator[Question]:
    """One problem an item."""
    dataset = _dataset(settings)
    for number in range(settings.size):
        with _own_randomness(settings.seed + number):
            # What is trained on goes through JSON anyway: to workers, checkpoints and the log.
            item = json.loads(json.dumps(dataset[number], default=str))
        label = item["answer"]
        if settings.label == "entry":
            label = {"dataset": settings.task, "entry": item, "config": settings.config}
        elif not isinstance(label, str) or not label.strip():
            raise InputError(
                f"problems.source.settings.label: {settings.task} has items without an answer, of which only its "
                "own scorer tells right from wrong: use label: entry and the verifier reasoning_gym"
            )
        yield Question(f"{settings.task}:{settings.seed}:{number}", item["question"], label)


def _dataset(settings: ReasoningGymSettings) -> Any:
    try:
        from reasoning_gym import create_dataset
        from reasoning_gym.factory import DATASETS
    except ImportError as error:
        raise InputError(
            "problems.source: reasoning_gym needs the package reasoning-gym, which is not installed; "
            "`pip install 'rlvr[tasks]'`"
        ) from error
    where = "problems.source.settings"
    if settings.task not in DATASETS:
        known = nearest(settings.task, DATASETS)
        raise InputError(f"{where}.task: reasoning-gym has no task {settings.task!r}{known}")
    if reserved := {"seed", "size"} & settings.config.keys():
        raise InputError(f"{where}.config: {', '.join(sorted(reserved))} is a setting of the source itself")
    try:
        return create_dataset(settings.task, seed=settings.seed, size=settings.size, **settings.config)
    except (AssertionError, TypeError, ValueError) as error:
        raise InputError(f"{where}.config: {settings.task} does not take it: {error}") from error


@contextmanager
def _own_randomness(seed: int) -> Iterator[None]:
    """Some tasks draw from the global generators: seed them for an item, and leave them as they were."""
    before, numpys = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(numpys)
