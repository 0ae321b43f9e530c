"""reasoning-gym's tasks with fixed seeds (Stojanovski et al. 2025, arXiv 2505.24760)."""

import json
from difflib import get_close_matches
from typing import Any

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.evaluation.suites.prompts import Form
from rlvr.evaluation.suites.registry import Options, suite

SIZE = 256
SEED = 20_251
EXAMPLES = 3
EXAMPLES_SEED = 7_919


@suite("reasoning_gym", f"{SIZE} generated problems of one of reasoning-gym's tasks, {EXAMPLES} examples", "TASK")
def reasoning_gym(options: Options) -> Suite:
    """The task's own scorer says what is right; answers are its own examples' form."""
    task = options.argument
    examples = [(item["question"], item["answer"]) for item in _items(task, EXAMPLES, EXAMPLES_SEED)]
    shown = {question for question, _ in examples}
    items = [item for item in _items(task, SIZE + EXAMPLES, SEED) if item["question"] not in shown][:SIZE]
    form = Form(examples=examples)
    lines = all("\n" not in answer for _, answer in examples)
    problems = tuple(
        Problem(
            id=f"{task}/{number}",
            messages=form.messages(item["question"], options.chat),
            verifier="reasoning_gym",
            label={"dataset": task, "entry": item},
            domain=task,
        )
        for number, item in enumerate(items)
    )
    return Suite(
        name=f"reasoning_gym/{task}",
        problems=problems,
        chat=options.chat,
        sampling=Sampling(
            max_tokens=128 if lines else 512, stop=() if options.chat else ("\n",) if lines else ("\n\n",)
        ),
        verifiers={"reasoning_gym": VerifierSection(name="reasoning_gym")},
    )


def _items(task: str, size: int, seed: int) -> list[dict[str, Any]]:
    """Items as JSON has them, as every label goes through JSON."""
    try:
        from reasoning_gym.factory import DATASETS, create_dataset
    except ImportError as error:
        raise InputError(
            f"suite reasoning_gym/{task} needs the package reasoning-gym: pip install 'rlvr[tasks]' ({error})"
        ) from error
    if task not in DATASETS:
        near = get_close_matches(task, DATASETS, 3, 0.5)
        raise InputError(
            f"suite reasoning_gym/{task}: reasoning-gym has no such task; "
            + (f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(sorted(DATASETS))}")
        )
    items: list[dict[str, Any]] = json.loads(json.dumps(list(create_dataset(task, size=size, seed=seed))))
    return items
