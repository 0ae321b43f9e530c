"""Whole runs on the real stack: vLLM, DeepSpeed and Ray, on a nano model."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

import rlvr
from base_training.checkpoints import checkpoint_path, list_checkpoints
from base_training.lineage import read_lineage
from rlvr.metrics import read_rows, without_wall_clock
from rollouts.log import RolloutLog, read_groups
from tests.rlvr.small_run import small_recipe, summary_of

SYNCHRONOUS = {"problems_per_step": 4, "max_staleness": 0}


def weights(run: Path, step: int) -> str:
    """The hash of a checkpoint's weights."""
    return hashlib.sha256((checkpoint_path(run, step) / "model.safetensors").read_bytes()).hexdigest()


def rows(run: Path) -> list[dict[str, object]]:
    """What the recipe alone decides of a run's metrics."""
    return [without_wall_clock(row) for row in read_rows(run / "metrics.jsonl")]


@pytest.fixture(scope="module")
def synchronous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synchronous run of five steps."""
    folder = tmp_path_factory.mktemp("synchronous")
    run = rlvr.launch(small_recipe(folder, buffer=SYNCHRONOUS), run_dir=folder / "run")
    assert [row["step"] for row in run] == [1, 2, 3, 4, 5]
    assert run.wait()["status"] == "completed"
    run.stop()
    assert list(run) == [], "an ended run has nothing more to tell, and asking for it does not hang"
    return folder / "run"


def test_a_run_leaves_a_folder_that_tells_all(synchronous: Path) -> None:
    summary = summary_of(synchronous)
    assert (summary["status"], summary["steps"], summary["weight_updates"]["count"]) == ("completed", 5, 5)
    assert summary["staleness"] == {"max": 0, "mean": 0.0, "bound": 0}
    assert [(e["step"], e["n"]) for e in summary["evaluations"]] == [(0, 20), (5, 20)]
    assert [step for step, _ in list_checkpoints(synchronous)] == [3, 5]
    steps = RolloutLog(synchronous).steps()
    assert [step for step, _ in steps] == [1, 2, 3, 4, 5]
    assert sum(len(g.samples) for _, path in steps for g in read_groups(path)) == summary["samples"]["generated"]
    assert {p.name for p in (synchronous / "report").iterdir()} >= {"index.html"}
    assert any((synchronous / "tensorboard").iterdir())


def test_a_checkpoint_is_a_model_folder_with_its_lineage(synchronous: Path) -> None:
    folder = checkpoint_path(synchronous, 5)
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer("1+2=", return_tensors="pt")
    assert model.generate(**prompt, max_new_tokens=3, do_sample=False).shape[1] > prompt["input_ids"].shape[1]
    assert read_lineage(folder).stage == "rlvr"


def test_two_synchronous_runs_are_the_same_to_the_bit(synchronous: Path, tmp_path: Path) -> None:
    rlvr.launch(small_recipe(tmp_path, buffer=SYNCHRONOUS), run_dir=tmp_path / "run").wait()
    assert rows(tmp_path / "run") == rows(synchronous)
    assert weights(tmp_path / "run", 5) == weights(synchronous, 5)


def test_three_steps_and_two_more_are_five_to_the_bit(synchronous: Path, tmp_path: Path) -> None:
    short = small_recipe(tmp_path, buffer=SYNCHRONOUS, learner={"steps": 3})
    assert rlvr.launch(short, run_dir=tmp_path / "run").wait()["steps"] == 3
    assert rlvr.resume(tmp_path / "run", steps=5).wait()["steps"] == 5
    assert rows(tmp_path / "run") == rows(synchronous)
    assert weights(tmp_path / "run", 5) == weights(synchronous, 5)
    assert summary_of(tmp_path / "run")["samples"] == summary_of(synchronous)["samples"]


def test_sigterm_ends_a_run_with_a_checkpoint_and_resume_goes_on(tmp_path: Path) -> None:
    """Asynchronous, from the command line."""
    recipe = small_recipe(tmp_path, learner={"steps": 400, "checkpoint_every": 0})
    run = tmp_path / "run"
    command = [sys.executable, "-m", "rlvr", "launch", str(recipe), "--run-dir", str(run)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_steps(run, 2, process)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, output + errors
    stopped = summary_of(run)
    assert stopped["status"] == "stopped"
    assert [step for step, _ in list_checkpoints(run)] == [stopped["steps"]]
    assert stopped["samples"]["reissued"] == 0

    last = stopped["steps"] + 2
    resumed = subprocess.run(
        [sys.executable, "-m", "rlvr", "resume", str(run), "--steps", str(last)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert [row["step"] for row in read_rows(run / "metrics.jsonl")] == list(range(1, last + 1))
    finished = summary_of(run)
    assert (finished["status"], finished["steps"]) == ("completed", last)
    assert finished["staleness"]["max"] <= 1
    assert not [name for name in os.listdir("/dev/shm") if name.startswith("rlvr-")]


def wait_for_steps(run: Path, steps: int, process: subprocess.Popen[str], timeout_s: float = 300.0) -> None:
    """Until a run has made so many steps."""
    metrics = run / "metrics.jsonl"
    deadline = time.monotonic() + timeout_s
    while not metrics.is_file() or metrics.read_text().count("\n") < steps:
        if process.poll() is not None:
            raise AssertionError(f"the run ended early: {process.communicate()}")
        assert time.monotonic() < deadline, f"no {steps} steps after {timeout_s} s"
        time.sleep(0.2)
