"""A rollout worker's tokens per second, as in a run, against a bare ``AsyncLLM`` with the same requests.

Both stand on the same core, each in a process of its own, and take turns; this process and the reward service keep
to the other cores. The worker does all that it does in a run: groups come in as others finish, two steps' worth at
a time, every sample is scored, and after every step's groups new weights are published under the requests in
flight; its pauses count, time without requests doesn't. The bare engine is given all requests at once.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import ray

from base_training.models.build import load_model, load_tokenizer
from base_training.models.resolve import resolve_model
from base_training.text.templates import encode_prompt
from rewards.config import VerifierSection
from rewards.problem import Problem
from rewards.service import start_reward_service
from rollouts.config import RolloutsSection, SamplingSection
from rollouts.environment import WORKER_ENVIRONMENT
from rollouts.fleet import RolloutFleet
from rollouts.problems import sample_seed
from rollouts.sample import GroupRequest, WeightUpdate
from rollouts.transfer.shared_memory import SHARED_MEMORY, write_weights
from tests.benchmarks.row import Row

SAMPLES = 8
WAIT_S = 900.0


@dataclass(frozen=True, slots=True)
class Job:
    """What one row measures.

    Attributes:
        model: By name.
        chat: Whether prompts go through its chat template.
        question: Asks for a sum.
        max_tokens: Longest response.
        max_model_tokens: Longest prompt and response.
        max_running: Requests that run at once.
        groups_per_step: Groups after which weights are published.
        groups: In one turn.
        turns: Of each side.
        goal: For worker / bare.
    """

    model: str
    chat: bool
    question: str
    max_tokens: int
    max_model_tokens: int
    max_running: int
    groups_per_step: int
    groups: int
    turns: int
    goal: float


JOBS = {
    "rollouts-nano": Job("olmo3-nano", False, "Q: {a}+{b}=?\nA:", 32, 64, 128, 16, 64, 7, 0.80),
    "rollouts-smollm2": Job(
        "smollm2-135m", True, "What is {a} + {b}? Answer with the number only.", 16, 128, 64, 8, 32, 5, 0.90
    ),
}
"""As in the recipes rl_zero/math and quickstart."""

NAMES = tuple(JOBS)


@dataclass(frozen=True, slots=True)
class OneCore:
    """Where a worker runs."""

    cores: tuple[int, ...]
    cpus: int = 1
    gpus: int = 0
    scheduling: None = None


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Measure the named rows."""
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [first])
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        return [asyncio.run(_measure(name, first)) for name in names]
    finally:
        ray.shutdown()
        os.sched_setaffinity(0, [first, *others])


async def _measure(name: str, core: int) -> Row:
    job = JOBS[name]
    model = resolve_model(job.model, seed=0)
    section = RolloutsSection(
        sampling=SamplingSection(max_tokens=job.max_tokens, samples_per_problem=SAMPLES),
        max_running=job.max_running,
        max_model_tokens=job.max_model_tokens,
        timeout_s=WAIT_S,
    )
    settings = {"extraction": "last_integer"}
    fleet = RolloutFleet(
        model,
        "float32",
        section,
        start_reward_service(VerifierSection(name="math", settings=settings)),
        [OneCore((core,))],
        environment={"VLLM_LOGGING_LEVEL": "ERROR"},
    )
    environment = {**WORKER_ENVIRONMENT, "TORCHDYNAMO_DISABLE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}
    bare: Any = ray.remote(BareEngine).options(runtime_env={"env_vars": environment}).remote(model, section, core)
    with TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        weights = Path(folder) / "weights.safetensors"
        write_weights(weights, load_model(model).state_dict().items())
        update = {"path": str(weights)}
        await asyncio.wait_for(asyncio.gather(fleet.start(), bare.start.remote()), WAIT_S)
        warm_up, *turns = [_requests(job, model, turn) for turn in range(job.turns + 1)]
        await _worker_turn(job, fleet, warm_up, update)
        await bare.generate.remote(warm_up)
        rates = [(await _worker_turn(job, fleet, one, update), await bare.generate.remote(one)) for one in turns]
        await fleet.close()
        ray.kill(bare)
    ours, baseline = zip(*rates, strict=True)
    low, _, high = statistics.quantiles(ours, n=4)
    return Row(
        name=name,
        value=statistics.median(ours),
        unit="tokens/s",
        baseline=statistics.median(baseline),
        ratio=statistics.median(o / b for o, b in rates),
        goal=job.goal,
        n=len(rates),
        spread=high - low,
    )


def _requests(job: Job, model: str, turn: int) -> list[GroupRequest]:
    """Sums that no other turn asks for, so that no cache of prompts helps either side."""
    tokenizer = load_tokenizer(model)
    requests = []
    for number in range(turn * job.groups, (turn + 1) * job.groups):
        a, b = 1 + number % 99, 1 + number // 99
        question = job.question.format(a=a, b=b)
        problem = Problem(f"{a}+{b}", ({"role": "user", "content": question},), "math", str(a + b))
        seeds = tuple(sample_seed(0, number, problem.id, sample, 0) for sample in range(SAMPLES))
        prompt = encode_prompt(tokenizer, problem.messages, job.chat)
        requests.append(GroupRequest(number, 0, problem, prompt, seeds))
    return requests


async def _worker_turn(
    job: Job, fleet: RolloutFleet, requests: Sequence[GroupRequest], update: dict[str, str]
) -> float:
    """Tokens per busy second."""
    before = await fleet.stats()
    places = asyncio.Semaphore(2 * job.groups_per_step)
    finished = 0
    publications = []
    version = before.updates

    async def one(request: GroupRequest) -> None:
        nonlocal finished, version
        async with places:
            await fleet.generate(request)
        finished += 1
        if finished % job.groups_per_step == 0:
            version += 1
            publications.append(asyncio.create_task(fleet.publish(WeightUpdate(version, update))))

    await asyncio.wait_for(asyncio.gather(*(one(request) for request in requests)), WAIT_S)
    await asyncio.wait_for(asyncio.gather(*publications), WAIT_S)
    after = await fleet.stats()
    assert after.updates - before.updates == len(requests) // job.groups_per_step
    return (after.tokens - before.tokens) / (after.busy_s - before.busy_s)


class BareEngine:
    """``AsyncLLM`` as one would use it without any of this project, asked for texts and log-probs."""

    def __init__(self, model: str, section: RolloutsSection, core: int) -> None:
        os.sched_setaffinity(0, [core])
        self._model = model
        self._section = section

    async def start(self) -> None:
        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.v1.engine.async_llm import AsyncLLM

        self._llm = AsyncLLM.from_engine_args(
            AsyncEngineArgs(
                model=self._model,
                dtype="float32",
                enforce_eager=True,
                block_size=32,
                max_num_seqs=self._section.max_running,
                max_model_len=self._section.max_model_tokens,
                kv_cache_memory_bytes=self._section.kv_cache_gib * 2**30,
                logprobs_mode="processed_logprobs",
            )
        )

    async def generate(self, requests: Sequence[GroupRequest]) -> float:
        """Tokens per second."""
        from vllm.inputs import TokensPrompt
        from vllm.sampling_params import RequestOutputKind, SamplingParams

        async def one(request: GroupRequest, seed: int) -> int:
            params = SamplingParams(
                temperature=self._section.sampling.temperature,
                max_tokens=self._section.sampling.max_tokens,
                seed=seed,
                logprobs=0,
                output_kind=RequestOutputKind.FINAL_ONLY,
            )
            prompt = TokensPrompt(prompt_token_ids=np.asarray(request.prompt_ids).tolist())
            async for output in self._llm.generate(prompt, params, f"{request.group_id}/{seed}"):
                last = output
            return len(last.outputs[0].token_ids)

        began = time.perf_counter()
        tokens = await asyncio.gather(*(one(request, seed) for request in requests for seed in request.seeds))
        return sum(tokens) / (time.perf_counter() - began)
