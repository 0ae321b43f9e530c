"""Where metrics are shown beside metrics.jsonl: TensorBoard, and Weights & Biases by a switch."""

import importlib.util
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from base_training.errors import InputError
from base_training.run_folder import write_atomically
from rlvr.config import TrackingSection


class Tracker(Protocol):
    """Shows numbers by step."""

    def track(self, step: int, numbers: Mapping[str, float]) -> None:
        """Show finite numbers by name."""

    def rewind(self, step: int) -> None:
        """What was shown of later steps is void."""

    def close(self) -> None:
        """Write out all that is pending."""


class TensorBoard:
    """Event files that TensorBoard reads."""

    def __init__(self, folder: Path) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(str(folder))

    def track(self, step: int, numbers: Mapping[str, float]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=name, simple_value=number) for name, number in numbers.items()]
        self._writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))
        self._writer.flush()

    def rewind(self, step: int) -> None:
        """A session's start makes TensorBoard forget what earlier files say of its step and later ones."""
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog

        start = SessionLog(status=SessionLog.START)
        self._writer.add_event(Event(wall_time=time.time(), step=step + 1, session_log=start))
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


class WeightsAndBiases:
    """One run on Weights & Biases, the same one after a resume."""

    def __init__(self, run: Path, project: str, recipe: Mapping[str, Any]) -> None:
        import wandb

        self._run = wandb.init(
            project=project,
            name=run.name,
            id=_wandb_id(run),
            dir=str(run),
            config=dict(recipe),
            resume="allow",
        )
        self._run.define_metric("step")
        self._run.define_metric("*", step_metric="step")

    def track(self, step: int, numbers: Mapping[str, float]) -> None:
        self._run.log({**numbers, "step": step})

    def rewind(self, step: int) -> None:
        """Nothing to do: what is logged again for a step stands beside what was logged before."""

    def close(self) -> None:
        self._run.finish()


def open_trackers(section: TrackingSection, run: Path, recipe: Mapping[str, Any]) -> tuple[Tracker, ...]:
    """The trackers that a recipe switches on.

    Raises:
        InputError: One is not installed.
    """
    check_trackers(section)
    trackers: list[Tracker] = []
    if section.tensorboard:
        trackers.append(TensorBoard(run / "tensorboard"))
    if section.wandb:
        trackers.append(WeightsAndBiases(run, section.project, recipe))
    return tuple(trackers)


def check_trackers(section: TrackingSection) -> None:
    """
    Raises:
        InputError: The recipe switches on what is not installed.
    """
    if section.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise InputError("tracking.tensorboard: not installed; `pip install tensorboard`, or set it to false")
    if section.wandb and importlib.util.find_spec("wandb") is None:
        raise InputError("tracking.wandb: not installed; `pip install 'rlvr[wandb]'`, or set it to false")


def _wandb_id(run: Path) -> str:
    path = run / "wandb-id"
    if not path.is_file():
        write_atomically(path, secrets.token_hex(8))
    return path.read_text()
