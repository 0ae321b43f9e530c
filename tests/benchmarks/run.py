"""A whole run's steps against the longer of actor time and learner time alone, which no overlap can beat.

The run is made first. Then its own groups are asked for again from a worker whose learner rests, two steps' worth
at a time, and its own batches are trained on and published by a learner whose worker rests. As the weights, and so
the lengths of responses, are not the run's, the worker's time is scaled to the run's number of tokens. The first
step, for which the learner has to wait whatever happens, is left out everywhere.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import rlvr
from rlvr.actors import Actors, started
from rlvr.batching import build_batch
from rlvr.metrics import read_rows
from rlvr.recipe import Recipe, load_recipe
from rollouts.log import RolloutLog, read_groups
from rollouts.sample import Group, GroupRequest
from tests.benchmarks.row import Row


@dataclass(frozen=True, slots=True)
class Job:
    """What one row measures: a shipped recipe, cut to so many steps."""

    recipe: str
    steps: int


JOBS = {"run-nano": Job("rl_zero/math", 40), "run-smollm2": Job("quickstart", 20)}
NAMES = tuple(JOBS)
GOAL = 0.80


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Measure the named rows."""
    return [_measure(name) for name in names]


def _measure(name: str) -> Row:
    job = JOBS[name]
    overrides = [f"learner.steps={job.steps}", "learner.checkpoint_every=0", "evaluation.every=0"]
    recipe = load_recipe(job.recipe, [*overrides, "evaluation.at_start=false"])
    assert isinstance(recipe, Recipe)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        rlvr.launch(recipe, run_dir=run).wait()
        seconds = [row["time/step_s"] for row in read_rows(run / "metrics.jsonl")][1:]
        steps = [read_groups(path) for _, path in RolloutLog(run).steps()]
    actor_s, learner_s = asyncio.run(_alone(recipe, steps))
    low, _, high = statistics.quantiles(seconds, n=4)
    bound = max(actor_s, learner_s) / len(seconds)
    value = statistics.mean(seconds)
    alone = f"alone: actors {actor_s / len(seconds):.2f}, learner {learner_s / len(seconds):.2f}"
    return Row(
        name=name,
        value=value,
        unit=f"s/step, mean ({alone})",
        baseline=bound,
        ratio=bound / value,
        goal=GOAL,
        n=len(seconds),
        spread=high - low,
    )


async def _alone(recipe: Recipe, steps: Sequence[Sequence[Group]]) -> tuple[float, float]:
    async with started(recipe, None, 0, print) as actors:
        return await _actor_seconds(actors, recipe, steps), await _learner_seconds(actors, recipe, steps)


async def _actor_seconds(actors: Actors, recipe: Recipe, steps: Sequence[Sequence[Group]]) -> float:
    room = asyncio.Semaphore((recipe.buffer.max_staleness + 1) * recipe.buffer.problems_per_step)

    async def ask(group: Group) -> int:
        seeds = tuple(sample.seed for sample in group.samples)
        async with room:
            answer = await actors.fleet.generate(
                GroupRequest(group.group_id, 0, group.problem, group.prompt_ids, seeds)
            )
        return _tokens([answer])

    await asyncio.gather(*(ask(group) for group in steps[0]))
    began = time.monotonic()
    tokens = sum(await asyncio.gather(*(ask(group) for step in steps[1:] for group in step)))
    return (time.monotonic() - began) * _tokens([group for step in steps[1:] for group in step]) / tokens


async def _learner_seconds(actors: Actors, recipe: Recipe, steps: Sequence[Sequence[Group]]) -> float:
    seconds = []
    for version, groups in enumerate(steps):
        began = time.monotonic()
        batch = build_batch(
            [group for group in groups if group.has_signal],
            algorithm=recipe.algorithm,
            buffer=recipe.buffer,
            version=version,
            row_tokens=recipe.learner.row_tokens,
            ranks=recipe.learner.engine.ranks,
            max_tokens=recipe.rollouts.sampling.max_tokens,
        )
        if batch.mini_batches:
            await actors.learners.step(batch)
            await actors.learners.publish(version + 1)
        seconds.append(time.monotonic() - began)
    return sum(seconds[1:])


def _tokens(groups: Sequence[Group]) -> int:
    return sum(len(sample.token_ids) for group in groups for sample in group.samples)
