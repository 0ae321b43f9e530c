import asyncio
from collections.abc import Sequence

import pytest

from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rollouts.scoring import Scorer

PROBLEM = Problem("p", (), "length", None)


class LengthService:
    """Scores by length when it is let."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.may_answer = asyncio.Event()

    async def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        self.calls.append([request.response for request in requests])
        await self.may_answer.wait()
        if any(request.response == "bad" for request in requests):
            raise ValueError("no verdicts")
        return [Verdict(float(len(request.response))) for request in requests]


async def scores(scorer: Scorer, service: LengthService, responses: Sequence[str]) -> list[object]:
    first = asyncio.create_task(scorer.score(ScoreRequest(PROBLEM, responses[0])))
    while not service.calls:
        await asyncio.sleep(0)
    others = [asyncio.create_task(scorer.score(ScoreRequest(PROBLEM, response))) for response in responses[1:]]
    await asyncio.sleep(0)
    service.may_answer.set()
    return await asyncio.gather(first, *others, return_exceptions=True)


def test_what_finishes_during_a_call_goes_into_the_next_one() -> None:
    async def run() -> None:
        service = LengthService()
        verdicts = await scores(Scorer(service.score, 5, calls=1), service, ["a", "bb", "ccc"])
        assert service.calls == [["a"], ["bb", "ccc"]]
        assert verdicts == [Verdict(1.0), Verdict(2.0), Verdict(3.0)]

    asyncio.run(run())


def test_a_call_that_hangs_does_not_hold_back_the_others() -> None:
    async def run() -> None:
        asked, hangs = asyncio.Event(), asyncio.Event()

        async def score(requests: Sequence[ScoreRequest]) -> list[Verdict]:
            if requests[0].response == "hangs":
                asked.set()
                await hangs.wait()
            return [Verdict(float(len(request.response))) for request in requests]

        scorer = Scorer(score, 5, calls=2)
        hanging = asyncio.create_task(scorer.score(ScoreRequest(PROBLEM, "hangs")))
        await asked.wait()
        for response in ("a", "bb", "ccc"):
            assert await scorer.score(ScoreRequest(PROBLEM, response)) == Verdict(float(len(response)))
        assert not hanging.done()
        hangs.set()
        assert await hanging == Verdict(5.0)

    asyncio.run(run())


def test_a_failed_call_fails_its_own_requests_alone() -> None:
    async def run() -> None:
        service = LengthService()
        scorer = Scorer(service.score, 5, calls=1)
        first, second, third = await scores(scorer, service, ["a", "bad", "ccc"])
        assert first == Verdict(1.0)
        assert repr(second) == repr(third) == "ValueError('no verdicts')"
        assert await scorer.score(ScoreRequest(PROBLEM, "dddd")) == Verdict(4.0)

    asyncio.run(run())


def test_a_call_without_an_answer_ends_and_names_its_peer() -> None:
    scorer_timeout_s = 0.01

    async def run() -> None:
        scorer = Scorer(LengthService().score, scorer_timeout_s)
        with pytest.raises(TimeoutError, match=r"waited 0\.01 s for the reward service to score 1 responses"):
            await scorer.score(ScoreRequest(PROBLEM, "a"))

    asyncio.run(run())
