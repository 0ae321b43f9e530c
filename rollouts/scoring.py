"""Verdicts for samples as they finish: those that finish while all calls are taken go into the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rollouts.waiting import within

CALLS = 4
"""Calls under way together, so that one response that takes long to score holds back few others."""


class Scorer:
    """Coalesces single requests into few calls at a time: busy times make large calls, quiet ones small."""

    def __init__(
        self,
        score: Callable[[Sequence[ScoreRequest]], Awaitable[Sequence[Verdict]]],
        timeout_s: float,
        calls: int = CALLS,
    ) -> None:
        """
        Args:
            score: Gives one verdict for each request, in their order.
            timeout_s: Longest wait for one call.
            calls: Made at a time.
        """
        self._score_all = score
        self._timeout_s = timeout_s
        self._waiting: list[tuple[ScoreRequest, asyncio.Future[Verdict]]] = []
        self._free_calls = calls
        self._calling: set[asyncio.Task[None]] = set()

    async def score(self, request: ScoreRequest) -> Verdict:
        """Raises whatever the call raised that the request went into, or TimeoutError."""
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, verdict))
        if self._free_calls:
            self._free_calls -= 1
            task = asyncio.create_task(self._call())
            self._calling.add(task)
            task.add_done_callback(self._calling.discard)
        return await verdict

    async def _call(self) -> None:
        while self._waiting:
            requests, verdicts = zip(*self._waiting, strict=True)
            self._waiting = []
            what = f"the reward service to score {len(requests)} responses"
            try:
                results = await within(self._timeout_s, self._score_all(requests), what)
            except Exception as error:  # it belongs to those who wait for these verdicts
                for verdict in verdicts:
                    if not verdict.done():
                        verdict.set_exception(error)
                continue
            for verdict, result in zip(verdicts, results, strict=True):
                if not verdict.done():
                    verdict.set_result(result)
        self._free_calls += 1


class GroupScorer:
    """The verdicts of one group whose verifier needs all responses: asked for once the last response is there."""

    def __init__(
        self, size: int, score: Callable[[Sequence[str], Sequence[int]], Awaitable[Sequence[Verdict]]]
    ) -> None:
        """
        Args:
            size: Samples of the group.
            score: Gives one verdict for each response, from the responses and their numbers of tokens, in the
                order of their index.
        """
        self._size = size
        self._score_all = score
        self._responses: dict[int, tuple[str, int]] = {}
        self._verdicts: asyncio.Future[Sequence[Verdict]] = asyncio.get_running_loop().create_future()

    async def score(self, index: int, response: str, tokens: int) -> Verdict:
        """The verdict of one sample; waits for the others, and raises whatever scoring them raised."""
        self._responses[index] = response, tokens
        if len(self._responses) == self._size:
            try:
                responses, counts = zip(*(self._responses[place] for place in range(self._size)), strict=True)
                self._verdicts.set_result(await self._score_all(responses, counts))
            except Exception as error:  # it belongs to all who wait for these verdicts
                self._verdicts.set_exception(error)
        return (await asyncio.shield(self._verdicts))[index]
