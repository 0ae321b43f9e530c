"""What the service takes and answers, in its own protocol."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rewards.problem import Problem
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict


class Asked(BaseModel):
    """The problem that was answered."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field("request", description="Comes back with the verdict; the problem's id.")
    verifier: str | None = Field(None, description="One of those that are served; the first by default.")
    prompt: str | list[dict[str, Any]] | None = Field(None, description="What was asked, a text or messages.")
    label: Any = Field(description="What the verifier compares a response with.")
    domain: str = "default"
    metadata: dict[str, Any] = Field(default_factory=dict, description="Further columns of the problem.")

    def problem(self, verifier: str) -> Problem:
        """The problem, for the verifier of that name."""
        return Problem(self.id, messages_of(self.prompt), verifier, self.label, self.domain, self.metadata)


class VerifyRequest(Asked):
    """One response to a problem."""

    response: str
    seed: int | None = Field(None, description="The sample's own, for verifiers that draw.")
    tokens: int | None = Field(None, ge=0, description="How many the response has, its thinking included.")

    def request(self, verifier: str) -> ScoreRequest:
        """The same for a pool."""
        return ScoreRequest(self.problem(verifier), self.response, self.seed, self.tokens)


class BatchRequest(BaseModel):
    """Many responses, each with its problem."""

    model_config = ConfigDict(extra="forbid")

    requests: list[VerifyRequest] = Field(min_length=1)


class GroupRequest(Asked):
    """All responses to one problem, for verifiers that compare them."""

    responses: list[str] = Field(min_length=1)
    seeds: list[int | None] | None = Field(None, description="One for each response.")
    tokens: list[Annotated[int, Field(ge=0)] | None] | None = Field(None, description="One for each response.")

    @model_validator(mode="after")
    def _one_for_each(self) -> "GroupRequest":
        for name in ("seeds", "tokens"):
            listed = getattr(self, name)
            if listed is not None and len(listed) != len(self.responses):
                raise ValueError(f"{len(listed)} {name} for {len(self.responses)} responses")
        return self

    def request(self, verifier: str) -> GroupScoreRequest:
        """The same for a pool."""
        seeds = self.seeds or [None] * len(self.responses)
        return GroupScoreRequest(
            self.problem(verifier), tuple(self.responses), tuple(seeds), tuple(self.tokens or ())
        )


class VerdictMessage(BaseModel):
    """A verdict; the score is null where it is invalid."""

    id: str
    score: float | None
    valid: bool
    correct: bool | None
    reason: str
    metrics: dict[str, float | None]

    @classmethod
    def of(cls, id: str, verdict: Verdict) -> "VerdictMessage":
        """The message about a request's verdict."""
        return cls(
            id=id,
            score=verdict.score if verdict.valid else None,
            valid=verdict.valid,
            correct=verdict.correct,
            reason=verdict.reason,
            metrics={name: value if math.isfinite(value) else None for name, value in verdict.metrics.items()},
        )


class VerdictsMessage(BaseModel):
    """The verdicts of a batch or group, in its order."""

    verdicts: list[VerdictMessage]


class Health(BaseModel):
    """Whether the service is up, and what it serves."""

    status: str
    verifiers: list[str]
    waiting: int = Field(description="Responses that are being scored or wait for it.")
    limit: int = Field(description="How many there may be before requests are turned away.")


def messages_of(prompt: str | list[dict[str, Any]] | None) -> tuple[Mapping[str, str], ...]:
    """A prompt as a conversation; parts of a message's content become one text."""
    if prompt is None:
        return ()
    if isinstance(prompt, str):
        return ({"role": "user", "content": prompt},)
    return tuple(
        {"role": str(message.get("role", "user")), "content": _text(message.get("content"))} for message in prompt
    )


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return "" if content is None else str(content)
