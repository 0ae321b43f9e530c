"""lm-eval's tasks as suites, on the same engine (EleutherAI's lm-evaluation-harness; the package lm-eval)."""

import asyncio
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.asking import Answered
from rlvr.evaluation.record import Answer
from rlvr.evaluation.suite import Suite
from rollouts.fleet import RolloutFleet

PREFIX = "lm_eval/"
UNSCORED = "lm_eval:unscored"
MOST_TOKENS = 2048


def harness_suite(name: str, data: Path | None, chat: bool, limit: int | None) -> Suite:
    """A task of lm-eval, or a group of them, in lm-eval's own form.

    Its one problem stands for the task: what it holds decides the suite's hash.

    Args:
        name: ``lm_eval/`` and the task's name.
        data: A folder with further tasks' files.
        chat: Whether prompts go through the model's chat template.
        limit: At most so many documents, the first ones, as lm-eval has it.

    Raises:
        InputError: lm-eval is not installed, has no such task, or cannot load the task's data.
    """
    task = name.removeprefix(PREFIX)
    configurations = {one: tree.dump_config() for one, tree in _tasks(task, data).items()}
    first = next(iter(configurations.values()))
    metrics = [one["metric"] for one in first.get("metric_list") or [{"metric": "acc"}]]
    label = {
        "task": task,
        "limit": limit,
        "lm_eval": importlib.metadata.version("lm-eval"),
        "configurations": json.loads(json.dumps(configurations, default=repr)),
        "data": None if data is None else str(data),
    }
    return Suite(
        name=name,
        problems=(Problem(task, (), UNSCORED, label, task),),
        chat=chat,
        metric="acc_norm" if "acc_norm" in metrics else metrics[0],
    )


@dataclass(frozen=True, slots=True)
class PreparedTask:
    """A task of lm-eval, which tokenizes as it goes."""

    suite: Suite
    tokenizer: PreTrainedTokenizerBase
    most_tokens: int

    @property
    def verifiers(self) -> Mapping[str, VerifierSection]:
        """Workers have every response scored; lm-eval scores these."""
        return {UNSCORED: VerifierSection(name="random")}

    @property
    def longest(self) -> int:
        return 1

    @property
    def needed(self) -> int:
        return self.most_tokens

    @property
    def total(self) -> int:
        return 0

    async def ask(self, fleet: RolloutFleet) -> Answered:
        """Have lm-eval ask the fleet, in a thread of its own, and read what it made of the answers."""
        import lm_eval

        from rlvr.evaluation.harness_model import FleetModel

        label = self.suite.problems[0].label
        model = FleetModel(fleet, self.tokenizer, asyncio.get_running_loop(), self.most_tokens)
        results: Any = await asyncio.to_thread(
            lm_eval.simple_evaluate,
            model=model,
            tasks=[label["task"]],
            limit=label["limit"],
            log_samples=True,
            bootstrap_iters=0,
            apply_chat_template=self.suite.chat,
            task_manager=_manager(label["data"]),
        )
        answers = [
            answer
            for task, rows in results["samples"].items()
            for answer in _answers(task, rows, self.suite.metric)
        ]
        return Answered(model.version, tuple(answers))


def _answers(task: str, rows: list[dict[str, Any]], metric: str) -> list[Answer]:
    """One for each document: scored by the task's first filter, with those of the others beside."""
    first: dict[Any, dict[str, Any]] = {}
    others: dict[Any, dict[str, float]] = {}
    for row in rows:
        first.setdefault(row["doc_id"], row)
        for name, value in row.items():
            if name in (row.get("metrics") or [metric]) and isinstance(value, int | float):
                others.setdefault(row["doc_id"], {})[f"{name},{row.get('filter', 'none')}"] = float(value)
    answers = []
    for number, row in first.items():
        value = row.get(metric)
        score = float(value) if isinstance(value, int | float) else None
        answers.append(
            Answer(
                problem=f"{task}/{number}",
                domain=task,
                sample=0,
                response=_response(row),
                correct=bool(score) if score in (0.0, 1.0) else None,
                score=score,
                reason="scored by lm-eval" if score is not None else f"lm-eval tells no {metric} of it",
                metrics=others.get(number, {}),
            )
        )
    return answers


def _response(row: Mapping[str, Any]) -> str:
    given = row.get("resps") or row.get("filtered_resps") or [""]
    while isinstance(given, list) and given and len(given) == 1:
        given = given[0]
    return given if isinstance(given, str) else json.dumps(given, default=repr)


@lru_cache(maxsize=1)
def _manager(data: str | None) -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=data)


def _tasks(name: str, data: Path | None) -> dict[str, Any]:
    """The tasks that a name stands for, by their own names."""
    try:
        from lm_eval.tasks import get_task_dict
    except ImportError as error:
        raise InputError(
            f"suite {PREFIX}{name} needs the package lm-eval: pip install 'rlvr[harness]' ({error})"
        ) from error
    manager = _manager(None if data is None else str(data))
    if name not in manager.all_tasks:
        raise InputError(f"suite {PREFIX}{name}: lm-eval has no such task; `lm_eval --tasks list` shows them")
    try:
        return _flat(get_task_dict([name], manager))
    except Exception as error:  # its loaders raise whatever their data sets do
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            f"suite {PREFIX}{name}: lm-eval cannot load it: {type(error).__name__}: {reason}"
        ) from error


def _flat(tree: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in tree.items():
        if isinstance(inner, Mapping):
            found |= _flat(inner)
        else:
            found[str(name)] = inner
    return found
