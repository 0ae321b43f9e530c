"""Functions that take lists: called with one sample, or with all samples of a problem."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rewards.problem import Problem
from rewards.registry import Scope
from rewards.verdict import Verdict


class ListVerifier(ABC):
    """Base of the adapters whose functions score several responses in one call."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.verify: Callable[..., Any] = self._of_group if scope == "group" else self._of_sample

    @abstractmethod
    async def verdicts(self, responses: Sequence[str], problem: Problem) -> list[Verdict]:
        """One verdict for each response to a problem."""

    async def _of_sample(self, response: str, problem: Problem) -> Verdict:
        [verdict] = await self.verdicts([response], problem)
        return verdict

    async def _of_group(self, responses: Sequence[str], problem: Problem) -> list[Verdict]:
        return await self.verdicts(responses, problem)


def with_metrics(verdicts: Sequence[Verdict], metrics: Mapping[str, Sequence[float]]) -> list[Verdict]:
    """The verdicts, each with its own of the metrics: lists of one number for each verdict, by name."""
    return [
        replace(verdict, metrics={name: float(values[place]) for name, values in metrics.items()})
        if verdict.valid
        else verdict
        for place, verdict in enumerate(verdicts)
    ]


def prompt_text(problem: Problem) -> str:
    """A conversation as plain text, its contents joined by newlines."""
    return "\n".join(message["content"] for message in problem.messages)
