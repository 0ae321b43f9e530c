"""How a worker asks for its samples' verdicts."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from rewards.problem import Problem
from rewards.registry import Scope
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict
from rollouts.sample import GroupRequest
from rollouts.scoring import GroupScorer
from rollouts.verdicts import Verdicts


class Remote:
    """Looks like a method of a Ray actor."""

    def __init__(self, method: Any) -> None:
        self.remote = method


class Service:
    """Scores by length, and in a group by rank; notes what it was asked."""

    def __init__(self, scope: Scope) -> None:
        self.asked: list[Any] = []
        self._scope = scope
        self.scope, self.score, self.score_group = (
            Remote(self._tell),
            Remote(self._one_by_one),
            Remote(self._together),
        )

    async def _tell(self, verifier: str) -> Scope:
        self.asked.append(verifier)
        return self._scope

    async def _one_by_one(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        self.asked.append([(request.response, request.seed, request.tokens) for request in requests])
        return [Verdict(float(len(request.response))) for request in requests]

    async def _together(self, request: GroupScoreRequest) -> list[Verdict]:
        self.asked.append((request.responses, request.seeds, request.tokens))
        if "bad" in request.responses:
            raise ValueError("no verdicts")
        return [Verdict(float(sorted(request.responses).index(response))) for response in request.responses]


def group() -> GroupRequest:
    return GroupRequest(0, 0, Problem("p", (), "mine", None), np.zeros(1, np.int32), (7, 8, 9))


def test_samples_are_scored_as_they_finish() -> None:
    async def run() -> None:
        service = Service("sample")
        verdicts = Verdicts(service, 5)
        score = await verdicts.of(group())
        assert await score(2, "ccc", 4) == Verdict(3.0)
        assert await score(0, "a", 2) == Verdict(1.0)
        await verdicts.of(group())
        assert service.asked == ["mine", [("ccc", 9, 4)], [("a", 7, 2)]]

    asyncio.run(run())


def test_a_groups_verifier_waits_for_the_last_sample() -> None:
    async def run() -> None:
        service = Service("group")
        score = await Verdicts(service, 5).of(group())
        first = asyncio.create_task(score(2, "b", 3))
        second = asyncio.create_task(score(0, "c", 1))
        await asyncio.sleep(0)
        assert service.asked == ["mine"]
        assert await score(1, "a", 2) == Verdict(0.0)
        assert (await first, await second) == (Verdict(1.0), Verdict(2.0))
        assert service.asked == ["mine", (("c", "a", "b"), (7, 8, 9), (1, 2, 3))]

    asyncio.run(run())


def test_a_failed_call_fails_all_samples_of_the_group() -> None:
    async def run() -> None:
        score = await Verdicts(Service("group"), 5).of(group())
        results = await asyncio.gather(*(score(i, "bad", 1) for i in range(3)), return_exceptions=True)
        assert [repr(result) for result in results] == ["ValueError('no verdicts')"] * 3

    asyncio.run(run())


def test_a_sample_that_is_given_up_does_not_take_the_verdicts_along() -> None:
    async def run() -> None:
        async def score_all(responses: Sequence[str], tokens: Sequence[int]) -> list[Verdict]:
            return [Verdict(0.5)] * len(responses)

        scorer = GroupScorer(2, score_all)
        waiting = asyncio.create_task(scorer.score(0, "a", 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await scorer.score(1, "b", 1) == Verdict(0.5)

    asyncio.run(run())
