"""Run folders as a run leaves them, by the project's own writers, with answers that are drawn, not generated."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from base_training.checkpoints import checkpoint_path
from base_training.lineage import write_lineage
from base_training.run_folder import atomic_folder, write_atomically, write_json, write_manifest
from rlvr.evaluation.record import Answer, Evaluation, evaluation_path, write_evaluation
from rlvr.evaluation.statistics import wilson_interval
from rlvr.events import Evaluated
from rlvr.metrics import MetricsLog
from rlvr.recipe import Recipe, load_recipe
from rlvr.run_folder import RunFolder
from rlvr.summary import BothSides, Staleness, Summary, WeightUpdates
from rollouts.ledger import SampleCounts

STEPS = (0, 30, 60)
SUITE_SHA256 = "5" * 64


def drawn_evaluation(
    step: int,
    outcomes: np.ndarray,
    *,
    suite: str = "held_out",
    sha256: str = SUITE_SHA256,
    respond: Callable[[int, bool], str] = lambda problem, right: f"so {problem}" if right else "no idea",
    domains: Sequence[str] = ("math",),
) -> Evaluation:
    """An evaluation with given outcomes, bool of shape [problems] or [problems, samples]."""
    table = outcomes.reshape(len(outcomes), -1)
    answers = tuple(
        _answer(problem, sample, bool(right), respond(problem, bool(right)), domains[problem % len(domains)])
        for problem, row in enumerate(table)
        for sample, right in enumerate(row)
    )
    return Evaluation(
        suite=suite,
        suite_sha256=sha256,
        model="base/nano",
        model_sha256="",
        step=step,
        version=step,
        metric="accuracy",
        value=float(table.mean()),
        ci95=wilson_interval(int(table.sum()), table.size),
        n=table.size,
        seconds=1.0,
        metrics={},
        answers=answers,
    )


@cache
def _answer(problem: int, sample: int, right: bool, response: str, domain: str) -> Answer:
    return Answer(
        problem=f"p{problem}",
        domain=domain,
        sample=sample,
        response=response,
        correct=right,
        score=float(right),
        reason="correct" if right else "wrong",
        metrics={"short": float(problem % 2)},
        tokens=10 + problem % 5,
    )


def draw(accuracy: float, problems: int, seed: int, samples: int = 1) -> np.ndarray:
    """Right and wrong at random, bool of shape [problems, samples]."""
    return np.random.default_rng(seed).random((problems, samples)) < accuracy


def write_run(
    path: Path,
    *,
    accuracies: Sequence[float] = (0.4, 0.6, 0.8),
    seed: int = 0,
    verifier: str = "math",
    problems: int = 400,
    samples: int = 1,
    finished: bool = True,
    evaluations: Sequence[Evaluation] | None = None,
    tokenizer: str = "one",
) -> Path:
    """A whole run folder: recipe, metrics of every step, evaluations and checkpoints at 0, 30, 60, …, a summary.

    Args:
        path: Where to.
        accuracies: At every evaluation.
        seed: The recipe's; answers differ by it too.
        verifier: The recipe's.
        problems: Of the suite.
        samples: Answers to each.
        finished: Whether there is a summary.
        evaluations: Instead of drawn ones.
        tokenizer: What its tokenizer's file holds.
    """
    recipe = load_recipe("rl_zero/math", [f"seed={seed}", f"verifier={verifier}"])
    assert isinstance(recipe, Recipe)
    RunFolder.create(path, recipe, {"versions": {"rlvr": "0"}})
    told = evaluations or [
        drawn_evaluation(30 * place, draw(accuracy, problems, 1000 * seed + place, samples))
        for place, accuracy in enumerate(accuracies)
    ]
    last = max(evaluation.step or 0 for evaluation in told)
    write_metrics(path, last, seed)
    for evaluation in told:
        write_evaluation(evaluation_path(path, evaluation.suite, evaluation.step or 0), evaluation)
        if evaluation.step:
            write_fake_checkpoint(path, evaluation.step, tokenizer)
    if finished:
        write_summary(path, told)
    return path


def write_metrics(run: Path, steps: int, seed: int) -> None:
    """metrics.jsonl of a run: 128 samples a step of 20 tokens, half a second each."""
    noise = np.random.default_rng(seed).normal(0, 0.02, steps)
    log = MetricsLog(run)
    for step in range(1, steps + 1):
        log.append(
            {
                "step": step,
                "version": step,
                "reward/mean": 0.4 + 0.4 * step / max(1, steps) + noise[step - 1],
                "reward/accuracy": 0.5,
                "samples": 128.0,
                "response/tokens_mean": 20.0,
                "verdict/short": 0.25,
                "policy/entropy": 1.0 / step,
                "time/step_s": 0.5,
            }
        )
    log.close()


def write_fake_checkpoint(run: Path, step: int, tokenizer: str = "one") -> Path:
    """A checkpoint's folder without weights."""
    path = checkpoint_path(run, step)
    with atomic_folder(path) as folder:
        write_json(folder / "config.json", {"architectures": ["Olmo3ForCausalLM"]})
        write_atomically(folder / "tokenizer.json", tokenizer)
        write_json(folder / "state.json", {"step": step})
        write_lineage(folder, parent="base/nano", stage="rlvr", recipe={"seed": 0}, data={"problems": "ab" * 32})
        write_manifest(folder)
    return path


def write_summary(run: Path, evaluations: Sequence[Evaluation], status: str = "completed") -> None:
    """summary.json of a run that has ended."""
    told = tuple(
        Evaluated(e.step or 0, e.suite, e.metric, e.value, e.ci95 or (0.0, 1.0), e.n) for e in evaluations
    )
    summary = Summary(
        status=status,
        wall_s=60.0,
        model="base/nano",
        steps=max(e.step for e in told),
        evaluations=told,
        weight_updates=WeightUpdates(60, 60, 0.1),
        staleness=Staleness(1, 0.5, 1),
        tokens_per_s=BothSides(1000.0, 1000.0),
        idle_share=BothSides(0.1, 0.1),
        samples=SampleCounts(),
    )
    write_json(run / "summary.json", summary.as_dict())
