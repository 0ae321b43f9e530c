"""The control's reward must say nothing about the response, and still be the same for the same sample."""

import asyncio

import pytest

from rewards.errors import VerifierError
from rewards.verifier import load_verifier
from tests.rewards.requests import ask, verdict_of


def test_the_same_sample_is_drawn_the_same_again() -> None:
    scores = [[verdict_of("random", ask("42", seed=seed)).score for seed in range(64)] for _ in range(2)]
    assert scores[0] == scores[1]
    assert set(scores[0]) == {0.0, 1.0}


def test_does_not_look_at_the_response() -> None:
    for seed in range(64):
        assert verdict_of("random", ask("42", seed=seed)) == verdict_of("random", ask("wrong", seed=seed))


@pytest.mark.parametrize("p", [0, 0.2, 0.5, 1])
def test_draws_with_the_probability_it_is_told(p: float) -> None:
    n = 2000
    verifier = load_verifier("random", {"p": p})

    async def score() -> list[float]:
        return [(await verifier.verify(ask("", seed=seed))).score for seed in range(n)]

    mean = sum(asyncio.run(score())) / n
    assert abs(mean - p) <= 4 * (p * (1 - p) / n) ** 0.5


def test_calls_no_response_correct() -> None:
    assert verdict_of("random", ask("42", seed=1)).correct is None


@pytest.mark.parametrize("p", [-0.1, 1.1, "half", True])
def test_refuses_what_is_no_probability(p: object) -> None:
    with pytest.raises(VerifierError, match="p must be a number from 0 to 1"):
        load_verifier("random", {"p": p})
