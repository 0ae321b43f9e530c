"""One line of metrics.jsonl. Keys under ``time/`` depend on the machine, all others on the recipe alone when the
run is synchronous."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rlvr.batching import TrainingBatch
from rlvr.clock import Times
from rollouts.buffer import Taken
from rollouts.sample import Group


def step_row(
    step: int,
    version: int,
    taken: Taken,
    batch: TrainingBatch,
    learner: Mapping[str, float],
    times: Mapping[str, float],
    *,
    domains: Sequence[str] = (),
    retired: int = 0,
) -> dict[str, Any]:
    """All that is told of one training step.

    Args:
        step: From 1.
        version: Policy version after it.
        taken: Its groups; rewards are reported over all of them, with a signal or without.
        batch: What the learner got.
        learner: What it reported.
        times: Of the step; they stand under ``time/``.
        domains: Those of the run; where there are several, each is reported on its own too.
        retired: Problems retired so far.
    """
    groups = (*taken.groups, *taken.filtered)
    return {
        "step": step,
        "version": version,
        **_rewards(groups),
        "groups/trained": len(taken.groups),
        "groups/filtered": len(taken.filtered),
        "problems/retired": retired,
        **(_domains(groups, domains) if len(domains) > 1 else {}),
        **batch.metrics,
        **learner,
        **{f"time/{name}": value for name, value in times.items()},
    }


def step_times(passed: Times, workers: int, waited_s: float) -> dict[str, float]:
    """Seconds of one step, what the learner waited for its batch, and the rates."""
    return {"step_s": passed.training_s, "wait_s": waited_s, **passed.rates(workers)}


def _rewards(groups: Sequence[Group]) -> dict[str, float | None]:
    samples = [sample for group in groups for sample in group.samples]
    valid = [sample.verdict for sample in samples if sample.verdict.valid]
    parts: dict[str, list[float]] = {}
    for verdict in valid:
        for name, value in verdict.metrics.items():
            parts.setdefault(name, []).append(value)
    return {
        "reward/mean": _mean([verdict.score for verdict in valid]),
        "reward/accuracy": _accuracy(groups),
        "samples": float(len(samples)),
        "samples/invalid_share": 1.0 - len(valid) / len(samples) if samples else 0.0,
        "samples/truncated_share": _mean([float(s.finish_reason == "length") for s in samples]),
        "response/tokens_mean": _mean([float(len(s.token_ids)) for s in samples]),
        **{f"verdict/{name}": _mean(values) for name, values in sorted(parts.items())},
    }


def _domains(groups: Sequence[Group], domains: Sequence[str]) -> dict[str, float | None]:
    """The same measures for each domain; None where the step has no group of it."""
    told: dict[str, float | None] = {}
    for domain in domains:
        own = [group for group in groups if group.problem.domain == domain]
        told |= {
            f"domain/{domain}/reward": _mean([float(score) for group in own for score in group.valid_scores]),
            f"domain/{domain}/accuracy": _accuracy(own),
            f"domain/{domain}/groups": float(len(own)),
            f"domain/{domain}/groups_with_signal": float(sum(group.has_signal for group in own)),
        }
    return told


def _accuracy(groups: Sequence[Group]) -> float | None:
    """Over the samples whose verdict tells of it."""
    verdicts = [sample.verdict for group in groups for sample in group.samples if sample.verdict.valid]
    return _mean([float(verdict.correct) for verdict in verdicts if verdict.correct is not None])


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
