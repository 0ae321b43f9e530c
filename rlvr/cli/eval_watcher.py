"""Shows how an evaluation goes, on standard error: a bar in a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from rlvr.evaluation.options import Watcher
from rlvr.evaluation.record import Evaluation

LINE_S = 8.0


@contextmanager
def watching() -> Iterator[Watcher]:
    """What shows an evaluation from beginning to end."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)


class Lines(Watcher):
    """One line for each thing that is done, and a sign of life in between."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def status(self, text: str) -> None:
        self._say(f"… {text}")

    def answered(self, suite: str, done: int, total: int) -> None:
        if time.monotonic() - self._said >= LINE_S:
            self._say(f"… {suite}: {done}{f' of {total}' if total else ''} answers")

    def evaluated(self, evaluation: Evaluation, cached: bool) -> None:
        self._say(_told(evaluation, cached))

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        print(text, file=sys.stderr, flush=True)


class Bar(Watcher):
    """A bar that counts the answers of one suite."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=None)

    def status(self, text: str) -> None:
        self._progress.reset(self._task, description=escape(text), total=None)

    def answered(self, suite: str, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total or None)

    def evaluated(self, evaluation: Evaluation, cached: bool) -> None:
        self._progress.console.print(escape(_told(evaluation, cached)), highlight=False)


def _told(evaluation: Evaluation, cached: bool) -> str:
    where = "" if evaluation.step is None else f" at step {evaluation.step}"
    how = "answered before" if cached else f"{evaluation.seconds:.0f} s"
    value = "no valid verdict" if evaluation.value is None else f"{evaluation.metric} {evaluation.value:.4g}"
    return f"{evaluation.suite}{where}: {value}, n = {evaluation.n} ({how})"
