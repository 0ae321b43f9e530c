"""verl's ``compute_score(data_source, solution_str, ground_truth, extra_info)``, which returns a number or a dict.

https://verl.readthedocs.io/en/latest/preparation/reward_function.html
"""

from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from rewards.conventions.calling import Foreign, foreign, refuse_others
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.registry import Scope
from rewards.result import verdict_of
from rewards.verdict import Verdict

OFFERED = ("data_source", "solution_str", "ground_truth", "extra_info")


def adapt(
    target: str, settings: Mapping[str, Any], base_path: str | Path | None, scope: Scope | None
) -> "VerlVerifier":
    """Raises `VerifierError` where the function needs more than verl would give it."""
    if scope == "group":
        raise VerifierError(f"verifier {target}: verl's functions score single samples, not groups")
    function = foreign(target, settings, base_path, OFFERED, needed="solution_str")
    refuse_others(function, "give it under settings")
    return VerlVerifier(function)


class VerlVerifier:
    """Calls the function with what a row of verl's would have given it.

    ``ground_truth`` is the label, or its part of that name where the label is verl's ``reward_model`` column;
    ``data_source`` and ``extra_info`` are the problem's columns of these names, or its domain and all its columns.
    """

    def __init__(self, function: Foreign) -> None:
        self._function = function

    async def verify(self, response: str, problem: Problem) -> Verdict:
        label, columns = problem.label, problem.metadata
        truth = label["ground_truth"] if isinstance(label, Mapping) and "ground_truth" in label else label
        result = await self._function.call(
            {
                "data_source": columns.get("data_source", problem.domain),
                "solution_str": response,
                "ground_truth": truth,
                "extra_info": dict(columns.get("extra_info", columns)),
            }
        )
        return _verdict_of_dict(result) if isinstance(result, Mapping) else verdict_of(result)


def _verdict_of_dict(result: Mapping[str, Any]) -> Verdict:
    """``score`` is the reward, ``acc`` tells correctness where it is there, further numbers are worth logging."""
    if "score" not in result:
        return Verdict.invalid(f'the verifier returned a dict without "score": {", ".join(map(str, result))}')
    verdict = verdict_of(result["score"])
    if not verdict.valid:
        return verdict
    correct = bool(result["acc"]) if "acc" in result else verdict.correct
    metrics = {key: float(value) for key, value in result.items() if key != "score" and isinstance(value, Real)}
    return Verdict(verdict.score, correct=correct, reason=verdict.reason, metrics=metrics)
