"""One engine: its log-probs, its stops, its streams, and rounds that repeat to the bit."""

import asyncio

import numpy as np
import pytest

from base_training.errors import InputError
from rollouts.config import SamplingSection
from rollouts.generation import Generation, GenerationRequest
from tests.rollouts.engines import Engines
from tests.rollouts.tiny_policy import TOKENIZER, reference_logprobs, tiny_policy

POLICY = tiny_policy(1)


def request(seed: int, text: str = "Hello there, general.") -> GenerationRequest:
    return GenerationRequest(f"request {seed}", np.array(TOKENIZER.encode(text), dtype=np.int32), seed)


async def the_same(_: int, generation: Generation) -> Generation:
    return generation


def test_logprobs_are_those_at_the_sampling_temperature(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    generation = engines.run(engine.generate(request(1), SamplingSection(max_tokens=50, temperature=0.7)))
    expected = reference_logprobs(POLICY, request(1).prompt_ids, generation.token_ids, temperature=0.7)
    np.testing.assert_allclose(generation.logprobs, expected, atol=1e-4)
    assert generation.finish_reason == "length"
    assert generation.started_s < generation.finished_s


def test_a_request_is_drawn_from_its_own_seed(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)

    async def draw(seeds: list[int]) -> list[Generation]:
        return await asyncio.gather(*(engine.generate(request(s), SamplingSection(max_tokens=20)) for s in seeds))

    one, other, again = engines.run(draw([1, 2, 1]))
    assert np.array_equal(one.token_ids, again.token_ids)
    assert not np.array_equal(one.token_ids, other.token_ids)


@pytest.mark.parametrize("in_round", [False, True])
@pytest.mark.parametrize("length", [1, 2])
def test_a_stop_string_ends_the_response_with_its_token(engines: Engines, length: int, in_round: bool) -> None:
    engine = engines.engine("keep", POLICY)
    free = engines.run(engine.generate(request(5), SamplingSection(max_tokens=200)))
    places = [n for n, t in enumerate(free.token_ids) if t < len(TOKENIZER)]  # the others have no text
    start = next(i for i, n in enumerate(places) if n > 20)
    stop, last = free.text[start : start + length], places[start + length - 1]
    assert stop not in free.text[: start + length - 1]

    sampling = SamplingSection(max_tokens=200, stop=(stop,))
    if in_round:
        [stopped] = engines.run(engine.generate_round([request(5)], sampling, the_same))
    else:
        stopped = engines.run(engine.generate(request(5), sampling))

    assert np.array_equal(stopped.token_ids, free.token_ids[: last + 1])
    assert len(stopped.logprobs) == len(stopped.versions) == last + 1
    assert stopped.text == free.text[:start]
    assert stopped.finish_reason == "stop"


def test_the_end_of_text_counts_as_the_last_token(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)

    async def until_one_ends() -> list[Generation]:
        draws = (engine.generate(request(s), SamplingSection(max_tokens=400)) for s in range(8))
        return await asyncio.gather(*draws)

    ended = [g for g in engines.run(until_one_ends()) if g.finish_reason == "stop"]
    assert ended
    for generation in ended:
        assert generation.token_ids[-1] == TOKENIZER.eos_token_id
        assert list(generation.token_ids).count(TOKENIZER.eos_token_id) == 1
        expected = reference_logprobs(POLICY, request(0).prompt_ids, generation.token_ids)
        np.testing.assert_allclose(generation.logprobs[-1], expected[-1], atol=1e-4)


def test_a_stream_adds_up_to_the_response(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    sampling = SamplingSection(max_tokens=30)

    async def collect():
        return [delta async for delta in engine.stream(request(9), sampling)]

    deltas = engines.run(collect())
    whole = engines.run(engine.generate(request(9), sampling))
    assert len(deltas) > 10
    assert np.array_equal(np.concatenate([d.token_ids for d in deltas]), whole.token_ids)
    assert "".join(d.text for d in deltas) == whole.text
    assert np.array_equal(deltas[-1].versions, whole.versions)
    assert [d.finish_reason for d in deltas] == [None] * (len(deltas) - 1) + ["length"]


def test_rounds_repeat_to_the_bit_with_an_update_between(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    requests = [request(seed, "The same prompt for all, longer than a block of the cache.") for seed in range(40)]
    sampling = SamplingSection(max_tokens=24, stop=("\n", "ab"))

    first = engines.run(engine.generate_round(requests, sampling, the_same))
    engines.run(engine.update_weights(engines.publish(tiny_policy(2))))
    engines.run(engine.generate(request(3), sampling))
    engines.run(engine.update_weights(engines.publish(POLICY)))
    second = engines.run(engine.generate_round(requests, sampling, the_same))

    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.token_ids, other.token_ids)
        assert one.logprobs.tobytes() == other.logprobs.tobytes()


def test_a_request_that_nobody_waits_for_is_taken_back(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)

    async def give_up() -> None:
        task = asyncio.create_task(engine.generate(request(1), SamplingSection(max_tokens=400)))
        while not engine.in_flight:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    engines.run(give_up())
    assert engine.in_flight == 0


def test_a_prompt_without_room_for_a_response_is_refused(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    with pytest.raises(InputError, match=r"the prompt of request 1 has 512 tokens.*max_model_tokens \(512\)"):
        engines.run(engine.generate(request(1, "x" * 512), SamplingSection()))
