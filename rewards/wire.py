"""The messages between a pool and its worker processes: length-prefixed JSON; nothing is ever unpickled."""

import json
import struct
from typing import Any, BinaryIO

from rewards.problem import Problem
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict

HEADER = struct.Struct(">I")

Message = dict[str, Any]


def pack(message: Message) -> bytes:
    """One frame: four bytes of length, then the message.

    Raises:
        TypeError, ValueError: The message holds something that JSON cannot say.
    """
    body = json.dumps(message).encode("ascii")
    return HEADER.pack(len(body)) + body


def unpack(body: bytes) -> Message:
    """The message of one frame without its header."""
    message: Message = json.loads(body)
    return message


def read_frame(stream: BinaryIO) -> Message | None:
    """The next message, or None where the other side has closed."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    body = stream.read(length)
    return unpack(body) if len(body) == length else None


def request_to_message(request: ScoreRequest) -> Message:
    return {
        **_problem_to_message(request.problem),
        "response": request.response,
        "seed": request.seed,
        "tokens": request.tokens,
    }


def request_from_message(message: Message) -> ScoreRequest:
    return ScoreRequest(_problem_from_message(message), message["response"], message["seed"], message["tokens"])


def group_to_message(request: GroupScoreRequest) -> Message:
    """Differs from the message of a single request by ``responses`` and ``seeds``, and a list of ``tokens``."""
    return {
        **_problem_to_message(request.problem),
        "responses": list(request.responses),
        "seeds": list(request.seeds),
        "tokens": list(request.tokens),
    }


def group_from_message(message: Message) -> GroupScoreRequest:
    lists = (tuple(message[name]) for name in ("responses", "seeds", "tokens"))
    return GroupScoreRequest(_problem_from_message(message), *lists)


def verdict_to_message(verdict: Verdict) -> Message:
    return {
        "score": float(verdict.score) if verdict.valid else None,
        "valid": bool(verdict.valid),
        "correct": None if verdict.correct is None else bool(verdict.correct),
        "reason": str(verdict.reason),
        "metrics": {str(name): float(value) for name, value in verdict.metrics.items()},
    }


def verdict_from_message(message: Message) -> Verdict:
    if not message["valid"]:
        return Verdict.invalid(message["reason"])
    return Verdict(
        message["score"], correct=message["correct"], reason=message["reason"], metrics=message["metrics"]
    )


def _problem_to_message(problem: Problem) -> Message:
    return {
        "id": problem.id,
        "messages": [dict(message) for message in problem.messages],
        "verifier": problem.verifier,
        "label": problem.label,
        "domain": problem.domain,
        "metadata": dict(problem.metadata),
    }


def _problem_from_message(message: Message) -> Problem:
    return Problem(
        id=message["id"],
        messages=tuple(message["messages"]),
        verifier=message["verifier"],
        label=message["label"],
        domain=message["domain"],
        metadata=message["metadata"],
    )
