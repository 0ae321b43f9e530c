"""Weights change under requests in flight on the real engine: none is lost, and every token is accounted for."""

import asyncio

import numpy as np
import pytest

from rollouts.config import SamplingSection
from rollouts.generation import Generation, GenerationRequest
from tests.rollouts.engines import Engines
from tests.rollouts.tiny_policy import TOKENIZER, WINDOW, reference_logprobs, tiny_policy

OLD, NEW = tiny_policy(1), tiny_policy(2)
SAMPLING = SamplingSection(max_tokens=240)
TOKENS_BEFORE_SWAP = 40


def requests_for(count: int) -> list[GenerationRequest]:
    return [
        GenerationRequest(f"{i}", prompt(f"Question {i}: what is {i} + {2 * i} and then some more?"), seed=100 + i)
        for i in range(count)
    ]


def prompt(text: str) -> np.ndarray:
    return np.array(TOKENIZER.encode(text), dtype=np.int32)


async def swap_under(
    engine, requests: list[GenerationRequest], update
) -> tuple[list[np.ndarray], list[Generation]]:
    """Swap weights once the first request, which is streamed, has 40 tokens.

    Returns:
        The streamed request's tokens and log-probs, and the other requests' generations.
    """
    others = [asyncio.create_task(engine.generate(request, SAMPLING)) for request in requests[1:]]
    deltas, report = [], None
    async for delta in engine.stream(requests[0], SAMPLING):
        deltas.append(delta)
        if report is None and sum(len(d.token_ids) for d in deltas) >= TOKENS_BEFORE_SWAP:
            report = await engine.update_weights(update)
    assert report is not None
    assert report.in_flight == len(requests)
    streamed = [np.concatenate([d.token_ids for d in deltas]), np.concatenate([d.logprobs for d in deltas])]
    return [*streamed, deltas[-1].versions], await asyncio.gather(*others)


@pytest.mark.parametrize("kv_on_update", ["recompute", "keep"])
def test_requests_go_on_across_a_swap(engines: Engines, kv_on_update: str) -> None:
    engine = engines.engine(kv_on_update, OLD)
    old_version = engine.version
    update = engines.publish(NEW)
    requests = requests_for(12)

    (ids, logprobs, versions), generations = engines.run(swap_under(engine, requests, update))

    assert len(generations) == 11, "a request is lost"
    answers = [(ids, logprobs, versions)] + [(g.token_ids, g.logprobs, g.versions) for g in generations]
    for request, (ids, logprobs, versions) in zip(requests, answers, strict=True):
        assert len(ids) == len(logprobs) == len(versions)
        assert len(ids) == SAMPLING.max_tokens or ids[-1] == TOKENIZER.eos_token_id
        assert set(versions) == {old_version, update.version}
        before = versions == old_version
        assert np.array_equal(before, np.sort(before)[::-1]), "the new version comes after the old one, once"
        assert before.sum() >= TOKENS_BEFORE_SWAP > WINDOW, "a restarted request has no old tokens"
        old = reference_logprobs(OLD, request.prompt_ids, ids)
        new = reference_logprobs(NEW, request.prompt_ids, ids)
        np.testing.assert_allclose(logprobs[before], old[before], atol=1e-4)
        if kv_on_update == "recompute":
            np.testing.assert_allclose(logprobs[~before], new[~before], atol=1e-4)
        assert np.abs(logprobs[~before] - old[~before]).mean() > 0.5, "the two policies differ"


@pytest.mark.parametrize("kv_on_update", ["recompute", "keep"])
def test_a_new_request_takes_no_old_blocks(engines: Engines, kv_on_update: str) -> None:
    engine = engines.engine(kv_on_update, OLD)
    update = engines.publish(NEW)
    long = prompt("A long prompt that fills several blocks of the cache. " * 4)

    async def ask_again_after_swap() -> tuple[Generation, Generation]:
        keeps_cache_alive = asyncio.create_task(engine.generate(requests_for(1)[0], SAMPLING))
        first = await engine.generate(GenerationRequest("first", long, 1), SamplingSection(max_tokens=8))
        report = await engine.update_weights(update)
        assert report.in_flight == 1
        again = await engine.generate(GenerationRequest("again", long, 1), SamplingSection(max_tokens=8))
        await keeps_cache_alive
        return first, again

    first, again = engines.run(ask_again_after_swap())
    np.testing.assert_allclose(first.logprobs, reference_logprobs(OLD, long, first.token_ids), atol=1e-4)
    np.testing.assert_allclose(again.logprobs, reference_logprobs(NEW, long, again.token_ids), atol=1e-4)
    assert set(again.versions) == {update.version}


def test_a_request_that_waits_is_drawn_by_the_new_weights_alone(engines: Engines) -> None:
    engine = engines.engine("keep", OLD)
    update = engines.publish(NEW)
    requests = requests_for(24)  # eight more than run at once

    async def swap_while_waiting() -> list[Generation]:
        tasks = [asyncio.create_task(engine.generate(request, SAMPLING)) for request in requests]
        while engine.in_flight < 16:
            await asyncio.sleep(0)
        await engine.update_weights(update)
        return await asyncio.gather(*tasks)

    for request, generation in zip(requests[16:], engines.run(swap_while_waiting())[16:], strict=True):
        assert set(generation.versions) == {update.version}
        expected = reference_logprobs(NEW, request.prompt_ids, generation.token_ids)
        np.testing.assert_allclose(generation.logprobs, expected, atol=1e-4)
