"""The quickstart's job here and in TRL, in turn: same model, problems, batch, lengths, learning rate and steps.

Nothing is refilled here, as TRL trains on every group, and this side is synchronous, as TRL is: both learn from
what the newest policy said. Both trained models then answer the same held-out problems in the same evaluation.
A row of its own has the seconds of the asynchronous recipe as it is shipped, whose updates lag by one.
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
from rlvr.evaluation.statistics import paired_bootstrap_difference
from rlvr.metrics import read_rows
from rlvr.preflight import problem_set
from rlvr.recipe import Recipe, load_recipe
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.row import Row

NAMES = ("peer-seconds", "peer-seconds-asynchronous", "peer-accuracy", "peer-memory")
STEPS = 16
HELD_OUT = 512
WORST_DIFFERENCE = -0.08
JOB = ["problems.held_out=512", "buffer.refill=1", f"learner.steps={STEPS}", "evaluation.at_start=false"]
SYNCHRONOUS = "buffer.max_staleness=0"


Side = dict[str, Any]
"""``step_seconds``, ``peak_gb`` and the path of the trained ``model``."""


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """All rows, whichever are asked for: each side runs once for all of them."""
    recipe, asynchronous = load_recipe("quickstart", [*JOB, SYNCHRONOUS]), load_recipe("quickstart", JOB)
    assert isinstance(recipe, Recipe)
    assert isinstance(asynchronous, Recipe)
    with tempfile.TemporaryDirectory() as folder:
        ours = _ours(recipe, Path(folder) / "ours")
        lagging = _ours(asynchronous, Path(folder) / "asynchronous")
        theirs = _theirs(recipe, Path(folder))
        right = [_outcomes(recipe, side["model"], Path(folder)) for side in (ours, theirs)]
    difference, worst, best = paired_bootstrap_difference(right[1], right[0])
    return [
        _seconds("peer-seconds", ours, theirs, goal=2.0),
        _seconds("peer-seconds-asynchronous", lagging, theirs, goal=2.0),
        Row(
            "peer-accuracy",
            statistics.mean(right[0]),
            f"accuracy (paired difference {difference:+.3f} [{worst:+.3f}, {best:+.3f}])",
            statistics.mean(right[1]),
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


def _seconds(name: str, ours: Side, theirs: Side, goal: float) -> Row:
    """Seconds per step without the first."""
    mine, other = (statistics.mean(side["step_seconds"][1:]) for side in (ours, theirs))
    low, _, high = statistics.quantiles(ours["step_seconds"][1:], n=4)
    return Row(name, mine, "s/step", other, other / mine, goal, STEPS - 1, high - low)


def _ours(recipe: Recipe, run: Path) -> Side:
    with PeakMemory(os.getpid()) as memory:
        rlvr.launch(recipe, run_dir=run).wait()
    times = [row["time/step_s"] for row in read_rows(run / "metrics.jsonl")]
    return {"step_seconds": times, "peak_gb": memory.peak_gb, "model": str(checkpoint_path(run, STEPS))}


def _theirs(recipe: Recipe, folder: Path) -> Side:
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
    result: Side = json.loads((folder / "theirs.json").read_text())
    return {**result, "peak_gb": memory.peak_gb, "model": str(folder / "theirs")}


def _outcomes(recipe: Recipe, model: str, folder: Path) -> list[float]:
    """1 for each held-out problem that a model answers right, else 0, in their order."""
    section = recipe.model.model_copy(update={"name": model})
    learner = recipe.learner.model_copy(update={"steps": 0})
    evaluation = recipe.evaluation.model_copy(update={"at_start": True})
    run = folder / f"evaluation-{Path(model).name}"
    rlvr.launch(
        recipe.model_copy(update={"model": section, "learner": learner, "evaluation": evaluation}), run_dir=run
    ).wait()
    answers = json.loads((run / "evaluations" / "held_out-000000.json").read_text())["answers"]
    return [float(answer["correct"]) for answer in answers]
