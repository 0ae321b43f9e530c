"""Likelihoods of given continuations, against one transformers forward."""

import numpy as np
import pytest

from base_training.errors import InputError
from rollouts.likelihood import LikelihoodRequest
from tests.rollouts.engines import Engines
from tests.rollouts.tiny_policy import TOKENIZER, reference_logprobs, tiny_policy

POLICY, OTHER = tiny_policy(1), tiny_policy(2)


def tokens(text: str) -> np.ndarray:
    return np.array(TOKENIZER.encode(text), dtype=np.int32)


def request(number: int, *continuations: str, prompt: str = "The answer to it is") -> LikelihoodRequest:
    return LikelihoodRequest(number, 0, tokens(prompt), tuple(tokens(text) for text in continuations))


def test_they_are_those_of_a_forward(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    asked = [request(0, " yes", " no, never"), request(1, "7", prompt="3 + 4 = " * 9)]
    done: list[None] = []
    told = engines.run(engine.likelihoods(asked, lambda: done.append(None)))
    assert [one.group_id for one in told] == [0, 1]
    assert len(done) == 3
    for one, answer in zip(asked, told, strict=True):
        for continuation, likelihood in zip(one.continuations, answer.of, strict=True):
            expected = reference_logprobs(POLICY, one.prompt_ids, continuation)
            np.testing.assert_allclose(likelihood.logprobs, expected, atol=1e-4)


def test_what_greedy_would_say_is_known(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    vocabulary = [np.array([token], dtype=np.int32) for token in range(len(TOKENIZER))]
    asked = LikelihoodRequest(0, 0, tokens("Hello"), tuple(vocabulary))
    [told] = engines.run(engine.likelihoods([asked], lambda: None))
    likeliest = int(np.argmax([one.logprobs[0] for one in told.of]))
    assert sum(one.greedy for one in told.of) <= 1
    assert all(not one.greedy for place, one in enumerate(told.of) if place != likeliest)


def test_they_are_of_the_newest_weights(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    asked = request(0, " yes")
    engines.run(engine.likelihoods([asked], lambda: None))
    update = engines.publish(OTHER)
    engines.run(engine.update_weights(update))
    [told] = engines.run(engine.likelihoods([asked], lambda: None))
    assert told.version == update.version
    expected = reference_logprobs(OTHER, asked.prompt_ids, asked.continuations[0])
    np.testing.assert_allclose(told.of[0].logprobs, expected, atol=1e-4)


def test_what_is_too_long_is_refused(engines: Engines) -> None:
    engine = engines.engine("keep", POLICY)
    with pytest.raises(InputError, match="512"):
        engines.run(engine.likelihoods([request(0, "a" * 600)], lambda: None))
