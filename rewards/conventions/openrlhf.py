"""OpenRLHF's ``reward_func(queries, prompts, labels)``, which returns a tensor or a dict of tensors.

https://github.com/OpenRLHF/OpenRLHF, ``--reward.remote_url FILE.py``. A dict holds ``rewards`` (what is learned
from), ``scores`` (0 to 1, what OpenRLHF filters by) and ``extra_logs``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any

from rewards.conventions.calling import Foreign, foreign, refuse_others
from rewards.conventions.lists import ListVerifier, prompt_text, with_metrics
from rewards.problem import Problem
from rewards.registry import Scope
from rewards.result import as_list, correctness_of, verdicts_of
from rewards.verdict import Verdict

OFFERED = ("queries", "prompts", "labels")


def adapt(
    target: str, settings: Mapping[str, Any], base_path: str | Path | None, scope: Scope | None
) -> "OpenRlhfVerifier":
    """Raises `VerifierError` where the function needs more than OpenRLHF would give it."""
    function = foreign(target, settings, base_path, OFFERED, needed="queries")
    refuse_others(function, "give it under settings")
    return OpenRlhfVerifier(function, scope or function.scope)


class OpenRlhfVerifier(ListVerifier):
    """Calls the function with lists; a query is the prompt and the response in one text.

    The prompt is the conversation's contents, without a chat template, which verifiers are not told of.
    """

    def __init__(self, function: Foreign, scope: Scope) -> None:
        super().__init__(scope)
        self._function = function

    async def verdicts(self, responses: Sequence[str], problem: Problem) -> list[Verdict]:
        count = len(responses)
        prompt = prompt_text(problem)
        reply = await self._function.call(
            {
                "queries": [prompt + response for response in responses],
                "prompts": [prompt] * count,
                "labels": [problem.label] * count,
            }
        )
        return verdicts_of_reply(reply, count)


def verdicts_of_reply(reply: Any, count: int) -> list[Verdict]:
    """What a function, or a remote server, answered: ``rewards`` are the scores, 1 in ``scores`` means correct."""
    if not isinstance(reply, Mapping):
        return verdicts_of(reply, count)
    if "rewards" not in reply:
        keys = ", ".join(map(str, reply))
        return [Verdict.invalid(f'the function returned a dict without "rewards": {keys}')] * count
    logs = {str(name): _for_each(values, count) for name, values in (reply.get("extra_logs") or {}).items()}
    known = {name: values for name, values in logs.items() if values is not None}
    verdicts = with_metrics(verdicts_of(reply["rewards"], count), known)
    scores = as_list(reply.get("scores"))
    if scores is None or len(scores) != count:
        return verdicts
    return [
        replace(verdict, correct=correctness_of(float(score))) if verdict.valid else verdict
        for verdict, score in zip(verdicts, scores, strict=True)
    ]


def _for_each(values: Any, count: int) -> list[float] | None:
    """Numbers to log, one for each response; None where they are none. A single one is repeated."""
    listed = as_list(values)
    if listed is None or not all(isinstance(value, Real) for value in listed):
        return None
    if len(listed) == 1:
        return [float(listed[0])] * count
    return [float(value) for value in listed] if len(listed) == count else None
