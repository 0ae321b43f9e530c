"""The series of a run's checkpoints, read from its folder: metrics, evaluations, checkpoints, recipe.

What cannot be read is said in the series' notes and left out; only a folder that holds nothing to show is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from base_training.checkpoints import list_checkpoints
from base_training.errors import InputError
from base_training.run_folder import MANIFEST, sha256
from rlvr.evaluation.record import FOLDER, Evaluation, read_evaluation
from rlvr.metrics import Row, read_rows
from rlvr.recipe import RECORD, read_yaml


@dataclass(frozen=True, slots=True)
class Series:
    """The checkpoints of one run in order, or a single model.

    Attributes:
        name: What it is called; other series of a comparison have other names.
        path: Its folder.
        recipe: As resolved, without the record of what it was resolved with; None for a single model.
        rows: Of metrics.jsonl.
        evaluations: Of all suites, by suite and step.
        checkpoints: Steps and folders of those that are whole.
        tokenizer: SHA-256 of its tokenizer's file, where a checkpoint has one.
        status: As summary.json says; ``unfinished`` where there is none, ``model`` for a single model.
        notes: What is missing or broken, one sentence each.
    """

    name: str
    path: Path
    recipe: Mapping[str, Any] | None
    rows: tuple[Row, ...]
    evaluations: tuple[Evaluation, ...]
    checkpoints: tuple[tuple[int, Path], ...]
    tokenizer: str | None
    status: str
    notes: tuple[str, ...] = ()

    @property
    def seed(self) -> int | None:
        """The recipe's."""
        return None if self.recipe is None else self.recipe.get("seed")

    @property
    def last_step(self) -> int:
        """The last one that anything is known of."""
        known = [row["step"] for row in self.rows[-1:]]
        known += [evaluation.step or 0 for evaluation in self.evaluations]
        return max([*known, *(step for step, _ in self.checkpoints)], default=0)


def load_series(path: Path, name: str | None = None) -> Series:
    """Read a series.

    Args:
        path: A run's folder, or its ``checkpoints``, or one of its checkpoints, or a model's folder.
        name: What to call it; the folder's name by default.

    Raises:
        InputError: There is neither a run nor a model, or the recipe cannot be read.
    """
    path = path.expanduser().resolve()
    if not path.is_dir():
        raise InputError(f"{path} is no folder: name a run's folder, such as runs/math")
    if path.parent.name == "checkpoints" and (path.parent.parent / "recipe.yaml").is_file():
        run = load_series(path.parent.parent)
        return _only(run, path, name or f"{run.name}/{path.name}")
    run_path = path.parent if path.name == "checkpoints" else path
    if (run_path / "recipe.yaml").is_file():
        return _load_run(run_path, name or run_path.name)
    if (path / "config.json").is_file():
        return Series(name or path.name, path, None, (), (), ((0, path),), _tokenizer(path), "model")
    raise InputError(
        f"{path} holds no run and no model: there is neither a recipe.yaml nor a config.json in it. "
        "Name a run's folder, such as runs/math."
    )


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of paths that tell them apart, such as ``math`` or ``monday/math``."""
    absolute = [path.expanduser().resolve() for path in paths]
    named = [path.parent if path.name == "checkpoints" else path for path in absolute]
    for length in range(1, max((len(path.parts) for path in named), default=1) + 1):
        names = ["/".join(path.parts[-length:]) for path in named]
        if len(set(names)) == len(set(named)):
            break
    return names


def _load_run(run: Path, name: str) -> Series:
    recipe = {key: value for key, value in read_yaml(run / "recipe.yaml").items() if key != RECORD}
    if "stage" in recipe:
        raise InputError(f"{run} is a base stage, not an RL run: it has no series of evaluated checkpoints")
    if not {"learner", "problems", "verifier"} <= recipe.keys():
        raise InputError(f"{run}: its recipe.yaml is not that of a run (it has no learner, problems and verifier)")
    notes: list[str] = []
    rows = _rows(run, name, notes)
    evaluations = _evaluations(run, notes)
    checkpoints = tuple(list_checkpoints(run))
    series = Series(
        name=name,
        path=run,
        recipe=recipe,
        rows=rows,
        evaluations=evaluations,
        checkpoints=checkpoints,
        tokenizer=_tokenizer(checkpoints[-1][1]) if checkpoints else None,
        status="unfinished",
    )
    status = _status(run, series, notes)
    if not evaluations:
        notes.append(
            f"{name} has no evaluation that can be read: make some with `rlvr eval {run} --suite NAME --all-steps`"
        )
    return replace(series, status=status, notes=tuple(notes))


def _rows(run: Path, name: str, notes: list[str]) -> tuple[Row, ...]:
    try:
        return tuple(read_rows(run / "metrics.jsonl"))
    except InputError as error:
        notes.append(f"{name} has no training curves: {error}")
        return ()


def _evaluations(run: Path, notes: list[str]) -> tuple[Evaluation, ...]:
    found = []
    for file in sorted((run / FOLDER).glob("*.json")):
        try:
            found.append(read_evaluation(file))
        except InputError as error:
            notes.append(f"{error}")
    return tuple(sorted(found, key=lambda one: (one.suite, one.suite_sha256, one.step or 0)))


def _status(run: Path, series: Series, notes: list[str]) -> str:
    path = run / "summary.json"
    so_far = f"it is shown as far as step {series.last_step}"
    try:
        summary = json.loads(path.read_bytes())
        status, steps = str(summary["status"]), int(summary["steps"])
    except FileNotFoundError:
        notes.append(f"{series.name} is still going on, or was cut off (it has no summary.json): {so_far}")
        return "unfinished"
    except (OSError, ValueError, KeyError, TypeError):
        notes.append(f"{path} cannot be read as a summary: {so_far}")
        return "unfinished"
    if series.rows and series.rows[-1]["step"] > steps:
        notes.append(f"{series.name} was resumed and is still going on: {so_far}")
        return "unfinished"
    if status in ("failed", "stopped"):
        notes.append(f"{series.name} {'has failed' if status == 'failed' else 'was stopped'}: {so_far}")
    return status


def _only(run: Series, checkpoint: Path, name: str) -> Series:
    """The part of a run's series that is one checkpoint."""
    steps = {folder: step for step, folder in run.checkpoints}
    if checkpoint not in steps:
        raise InputError(f"{checkpoint} is no whole checkpoint: it has no {MANIFEST}. Use another one.")
    step = steps[checkpoint]
    return replace(
        run,
        name=name,
        path=checkpoint,
        rows=tuple(row for row in run.rows if row["step"] <= step),
        evaluations=tuple(one for one in run.evaluations if one.step == step),
        checkpoints=((step, checkpoint),),
        notes=(),
    )


def _tokenizer(model: Path) -> str | None:
    """From the manifest, which spares reading the file, or from the file."""
    try:
        listed: str = json.loads((model / MANIFEST).read_bytes())["files"]["tokenizer.json"]["sha256"]
        return listed
    except (OSError, ValueError, KeyError, TypeError):
        file = model / "tokenizer.json"
        return sha256(file) if file.is_file() else None
