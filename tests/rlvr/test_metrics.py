"""metrics.jsonl and what the trackers get."""

import json
import math
import sys
from pathlib import Path

import pytest

from base_training.errors import InputError
from rlvr.config import TrackingSection
from rlvr.metrics import MetricsLog, read_rows, without_wall_clock
from rlvr.trackers import check_trackers, open_trackers


def scalars(run: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself reads from the run's event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return {tag: [(one.step, one.value) for one in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def open_log(run: Path) -> MetricsLog:
    return MetricsLog(run, open_trackers(TrackingSection(), run, {}))


def test_a_row_is_a_line_at_once(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path)
    log.append({"step": 1, "reward/mean": 0.1 + 0.2, "status": "ünusual"})
    log.append({"step": 2, "reward/mean": 0.5, "status": "x"})
    text = (tmp_path / "metrics.jsonl").read_text()
    assert text.splitlines()[0] == '{"step": 1, "reward/mean": 0.30000000000000004, "status": "ünusual"}'
    assert read_rows(tmp_path / "metrics.jsonl")[1] == {"step": 2, "reward/mean": 0.5, "status": "x"}


def test_numbers_that_are_not_finite_are_null(tmp_path: Path) -> None:
    MetricsLog(tmp_path).append({"step": 1, "a": math.nan, "b": math.inf, "c": None})
    assert json.loads((tmp_path / "metrics.jsonl").read_text()) == {"step": 1, "a": None, "b": None, "c": None}


def test_tensorboard_reads_the_numbers(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append({"step": 1, "reward/mean": 0.25, "lr": math.nan, "status": "x"})
    log.append({"step": 2, "reward/mean": 0.5})
    log.track(2, {"held_out/accuracy": 0.75})
    log.close()
    assert scalars(tmp_path) == {"reward/mean": [(1, 0.25), (2, 0.5)], "held_out/accuracy": [(2, 0.75)]}


def test_a_resumed_run_goes_on_after_its_checkpoint(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    for step in (1, 2, 3, 4):
        log.append({"step": step, "reward/mean": float(step)})
    log.close()
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 5, "rew')

    log = open_log(tmp_path)
    log.truncate_after(2)
    log.append({"step": 3, "reward/mean": 30.0})
    log.close()
    assert [(row["step"], row["reward/mean"]) for row in read_rows(tmp_path / "metrics.jsonl")] == [
        (1, 1.0),
        (2, 2.0),
        (3, 30.0),
    ]
    assert scalars(tmp_path) == {"reward/mean": [(1, 1.0), (2, 2.0), (3, 30.0)]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}\n", "line 1 is no object with a whole number as its step"),
        ('{"step": 1}\n[]\n', "line 2 is no object"),
        ('{"step": 1}\nhm\n{"step": 2}\n', "line 2 is not JSON"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_rows(path)


def test_a_folder_that_is_none_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot write"):
        MetricsLog(tmp_path / "none")


def test_the_wall_clock_can_be_left_out() -> None:
    assert without_wall_clock({"step": 1, "loss": 0.5, "time/step_s": 3.0}) == {"step": 1, "loss": 0.5}


def test_a_tracker_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(InputError, match=r"tracking\.wandb: not installed; `pip install 'rlvr\[wandb\]'`"):
        check_trackers(TrackingSection(wandb=True))
