"""A run's checkpoints, one by one: size, tags, evaluations, and which is the best."""

from dataclasses import dataclass
from pathlib import Path

from base_training.errors import InputError
from rlvr.evaluation.record import Evaluation
from rlvr.series.load import Series, load_series
from rlvr.series.outcomes import lower_is_better
from rlvr.series.tags import read_tags

HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True)
class Entry:
    """One checkpoint.

    Attributes:
        step: Training steps done.
        path: Its folder.
        size: Bytes of all its files.
        tags: Its names.
        evaluations: Of this step.
        is_best: By the held-out measure.
        is_last: Whether none follows.
    """

    step: int
    path: Path
    size: int
    tags: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]
    is_best: bool
    is_last: bool


def inventory(run: Path) -> list[Entry]:
    """All whole checkpoints of a run, in order.

    Raises:
        InputError: There is no run, or its tags cannot be read.
    """
    series = run_series(run)
    tags = read_tags(series.path)
    best = best_step(series)
    return [
        Entry(
            step=step,
            path=path,
            size=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
            tags=tuple(name for name, tagged in tags.items() if tagged == step),
            evaluations=tuple(one for one in series.evaluations if one.step == step),
            is_best=step == best,
            is_last=step == series.checkpoints[-1][0],
        )
        for step, path in series.checkpoints
    ]


def run_series(run: Path) -> Series:
    """The series of a run.

    Raises:
        InputError: It is a single model or checkpoint, or nothing that is known.
    """
    series = load_series(run)
    if series.recipe is None or not (series.path / "recipe.yaml").is_file():
        raise InputError(f"{run} is a single model, not a run: name the run's folder, such as runs/math")
    return series


def best_step(series: Series) -> int | None:
    """The checkpoint with the best held-out measure, the earliest of equals; None where none was measured.

    Where the run has no suite ``held_out``, the first suite stands in for it.
    """
    steps = {step for step, _ in series.checkpoints}
    measured = [one for one in series.evaluations if one.step in steps and one.value is not None]
    held_out = [one for one in measured if one.suite == HELD_OUT] or measured
    if not held_out:
        return None
    main = held_out[0]
    same = [one for one in held_out if (one.suite, one.suite_sha256) == (main.suite, main.suite_sha256)]
    sign = -1.0 if lower_is_better(main.metric) else 1.0
    return max(same, key=lambda one: (sign * (one.value or 0.0), -(one.step or 0))).step


def find_entry(run: Path, which: str) -> Entry:
    """The checkpoint that a step, a tag, ``last`` or ``best`` means.

    Raises:
        InputError: There is none.
    """
    entries = inventory(run)
    for entry in entries:
        names = {str(entry.step), entry.path.name, *entry.tags}
        if which in names or (which == "last" and entry.is_last) or (which == "best" and entry.is_best):
            return entry
    steps = ", ".join("/".join([str(entry.step), *entry.tags]) for entry in entries) or "none"
    reason = "; nothing was measured, so that none is the best" if which == "best" and entries else ""
    raise InputError(f"{run} has no checkpoint {which!r}{reason}; there are {steps}")
