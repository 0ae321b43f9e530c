"""Short ways to ask."""

import asyncio
from typing import Any

from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier


def ask(
    response: str, label: Any = "42", seed: int | None = None, tokens: int | None = None, **metadata: Any
) -> ScoreRequest:
    """A request about one problem."""
    messages = ({"role": "user", "content": "What is 6 * 7?"},)
    return ScoreRequest(Problem("6*7", messages, "math", label, metadata=metadata), response, seed, tokens)


def verdict_of(verifier: str, request: ScoreRequest, /, **settings: Any) -> Verdict:
    """What a verifier says in this process."""
    return asyncio.run(load_verifier(verifier, settings).verify(request))
