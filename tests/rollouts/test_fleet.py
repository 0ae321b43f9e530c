"""Workers as Ray actors on the real engine: scored groups, evaluations by one version, replacements."""

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import pytest
import ray

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.problem import Problem
from rewards.service import start_reward_service
from rollouts.config import RolloutsSection, SamplingSection
from rollouts.fleet import RolloutFleet
from rollouts.likelihood import LikelihoodRequest
from rollouts.sample import Group, GroupRequest, WeightUpdate
from rollouts.transfer.shared_memory import SHARED_MEMORY, write_weights
from tests.rollouts.tiny_policy import TOKENIZER, reference_logprobs, save_policy, tiny_policy

START, NEXT = tiny_policy(3, tied=True), tiny_policy(4, tied=True)
SECTION = RolloutsSection(
    sampling=SamplingSection(max_tokens=40), max_running=16, max_model_tokens=256, timeout_s=120
)
PLUG_INS = Path(__file__).parents[1] / "rewards" / "plug_ins.py"


@dataclass(frozen=True)
class Resources:
    cpus: int = 1
    gpus: int = 0
    cores: tuple[int, ...] = ()
    scheduling: None = None


class Running:
    """A fleet of one worker in its event loop."""

    def __init__(self, model: str, folder: Path, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._folder = folder
        others = {"group": VerifierSection(name=f"{PLUG_INS}:group")}
        rewards = start_reward_service(VerifierSection(name="random"), others=others)
        core = min(os.sched_getaffinity(0))
        self.fleet = RolloutFleet(model, "float32", SECTION, rewards, [Resources(cores=(core,))])
        self.run(self.fleet.start())

    def run(self, coroutine):
        return self._runner.run(asyncio.wait_for(coroutine, 240))

    def publish(self, version: int, policy):
        path = self._folder / f"{version}.safetensors"
        write_weights(path, policy.state_dict().items())
        return self.run(self.fleet.publish(WeightUpdate(version, {"path": str(path)})))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    model = save_policy(tmp_path_factory.mktemp("policy") / "start", START)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        with asyncio.Runner() as runner, TemporaryDirectory(dir=SHARED_MEMORY) as folder:
            running = Running(model, Path(folder), runner)
            yield running
            runner.run(running.fleet.close())
    finally:
        ray.shutdown()


def request(
    group_id: int, samples: int = 4, text: str = "Say something.", verifier: str = "random"
) -> GroupRequest:
    problem = Problem(f"p{group_id}", ({"role": "user", "content": text},), verifier, None)
    prompt = np.array(TOKENIZER.encode(f"{text} {group_id}"), dtype=np.int32)
    return GroupRequest(group_id, 0, problem, prompt, tuple(2**62 + 100 * group_id + i for i in range(samples)))


async def process_id(seat) -> int:
    return await seat.actor.process_id.remote()


def same_bits(first: list[Group], second: list[Group]) -> bool:
    return all(
        np.array_equal(a.token_ids, b.token_ids)
        and a.logprobs.tobytes() == b.logprobs.tobytes()
        and a.verdict == b.verdict
        for g, h in zip(first, second, strict=True)
        for a, b in zip(g.samples, h.samples, strict=True)
    )


def test_a_group_comes_back_scored(running: Running) -> None:
    before = running.run(running.fleet.stats())
    asked = request(7)

    group = running.run(running.fleet.generate(asked))

    assert (group.group_id, group.attempt, group.problem) == (7, 0, asked.problem)
    assert [sample.seed for sample in group.samples] == list(asked.seeds)
    for index, sample in enumerate(group.samples):
        assert (sample.index, sample.worker) == (index, 0)
        assert sample.verdict.valid
        assert sample.loss_mask.all()
        assert len(sample.loss_mask) == len(sample.token_ids)
        expected = reference_logprobs(START, asked.prompt_ids, sample.token_ids)
        np.testing.assert_allclose(sample.logprobs, expected, atol=1e-4)
    after = running.run(running.fleet.stats())
    assert after.tokens - before.tokens == sum(len(sample.token_ids) for sample in group.samples)
    assert after.samples - before.samples == 4
    assert after.in_flight == 0
    assert after.busy_s > before.busy_s


def test_a_groups_verifier_gets_all_samples_together(running: Running) -> None:
    asked = [request(number, samples=5, verifier="group") for number in (60, 61)]

    groups = [running.run(running.fleet.generate(asked[0])), *running.run(running.fleet.generate_round(asked))]

    for group in groups:
        texts = [sample.text for sample in group.samples]
        shorter = [sum(len(other) < len(text) for other in texts) / 4 for text in texts]
        assert [sample.verdict.score for sample in group.samples] == shorter


def test_every_thread_of_a_worker_and_of_vllm_is_pinned(running: Running) -> None:
    [seat] = running.fleet._seats
    worker = psutil.Process(running.run(process_id(seat)))
    processes = [worker, *worker.children(recursive=True)]

    affinities = {tuple(os.sched_getaffinity(thread.id)) for one in processes for thread in one.threads()}

    assert affinities == {seat.resources.cores}
    assert any("EngineCore" in one.name() for one in processes)


def test_a_prompt_without_room_is_refused_by_name(running: Running) -> None:
    with pytest.raises(InputError, match=r"group 8, attempt 0, sample 0 has 25\d tokens.*max_model_tokens"):
        running.run(running.fleet.generate(request(8, text="x" * 255)))


def test_rounds_are_the_same_to_the_bit_whatever_ran_before(running: Running) -> None:
    requests = [request(group_id) for group_id in range(8)]  # more than run at once
    first = running.run(running.fleet.generate_round(requests))

    running.run(running.fleet.generate(request(1, samples=3)))  # leaves blocks of a prompt in the cache
    second = running.run(running.fleet.generate_round(requests))

    assert [group.group_id for group in first] == list(range(8))
    assert same_bits(first, second)


def test_an_evaluation_is_of_one_version_and_counts_in_no_sum(running: Running) -> None:
    async def publish_meanwhile() -> list[Group]:
        evaluation = asyncio.create_task(running.fleet.evaluate([request(i) for i in range(6)], sampling))
        await asyncio.sleep(0)
        publication = asyncio.create_task(running.fleet.publish(update))
        groups = await evaluation
        await publication
        return groups

    sampling = SamplingSection(max_tokens=12, temperature=0.5)
    path = running._folder / "1.safetensors"
    write_weights(path, NEXT.state_dict().items())
    update = WeightUpdate(1, {"path": str(path)})
    before = running.run(running.fleet.stats())

    groups = running.run(publish_meanwhile())

    assert {int(v) for group in groups for sample in group.samples for v in sample.versions} == {0}
    sample = groups[2].samples[1]
    expected = reference_logprobs(START, groups[2].prompt_ids, sample.token_ids, temperature=0.5)
    np.testing.assert_allclose(sample.logprobs, expected, atol=1e-4)
    after = running.run(running.fleet.stats())
    assert (after.tokens, after.busy_s) == (before.tokens, before.busy_s)
    assert after.evaluation_s > before.evaluation_s


def test_a_dead_worker_is_replaced_catches_up_and_loses_nothing(running: Running) -> None:
    running.publish(2, NEXT)
    requests = [request(group_id) for group_id in range(4)]
    before_death = running.run(running.fleet.generate_round(requests))
    [seat] = running.fleet._seats

    async def die_under_requests() -> list[Group]:
        asked = [asyncio.create_task(running.fleet.generate(one)) for one in requests]
        while (await seat.actor.stats.remote()).in_flight == 0:
            await asyncio.sleep(0)
        os.kill(await process_id(seat), signal.SIGKILL)
        return await asyncio.gather(*asked)

    groups = running.run(die_under_requests())

    assert [group.group_id for group in groups] == [0, 1, 2, 3]
    assert {group.attempt for group in groups} == {1}
    for group in groups:
        for sample in group.samples:
            assert set(sample.versions) == {2}
            expected = reference_logprobs(NEXT, group.prompt_ids, sample.token_ids)
            np.testing.assert_allclose(sample.logprobs, expected, atol=1e-4)
    stats = running.run(running.fleet.stats())
    assert (stats.workers, stats.replaced, stats.reissued) == (1, 1, 16)
    assert same_bits(before_death, running.run(running.fleet.generate_round(requests))), "across engine starts"


def test_likelihoods_come_in_order_from_the_newest_version(running: Running) -> None:
    texts = (" yes", " no, never", "7")
    asked = [
        LikelihoodRequest(
            number,
            0,
            np.array(TOKENIZER.encode(f"Question {number}:"), dtype=np.int32),
            tuple(np.array(TOKENIZER.encode(text), dtype=np.int32) for text in texts),
        )
        for number in (4, 2, 9)
    ]
    before = running.run(running.fleet.stats())
    told = running.run(running.fleet.likelihoods(asked))
    after = running.run(running.fleet.stats())
    assert [one.group_id for one in told] == [4, 2, 9]
    assert len({one.version for one in told}) == 1
    assert after.evaluation_answers - before.evaluation_answers == 9
    assert after.tokens == before.tokens
    policy = NEXT if told[0].version else START
    for one, answer in zip(asked, told, strict=True):
        for continuation, likelihood in zip(one.continuations, answer.of, strict=True):
            expected = reference_logprobs(policy, one.prompt_ids, continuation)
            np.testing.assert_allclose(likelihood.logprobs, expected, atol=1e-4)
