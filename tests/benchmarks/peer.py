"""The quickstart's job here and in TRL, in turn: same model, problems, batch, lengths, learning rate and steps.

Nothing is refilled here, as TRL trains on every group. Both trained models then answer the same held-out problems
through the same evaluation.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rlvr
from base_training.checkpoints import checkpoint_path
from base_training.models.resolve import resolve_model
from rlvr.evaluation.statistics import newcombe_difference
from rlvr.metrics import read_rows
from rlvr.preflight import problem_set
from rlvr.recipe import Recipe, load_recipe
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.row import Row

NAMES = ("peer-seconds", "peer-accuracy", "peer-memory")
STEPS = 16
HELD_OUT = 512
WORST_DIFFERENCE = -0.08
JOB = ["problems.held_out=512", "buffer.refill=1", f"learner.steps={STEPS}", "evaluation.at_start=false"]


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Measure both sides once, whichever rows are asked for."""
    recipe = load_recipe("quickstart", JOB)
    assert isinstance(recipe, Recipe)
    with tempfile.TemporaryDirectory() as folder:
        ours = _ours(recipe, Path(folder))
        theirs = _theirs(recipe, Path(folder))
        accuracies = [_accuracy(recipe, side["model"], Path(folder)) for side in (ours, theirs)]
    seconds = [statistics.mean(side["step_seconds"][1:]) for side in (ours, theirs)]
    low, _, high = statistics.quantiles(ours["step_seconds"][1:], n=4)
    difference, worst, best = newcombe_difference(accuracies[1], accuracies[0])
    measured = [
        Row("peer-seconds", seconds[0], "s/step", seconds[1], seconds[1] / seconds[0], 2.0, STEPS - 1, high - low),
        Row(
            "peer-accuracy",
            accuracies[0][0] / accuracies[0][1],
            f"accuracy (difference {difference:+.3f} [{worst:+.3f}, {best:+.3f}])",
            accuracies[1][0] / accuracies[1][1],
            1.0 + worst - WORST_DIFFERENCE,
            1.0,
            HELD_OUT,
            best - worst,
        ),
        Row(
            "peer-memory",
            ours["peak_gb"],
            "GB",
            theirs["peak_gb"],
            theirs["peak_gb"] / ours["peak_gb"],
            0.0,
            1,
            0.0,
        ),
    ]
    return [row for row in measured if row.name in names]


def _ours(recipe: Recipe, folder: Path) -> dict[str, Any]:
    with PeakMemory(os.getpid()) as memory:
        rlvr.launch(recipe, run_dir=folder / "ours").wait()
    times = [row["time/step_s"] for row in read_rows(folder / "ours" / "metrics.jsonl")]
    return {
        "step_seconds": times,
        "peak_gb": memory.peak_gb,
        "model": str(checkpoint_path(folder / "ours", STEPS)),
    }


def _theirs(recipe: Recipe, folder: Path) -> dict[str, Any]:
    assert recipe.model.name is not None
    train = problem_set(recipe).train
    asked = [train.next() for _ in range(STEPS * recipe.buffer.problems_per_step)]
    job = {
        "model": resolve_model(recipe.model.name, recipe.seed),
        "problems": [(problem.messages[0]["content"], problem.label) for problem in asked],
        "problems_per_step": recipe.buffer.problems_per_step,
        "samples_per_problem": recipe.rollouts.sampling.samples_per_problem,
        "max_tokens": recipe.rollouts.sampling.max_tokens,
        "lr": recipe.learner.optimizer.lr,
        "steps": STEPS,
        "seed": recipe.seed,
        "threads": len(os.sched_getaffinity(0)),
        "output": str(folder / "theirs"),
        "result": str(folder / "theirs.json"),
    }
    file = folder / "job.json"
    file.write_text(json.dumps(job))
    environment = {**os.environ, "OMP_NUM_THREADS": str(job["threads"]), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.trl_job", str(file)], env=environment)
    with PeakMemory(process.pid) as memory:
        if process.wait() != 0:
            raise RuntimeError(f"the TRL job ended with {process.returncode}")
    result: dict[str, Any] = json.loads((folder / "theirs.json").read_text())
    return {**result, "peak_gb": memory.peak_gb, "model": str(folder / "theirs")}


def _accuracy(recipe: Recipe, model: str, folder: Path) -> tuple[int, int]:
    """Correct answers and answers of a run of no steps."""
    section = recipe.model.model_copy(update={"name": model})
    learner = recipe.learner.model_copy(update={"steps": 0})
    evaluation = recipe.evaluation.model_copy(update={"at_start": True})
    run = rlvr.launch(
        recipe.model_copy(update={"model": section, "learner": learner, "evaluation": evaluation}),
        run_dir=folder / f"evaluation-{Path(model).name}",
    )
    [measured] = run.wait()["evaluations"]
    return round(measured["value"] * measured["n"]), measured["n"]
