"""Open Instruct's ``VerifierFunction`` subclasses, which return a ``VerificationResult`` or a number.

https://github.com/allenai/open-instruct, ``open_instruct/ground_truth_utils.py``.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from rewards.conventions.calling import made
from rewards.conventions.lists import prompt_text
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.registry import Scope, find_target
from rewards.result import verdict_of
from rewards.verdict import Verdict


def adapt(
    target: str, settings: Mapping[str, Any], base_path: str | Path | None, scope: Scope | None
) -> "OpenInstructVerifier":
    """Raises `VerifierError` where there is no such class or it does not take the settings."""
    if scope == "group":
        raise VerifierError(f"verifier {target}: a VerifierFunction scores single samples, not groups")
    found = find_target(target, base_path)
    function = made(target, found, settings) if inspect.isclass(found) else found
    parameters = inspect.signature(function).parameters
    if "prediction" not in parameters:
        raise VerifierError(
            f"verifier {target} takes ({', '.join(parameters)}); expected a VerifierFunction, called with "
            "(tokenized_prediction, prediction, label, query)"
        )
    return OpenInstructVerifier(function)


class OpenInstructVerifier:
    """Calls the verifier, by ``async_call`` where its class has one of its own.

    Its result counts ``weight`` times, as there. Token ids are not known here; a verifier that looks at them gives
    an invalid verdict.
    """

    def __init__(self, function: Any) -> None:
        self._call = function.async_call if _is_async(type(function)) else function
        self._weight = float(getattr(function, "weight", 1.0))
        self._takes_query = "query" in inspect.signature(self._call).parameters

    async def verify(self, response: str, label: Any, problem: Problem) -> Verdict:
        query = {"query": prompt_text(problem)} if self._takes_query else {}
        result = self._call(tokenized_prediction=_NoTokens(), prediction=response, label=label, **query)
        if inspect.isawaitable(result):
            result = await result
        verdict = verdict_of(getattr(result, "score", result))
        if not verdict.valid or self._weight == 1:
            return verdict
        return replace(verdict, score=verdict.score * self._weight)


class _NoTokens(Sequence[int]):
    """Stands for the token ids that are not known: looking at them is an error, never a wrong length."""

    def __len__(self) -> int:
        self._fail()

    def __getitem__(self, place: Any) -> Any:
        self._fail()

    def _fail(self) -> NoReturn:
        raise VerifierError("this verifier looks at token ids, which verifiers are not given")


def _is_async(kind: type) -> bool:
    """Whether a class has its own ``async_call``; that of the base class only moves the call to a thread."""
    owner = next((base for base in kind.__mro__ if "async_call" in vars(base)), None)
    return owner is not None and owner.__name__ != "VerifierFunction"
