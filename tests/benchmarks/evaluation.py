"""An evaluation's tokens per second, scoring included, against a bare ``AsyncLLM`` with the same prompts.

Both stand on the same core, each in a process of its own, and take turns; this process and the reward service keep
to the other cores. Greedy answers of SmolLM2 to reasoning-gym's sums, with three examples in each conversation; no
turn asks what another asked.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ray

from base_training.models.build import load_tokenizer
from base_training.models.resolve import resolve_model
from rewards.service import start_reward_service
from rlvr.evaluation.engine_section import engine_section
from rlvr.evaluation.prepared import PreparedGroups, prepare
from rlvr.evaluation.suites import Options, build_suite
from rollouts.environment import WORKER_ENVIRONMENT
from rollouts.fleet import RolloutFleet
from tests.benchmarks.rollouts import WAIT_S, BareEngine, OneCore
from tests.benchmarks.row import Row

NAMES = ("evaluation-smollm2",)
GOAL = 0.90
PROBLEMS = 48
TURNS = 4


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Measure the one row."""
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [first])
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        return [asyncio.run(_measure(first))]
    finally:
        ray.shutdown()
        os.sched_setaffinity(0, [first, *others])


async def _measure(core: int) -> Row:
    model = resolve_model("smollm2-135m", seed=0)
    tokenizer = load_tokenizer(model)
    suite = build_suite("reasoning_gym/chain_sum", Options(chat=True))
    turns: list[PreparedGroups] = []
    for turn in range(TURNS + 1):
        asked = replace(suite, problems=suite.problems[turn * PROBLEMS : (turn + 1) * PROBLEMS])
        prepared = prepare(asked, tokenizer, seed=0)
        assert isinstance(prepared, PreparedGroups)
        turns.append(prepared)
    section = engine_section(model, None, turns).model_copy(
        update={"sampling": suite.sampling.section(), "timeout_s": WAIT_S}
    )
    [verifier] = turns[0].verifiers.values()
    fleet = RolloutFleet(
        model,
        "float32",
        section,
        start_reward_service(verifier),
        [OneCore((core,))],
        environment={"VLLM_LOGGING_LEVEL": "ERROR"},
    )
    environment = {**WORKER_ENVIRONMENT, "TORCHDYNAMO_DISABLE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}
    bare: Any = ray.remote(BareEngine).options(runtime_env={"env_vars": environment}).remote(model, section, core)
    await asyncio.wait_for(asyncio.gather(fleet.start(), bare.start.remote()), WAIT_S)
    rates = [(await _evaluated(fleet, one), await bare.generate.remote(list(one.requests))) for one in turns][1:]
    await fleet.close()
    ray.kill(bare)
    ours, baseline = zip(*rates, strict=True)
    low, _, high = statistics.quantiles(ours, n=4)
    return Row(
        name=NAMES[0],
        value=statistics.median(ours),
        unit="tokens/s",
        baseline=statistics.median(baseline),
        ratio=statistics.median(o / b for o, b in rates),
        goal=GOAL,
        n=len(rates),
        spread=high - low,
    )


async def _evaluated(fleet: RolloutFleet, prepared: PreparedGroups) -> float:
    began = time.perf_counter()
    answered = await asyncio.wait_for(prepared.ask(fleet), WAIT_S)
    return sum(answer.tokens for answer in answered.answers) / (time.perf_counter() - began)
