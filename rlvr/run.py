"""Launch and resume runs from Python; the command line is a shell over this.

run = rlvr.launch("rl_zero/math")
for row in run:
    print(row["step"], row["reward/mean"])
print(run.wait()["status"])
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from base_training.errors import InputError
from rlvr.events import Ended, Event, Stepped
from rlvr.preflight import check_recipe
from rlvr.recipe import Recipe, load_recipe
from rlvr.run_folder import RunFolder


class Run:
    """A run in a thread of its own, with its metrics as they come.

    Iterating yields one mapping per training step and ends with the run; :meth:`wait` gives the summary.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder.path
        self.steps = folder.recipe.learner.steps
        self._run_folder = folder
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._summary: Mapping[str, Any] | None = None
        self._error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._main, name="rlvr-run", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (event.row for event in self.events() if isinstance(event, Stepped))

    def events(self) -> Iterator[Event]:
        """Everything the run tells, until it ends."""
        while (event := self._events.get()) is not None:
            yield event
        self._events.put(None)  # whoever iterates again finds the end too

    def next_event(self, timeout_s: float) -> Event | None:
        """The next event; None once the run has ended.

        Raises:
            TimeoutError: Nothing was told for so long.
        """
        try:
            event = self._events.get(timeout=timeout_s)
            if event is None:
                self._events.put(None)
            return event
        except queue.Empty:
            raise TimeoutError(f"the run told nothing for {timeout_s} s") from None

    def stop(self) -> None:
        """Ask the run to end after the step it is in, with a checkpoint; nothing happens where it has ended."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._stop.set)

    def wait(self, timeout_s: float | None = None) -> Mapping[str, Any]:
        """Wait for the end.

        Returns:
            The summary, as in summary.json.

        Raises:
            TimeoutError: It had not ended by then.
            Exception: Whatever ended the run.
        """
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(f"{self.folder} had not ended after {timeout_s} s")
        if self._error is not None:
            raise self._error
        assert self._summary is not None
        return self._summary

    def _main(self) -> None:
        from rlvr.orchestrator import Orchestrator

        asyncio.set_event_loop(self._loop)
        try:
            self._summary = self._loop.run_until_complete(
                Orchestrator(self._run_folder, self._events.put, self._stop).run()
            )
            self._events.put(Ended(self._summary))
        except BaseException as error:
            self._error = error
        finally:
            self._events.put(None)
            self._loop.close()


def launch(
    recipe: str | Path | Recipe, *, overrides: list[str] | None = None, run_dir: str | Path | None = None
) -> Run:
    """Start a run.

    Args:
        recipe: A recipe, or its path, or the name of a shipped one.
        overrides: ``section.key=value`` each.
        run_dir: Where it is kept; ``runs/NAME`` by default.

    Raises:
        InputError: The recipe, the model, the data or the folder cannot be used.
    """
    loaded = recipe if isinstance(recipe, Recipe) else load_recipe(str(recipe), overrides)
    if not isinstance(loaded, Recipe):
        raise InputError(f"{recipe} is a base stage, not an RL run")
    folder = Path(run_dir) if run_dir else Path("runs") / loaded.name
    return Run(RunFolder.create(folder, loaded, check_recipe(loaded).record()))


def resume(run_dir: str | Path, *, steps: int | None = None) -> Run:
    """Go on with a run from its last complete checkpoint.

    Args:
        run_dir: The run's folder.
        steps: Go on to so many steps in all, rather than to the recipe's.

    Raises:
        InputError: There is no run, or its checkpoint is corrupt.
    """
    folder = RunFolder.open(Path(run_dir))
    if steps is not None:
        folder = folder.with_steps(steps)
    checked = check_recipe(folder.recipe)
    folder.write_recipe(checked.record())
    folder.remove_leftovers()
    return Run(folder)
