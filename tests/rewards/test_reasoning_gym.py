"""The verifier ``reasoning_gym``: each data set's own scorer."""

import asyncio
import json
from typing import Any

import pytest
import reasoning_gym

from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier

SLOW_TO_MAKE = frozenset({"composite"})
"""No data set of its own: it takes the others' configurations."""


def label(dataset: str, place: int = 0, **config: Any) -> Any:
    """As a problem file holds it: what JSON can say."""
    entry = reasoning_gym.create_dataset(dataset, seed=7, size=place + 1, **config)[place]
    return json.loads(json.dumps({"dataset": dataset, "entry": entry}, default=str))


def verdict(response: str, label: Any, **settings: Any) -> Verdict:
    problem = Problem("1", (), "reasoning_gym", label)
    return asyncio.run(load_verifier("reasoning_gym", settings).verify(ScoreRequest(problem, response)))


@pytest.mark.parametrize(
    "dataset", ["basic_arithmetic", "chain_sum", "leg_counting", "spell_backward", "word_sorting"]
)
def test_the_right_answer_scores(dataset: str) -> None:
    asked = label(dataset)
    right = asked["entry"]["answer"]
    assert verdict(f"<think>hm</think><answer>{right}</answer>", asked).score == 1.0
    assert verdict(right, asked).score == 1.0
    assert verdict("<answer>no such thing</answer>", asked).score < 0.1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "bad label: expected"),
        ({"dataset": "chain_sum"}, "bad label: expected"),
        ({"dataset": "chain_sums", "entry": {"answer": "1"}}, "did you mean chain_sum"),
        ({"dataset": "chain_sum", "entry": {"answer": "1"}, "config": {"sizes": 1}}, "does not take the config"),
    ],
)
def test_a_bad_label_is_invalid(bad: Any, reason: str) -> None:
    answer = verdict("1", bad)
    assert not answer.valid
    assert reason in answer.reason
    with pytest.raises(VerifierError, match="verifier reasoning_gym"):
        load_verifier("reasoning_gym").check_label(bad)


@pytest.mark.slow
def test_every_data_set_takes_its_own_answers() -> None:
    """All data sets of the package, two items each: right answers score, no wrong one is invalid."""
    from reasoning_gym.factory import DATASETS

    failures = {}
    for dataset in sorted(set(DATASETS) - SLOW_TO_MAKE):
        for place in range(2):
            asked = label(dataset, place)
            answers = [
                verdict(text, asked) for text in (str(asked["entry"]["answer"]), "no", "((", "[" * 1000, "\x00")
            ]
            if answers[0].score != 1.0 or not all(answer.valid for answer in answers):
                failures[dataset] = [answer.reason if not answer.valid else answer.score for answer in answers]
    assert failures == {}
