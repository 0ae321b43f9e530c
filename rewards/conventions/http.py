"""Verifiers behind an address: a plain JSON endpoint, NeMo Gym's ``/verify``, OpenRLHF's remote reward.

The address takes the place of the verifier's name. An answer that does not come, or that cannot be read, is an
invalid verdict.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rewards.conventions.calling import made
from rewards.conventions.lists import prompt_text
from rewards.conventions.openrlhf import verdicts_of_reply
from rewards.errors import VerifierError
from rewards.posting import client_arguments, post
from rewards.problem import Problem
from rewards.registry import Scope, nearest
from rewards.request import ScoreRequest
from rewards.result import verdict_of
from rewards.verdict import Verdict

if TYPE_CHECKING:
    import httpx

ANSWER_TIMEOUT_S = 600.0
"""Of one answer; the verifier section's ``timeout_s`` ends earlier."""


def adapt(
    target: str, settings: Mapping[str, Any], base_path: str | Path | None, scope: Scope | None
) -> "HttpVerifier":
    """Raises `VerifierError` where the address is none or the settings are wrong."""
    if scope == "group":
        raise VerifierError(f"verifier {target}: an address is asked for single samples, not groups")
    if not target.startswith(("http://", "https://")):
        raise VerifierError(
            f"verifier {target}: the convention http needs an address, such as http://host:8000/verify"
        )
    verifier: HttpVerifier = made(target, HttpVerifier, {"url": target, **settings})
    return verifier


class HttpVerifier:
    """Asks a service about each response.

    Args:
        url: Its address.
        protocol: ``json``, ``nemo_gym`` or ``openrlhf``.
        label_field: Under which name NeMo Gym's server takes the label; a label that is a mapping is laid out
            in the request as it is.
        body: Further fields of every request.
        token_variable: The environment variable that holds a bearer token.
        tries: How often to ask while the service is busy or away.
    """

    isolated = False

    def __init__(
        self,
        url: str,
        *,
        protocol: str = "json",
        label_field: str = "expected_answer",
        body: Mapping[str, Any] | None = None,
        token_variable: str | None = None,
        tries: int = 4,
    ) -> None:
        if protocol not in PROTOCOLS:
            raise ValueError(
                f'there is no protocol "{protocol}"{nearest(protocol, PROTOCOLS)} Known: {", ".join(PROTOCOLS)}'
            )
        self._url = url
        self._protocol = protocol
        self._label_field = label_field
        self._body = dict(body or {})
        self._token_variable = token_variable
        self._tries = tries
        self._client: httpx.AsyncClient | None = None

    async def verify(self, response: str, problem: Problem, seed: int | None, tokens: int | None) -> Verdict:
        ask, read = PROTOCOLS[self._protocol]
        asked = ScoreRequest(problem, response, seed, tokens)
        body = {**ask(asked, self._label_field), **self._body}
        return read(await post(self._connected(), self._url, body, self._tries))

    def _connected(self) -> "httpx.AsyncClient":
        if self._client is None:
            import httpx

            self._client = httpx.AsyncClient(**client_arguments(self._url, ANSWER_TIMEOUT_S, self._headers()))
        return self._client

    def _headers(self) -> dict[str, str]:
        if self._token_variable is None:
            return {}
        token = os.environ.get(self._token_variable)
        if not token:
            raise VerifierError(f"the environment variable {self._token_variable} holds no token")
        return {"Authorization": f"Bearer {token}"}


def _ask_json(request: ScoreRequest, label_field: str) -> dict[str, Any]:
    problem = request.problem
    told = {} if request.tokens is None else {"tokens": request.tokens}
    return told | {
        "id": problem.id,
        "prompt": [dict(message) for message in problem.messages],
        "response": request.response,
        "label": problem.label,
        "domain": problem.domain,
        "seed": request.seed,
        "metadata": dict(problem.metadata),
    }


def _read_json(answer: Any) -> Verdict:
    """A number, or an object with ``score`` (or ``reward``) and what else a verdict has."""
    if not isinstance(answer, Mapping):
        return verdict_of(answer)
    if answer.get("valid") is False:
        return Verdict.invalid(str(answer.get("reason") or "the service called it invalid"))
    verdict = verdict_of(answer.get("score", answer.get("reward")))
    if not verdict.valid:
        return verdict
    return Verdict(
        verdict.score,
        correct=answer["correct"] if isinstance(answer.get("correct"), bool) else verdict.correct,
        reason=str(answer.get("reason") or verdict.reason),
        metrics=answer.get("metrics") or {},
    )


def _ask_nemo_gym(request: ScoreRequest, label_field: str) -> dict[str, Any]:
    """The row of the data set with the model's output as an OpenAI response."""
    problem = request.problem
    label = problem.label if isinstance(problem.label, Mapping) else {label_field: problem.label}
    text = {"type": "output_text", "text": request.response, "annotations": []}
    message = {"id": "message", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    return {
        "question": prompt_text(problem),
        **problem.metadata,
        **label,
        "responses_create_params": {"input": [dict(message) for message in problem.messages]},
        "response": {
            "id": problem.id,
            "object": "response",
            "created_at": 0,
            "model": "policy",
            "output": [message],
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
        },
    }


def _read_nemo_gym(answer: Any) -> Verdict:
    if not isinstance(answer, Mapping) or "reward" not in answer:
        return Verdict.invalid('the service answered without "reward"')
    if answer.get("mask_sample"):
        return Verdict.invalid(str(answer.get("failure_reason") or "the service masks this sample"))
    return verdict_of(answer["reward"])


def _ask_openrlhf(request: ScoreRequest, label_field: str) -> dict[str, Any]:
    prompt = prompt_text(request.problem)
    return {"query": [prompt + request.response], "prompts": [prompt], "labels": [request.problem.label]}


def _read_openrlhf(answer: Any) -> Verdict:
    [verdict] = verdicts_of_reply(answer, 1)
    return verdict


Ask = Callable[[ScoreRequest, str], dict[str, Any]]
Read = Callable[[Any], Verdict]

PROTOCOLS: dict[str, tuple[Ask, Read]] = {
    "json": (_ask_json, _read_json),
    "nemo_gym": (_ask_nemo_gym, _read_nemo_gym),
    "openrlhf": (_ask_openrlhf, _read_openrlhf),
}
