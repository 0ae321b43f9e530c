"""Problems of reasoning-gym: more than a hundred procedural tasks, each with a scorer of its own.

https://github.com/open-thought/reasoning-gym
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from base_training.config import Section
from base_training.errors import InputError, ProcessError
from rewards.registry import nearest
from rollouts.problems.question import Question
from rollouts.problems.registry import source

BY_HASH = frozenset(
    {"isomorphic_strings", "knight_swap", "polynomial_multiplication", "ransom_note", "word_ladder"}
)
"""Tasks whose items follow the order of sets, which differs from process to process unless hashes are fixed."""

PROCESS_TIMEOUT_S = 600.0


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
    items = _items_by_fixed_hashes(settings) if settings.task in BY_HASH else _items(settings, dataset)
    for number, item in enumerate(items):
        label = item["answer"]
        if settings.label == "entry":
            label = {"dataset": settings.task, "entry": item, "config": settings.config}
        elif not isinstance(label, str) or not label.strip():
            raise InputError(
                f"problems.source.settings.label: {settings.task} has items without an answer, of which only its "
                "own scorer tells right from wrong: use label: entry and the verifier reasoning_gym"
            )
        yield Question(f"{settings.task}:{settings.seed}:{number}", item["question"], label)


def _items(settings: ReasoningGymSettings, dataset: Any) -> Iterator[dict[str, Any]]:
    for number in range(settings.size):
        with _own_randomness(settings.seed + number):
            # What is trained on goes through JSON anyway: to workers, checkpoints and the log.
            yield json.loads(json.dumps(dataset[number], default=str))


def _items_by_fixed_hashes(settings: ReasoningGymSettings) -> Iterable[dict[str, Any]]:
    """The same, from a process of their own."""
    command = [sys.executable, "-c", f"from {__name__} import print_items; print_items()"]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(
            command,
            input=settings.model_dump_json(),
            env=environment,
            capture_output=True,
            text=True,
            timeout=PROCESS_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"waited {PROCESS_TIMEOUT_S:g} s for the items of {settings.task}") from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ProcessError(f"the process that makes the items of {settings.task} failed: {reason}")
    items: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return items


def print_items() -> None:
    """Print the items of the settings on standard input as the last line; for a process of their own."""
    settings = ReasoningGymSettings.model_validate_json(sys.stdin.read())
    items = json.dumps(list(_items(settings, _dataset(settings))))
    print(f"\n{items}")


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
