"""Starts and ends what a run is made of: the model, Ray, the reward service, rollout workers, learner ranks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from base_training.models.build import load_tokenizer
from base_training.text.templates import encode_prompt
from rewards.problem import Problem
from rewards.service import start_reward_service
from rlvr.base_model import starting_model
from rlvr.cluster import cluster, reserved
from rlvr.environment import quiet_libraries
from rlvr.judge import judge_model, judge_served
from rlvr.learner import LearnerGroup
from rlvr.placement import plan_placement
from rlvr.preflight import problem_set
from rlvr.recipe import Recipe
from rlvr.run_verifiers import RunVerifiers
from rollouts.fleet import RolloutFleet
from rollouts.problems import ProblemSet
from rollouts.waiting import within

REWARDS_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Actors:
    """What a run works with.

    Attributes:
        fleet: The rollout workers.
        learners: The learner ranks.
        problems: To train on and held out.
        encode: A problem's prompt as token ids, int32 of shape [P].
        model: What the run started from, a folder or a hub id.
    """

    fleet: RolloutFleet
    learners: LearnerGroup
    problems: ProblemSet
    encode: Callable[[Problem], np.ndarray]
    model: str


@contextlib.asynccontextmanager
async def started(
    recipe: Recipe, checkpoint: Path | None, version: int, say: Callable[[str], None]
) -> AsyncIterator[Actors]:
    """Start everything, and end it again whatever happens.

    Args:
        recipe: The run's.
        checkpoint: To go on from; None for a new run.
        version: The policy version of its weights.
        say: Is told what is being done.

    Raises:
        InputError: The model or the judge cannot be made or run, the layout does not fit, or there is no such
            cluster.
        VerifierError: The verifier cannot be loaded.
        TimeoutError: An actor was not ready in time.
    """
    model = await asyncio.to_thread(starting_model, recipe.model, recipe.seed, say)
    weights = str(checkpoint or model)
    judge = judge_model(recipe.judge) if recipe.judge else None
    models = [weights, judge.folder] if judge else [weights]
    quiet_libraries(hub_id=not all(Path(name).is_dir() for name in models))
    verifiers = RunVerifiers.of(recipe).by_name
    tokenizer = load_tokenizer(weights)
    longest = recipe.problems.max_prompt_tokens

    def encode(problem: Problem) -> np.ndarray:
        return encode_prompt(tokenizer, problem.messages, recipe.problems.chat)

    problems = problem_set(recipe, fits=lambda problem: longest is None or len(encode(problem)) <= longest)
    say("starting Ray")
    with cluster(recipe.cluster) as resources:
        plan = plan_placement(recipe, resources.cpus, resources.gpus, resources.cores)
        say(f"starting {plan.describe()}")
        taken = {core for actor in (*plan.workers, *plan.learners) for core in actor.cores}
        spare = [core for core in resources.cores if core not in taken]
        async with (
            reserved(plan, together=recipe.rollouts.transfer == "shared_memory") as placement,
            judge_served(judge, spare, resources.gpus, say) as environment,
        ):
            (_, first), *others = verifiers.items()
            rewards = start_reward_service(first, others=dict(others), environment=environment)
            fleet = RolloutFleet(
                weights, recipe.model.dtype, recipe.rollouts, rewards, placement.workers, version=version
            )
            learners = LearnerGroup(recipe, weights, placement.learners, reference=model, resume=checkpoint)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(fleet.start())
                    tasks.create_task(learners.start())
                    tasks.create_task(_answer_of(rewards.ready, "start"))
                await learners.connect(fleet, recipe.rollouts.tensor_parallel)
                yield Actors(fleet, learners, problems, encode, model)
            finally:
                closing = (fleet.close(), learners.close(), _answer_of(rewards.close, "end"))
                await asyncio.gather(*closing, return_exceptions=True)


async def _answer_of(method: Any, what: str) -> None:
    await within(REWARDS_TIMEOUT_S, method.remote(), f"the reward service to {what}")
