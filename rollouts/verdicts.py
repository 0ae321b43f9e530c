"""Where a worker's samples get their verdicts: each as it finishes, or a group's together."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ray.exceptions import RayActorError

from base_training.errors import ProcessError
from rewards.registry import Scope
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict
from rollouts.death import death_of
from rollouts.sample import GroupRequest
from rollouts.scoring import GroupScorer, Scorer
from rollouts.waiting import within

SampleScore = Callable[[int, str, int], Awaitable[Verdict]]
"""Gives the verdict of a group's sample, from its index, its response and the number of tokens of that."""


class Verdicts:
    """Asks the reward service, in the way that a group's verifier wants it."""

    def __init__(self, rewards: Any, timeout_s: float) -> None:
        """
        Args:
            rewards: Handle of the `RewardService` actor.
            timeout_s: Longest wait for one answer.
        """
        self._rewards = rewards
        self._timeout_s = timeout_s
        self._single = Scorer(lambda requests: self._ask(self._rewards.score, requests), timeout_s)
        self._scopes: dict[str, Scope] = {}

    async def of(self, request: GroupRequest) -> SampleScore:
        """How to score the samples of a group; every one must be scored, as a group's verifier waits for all.

        Raises:
            ProcessError: The reward service died.
            TimeoutError: It did not answer in time.
        """
        problem, seeds = request.problem, request.seeds
        if await self._scope(problem.verifier) == "sample":

            def alone(index: int, response: str, tokens: int) -> Awaitable[Verdict]:
                return self._single.score(ScoreRequest(problem, response, seeds[index], tokens))

            return alone

        async def together(responses: Sequence[str], tokens: Sequence[int]) -> Sequence[Verdict]:
            asked = GroupScoreRequest(problem, tuple(responses), seeds, tuple(tokens))
            answer: Sequence[Verdict] = await within(
                self._timeout_s,
                self._ask(self._rewards.score_group, asked),
                f"the reward service to score group {request.group_id}",
            )
            return answer

        return GroupScorer(len(seeds), together).score

    async def _scope(self, verifier: str) -> Scope:
        if verifier not in self._scopes:
            what = f"the reward service to tell the scope of verifier {verifier}"
            self._scopes[verifier] = await within(self._timeout_s, self._ask(self._rewards.scope, verifier), what)
        return self._scopes[verifier]

    async def _ask(self, method: Any, argument: Any) -> Any:
        try:
            return await method.remote(argument)
        except RayActorError as error:  # to whoever asked this worker it would look like the worker's own death
            raise ProcessError(f"the reward service died ({death_of(error)})") from error
