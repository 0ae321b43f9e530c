"""Shows a run as it goes: live in a terminal, line by line elsewhere, or as JSON for scripts."""

import json as json_format
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import FrameType
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from base_training.run_folder import json_value
from rlvr.events import Ended, Evaluated, Event, Note, Status, Stepped
from rlvr.run import Run
from rlvr.stop_rules import ENDED_WELL
from rlvr.summary import evaluation_text, summary_table

HEARTBEAT_S = 8.0


def watch(run: Run, *, json: bool) -> None:
    """Follow a run to its end. The first Ctrl-C or SIGTERM ends it with a checkpoint, the second at once.

    Raises:
        typer.Exit: With 1 where the run did not complete.
        Exception: Whatever ended the run.
    """
    stopper = _Stopper(run)
    if json:
        objects = _Objects()
        _follow(run, stopper, objects.show, objects.heartbeat)
    elif sys.stdout.isatty():
        _follow_live(run, stopper)
    else:
        lines = _Lines()
        _follow(run, stopper, lines.show, lines.heartbeat)
    summary = run.wait()
    if not json:
        Console().print(summary_table(summary), f"[dim]{escape(str(run.folder))}[/dim]")
    if summary["status"] not in ENDED_WELL:
        raise typer.Exit(1)


class _Stopper:
    """Turns the first Ctrl-C or SIGTERM into a request to end, and lets the second one through."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._asked = False

    def install(self) -> None:
        """Take the signals over, again and again: when Ray starts, it sets a handler of its own that aborts."""
        if not self._asked:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._asked = True
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_DFL)
        print("rlvr: ending after this step, with a checkpoint; once more to end at once", file=sys.stderr)
        self._run.stop()


def _follow(run: Run, stopper: _Stopper, show: Callable[[Event], None], heartbeat: Callable[[], None]) -> None:
    while True:
        stopper.install()
        try:
            event = run.next_event(HEARTBEAT_S)
        except TimeoutError:
            heartbeat()
            continue
        if event is None:
            return
        show(event)


class _Objects:
    """One JSON object an event, and a status every few seconds in between."""

    def __init__(self) -> None:
        self._status = Status("starting")

    def show(self, event: Event) -> None:
        if isinstance(event, Status):
            self._status = event
        print(json_format.dumps(json_value({"event": type(event).__name__.lower(), **asdict(event)})), flush=True)

    def heartbeat(self) -> None:
        self.show(self._status)


def step_line(row: Mapping[str, Any]) -> str:
    """What one training step came to, on one line."""
    parts = [f"step {row['step']:>4}"]
    for key, form in (
        ("reward/mean", "reward {:.3f}"),
        ("groups/trained", "groups {:.0f}"),
        ("groups/filtered", "{:.0f} filtered"),
        ("staleness/mean", "staleness {:.2f}"),
        ("time/actor_tokens_per_s", "actors {:.0f} tok/s"),
        ("time/learner_tokens_per_s", "learner {:.0f} tok/s"),
        ("time/actor_idle_share", "idle {:.0%}"),
        ("time/learner_idle_share", "/ {:.0%}"),
        ("time/step_s", "{:.1f} s"),
    ):
        if (value := row.get(key)) is not None:
            parts.append(form.format(value))
    if retired := row.get("problems/retired"):
        parts.append(f"{retired:.0f} retired")
    return "  ".join(parts)


def evaluation_line(event: Evaluated) -> str:
    """A held-out measure with its interval, on one line."""
    return f"step {event.step:>4}  held-out {event.suite}: {event.metric} {evaluation_text(asdict(event))}"


class _Lines:
    """One line an event, and a sign of life in between."""

    def __init__(self) -> None:
        self._status = "starting"
        self._since = time.monotonic()

    def show(self, event: Event) -> None:
        match event:
            case Status(text) if text == self._status:
                pass
            case Status(text):
                self._status, self._since = text, time.monotonic()
                print(f"… {text}", flush=True)
            case Note(text):
                print(text, flush=True)
            case Stepped(row):
                print(step_line(row), flush=True)
            case Evaluated():
                print(evaluation_line(event), flush=True)
            case Ended():
                pass

    def heartbeat(self) -> None:
        print(f"… {self._status} ({time.monotonic() - self._since:.0f} s)", flush=True)


def _follow_live(run: Run, stopper: _Stopper) -> None:
    console = Console()
    status, since = "starting", time.monotonic()
    done = 0

    def picture() -> Text:
        filled = round(30 * done / max(run.steps, 1))
        return Text.assemble(
            ("━" * filled, "green"),
            ("━" * (30 - filled), "dim"),
            f" {done}/{run.steps} steps  ",
            (f"{status} ({time.monotonic() - since:.0f} s)", "dim"),
        )

    with Live(get_renderable=picture, console=console, refresh_per_second=2, transient=True):
        while True:
            stopper.install()
            try:
                event = run.next_event(HEARTBEAT_S)
            except TimeoutError:
                continue
            match event:
                case None:
                    return
                case Status(text) if text != status:
                    status, since = text, time.monotonic()
                case Note(text):
                    console.print(Text(text, "dim"))
                case Stepped(row):
                    done = int(row["step"])
                    console.print(Text(step_line(row)))
                case Evaluated():
                    console.print(Text(evaluation_line(event), "bold"))
                case _:
                    pass
