"""The protocols of other systems that the service speaks too: NeMo Gym's ``/verify``, OpenRLHF's remote reward."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.server.messages import messages_of
from rewards.special_tokens import without_special_tokens
from rewards.verdict import Verdict

LABELS = ("label", "expected_answer", "ground_truth", "answer", "verifier_metadata")
"""Where the label of a NeMo Gym row stands; the first that is there counts."""


class NemoGymRequest(BaseModel):
    """A row of the data set with the model's output as an OpenAI response."""

    model_config = ConfigDict(extra="allow")

    responses_create_params: dict[str, Any]
    response: dict[str, Any]

    def request(self, verifier: str) -> ScoreRequest:
        """The same for a pool; raises ValueError where the row has no label, or what JSON cannot say back."""
        json.dumps(self.model_dump(), allow_nan=False)
        columns = dict(self.model_extra or {})
        field = next((name for name in LABELS if name in columns), None)
        if field is None:
            raise ValueError(f"the request has no label; expected one of {', '.join(LABELS)}")
        label, asked = columns.pop(field), self.responses_create_params.get("input")
        problem = Problem(
            str(columns.get("id", "request")),
            messages_of(asked if isinstance(asked, str) else _objects(self.responses_create_params, "input")),
            verifier,
            label,
            metadata=columns,
        )
        return ScoreRequest(problem, _output_text(self.response), tokens=_output_tokens(self.response))

    def reply(self, verdict: Verdict) -> dict[str, Any]:
        """The row with its reward. An invalid verdict masks the sample, so that its 0 counts nowhere."""
        return {
            **self.model_dump(),
            "reward": verdict.score if verdict.valid else 0.0,
            "mask_sample": not verdict.valid,
            "failure_reason": None if verdict.valid else verdict.reason,
            "reason": verdict.reason,
        }


class OpenRlhfRequest(BaseModel):
    """Prompts with their responses behind them, in one text each."""

    model_config = ConfigDict(extra="ignore")

    query: list[str]
    prompts: list[str]
    labels: list[Any]

    @model_validator(mode="after")
    def _same_lengths(self) -> "OpenRlhfRequest":
        if not len(self.query) == len(self.prompts) == len(self.labels):
            raise ValueError(
                f"{len(self.query)} queries, {len(self.prompts)} prompts and {len(self.labels)} labels; "
                "expected as many of each"
            )
        return self

    def requests(self, verifier: str) -> list[ScoreRequest]:
        """The same for a pool; raises ValueError where a query does not hold its prompt."""
        rows = zip(self.query, self.prompts, self.labels, strict=True)
        return [
            ScoreRequest(
                Problem(str(place), ({"role": "user", "content": prompt},), verifier, label),
                _response(query, prompt, place),
            )
            for place, (query, prompt, label) in enumerate(rows)
        ]

    @staticmethod
    def reply(verdicts: list[Verdict]) -> dict[str, Any]:
        """``rewards`` are the scores; ``scores`` are 1 and 0 where correctness is known.

        Raises:
            ValueError: A verdict is invalid, which the protocol cannot say: a number would be learned from.
        """
        for place, verdict in enumerate(verdicts):
            if not verdict.valid:
                raise ValueError(f"no verdict for query {place}: {verdict.reason}")
        return {
            "rewards": [verdict.score for verdict in verdicts],
            "scores": [v.score if v.correct is None else float(v.correct) for v in verdicts],
            "extra_logs": {},
        }


def _output_text(response: dict[str, Any]) -> str:
    """The texts of an OpenAI response's messages, joined."""
    return "".join(
        str(part.get("text", ""))
        for item in _objects(response, "output")
        if item.get("type") == "message"
        for part in _objects(item, "content")
        if part.get("type") == "output_text"
    )


def _output_tokens(response: dict[str, Any]) -> int | None:
    """How many tokens were drawn for it, where the response tells."""
    usage = response.get("usage")
    told = usage.get("output_tokens") if isinstance(usage, dict) else None
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None


def _objects(owner: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """A list of objects, which may be missing; raises ValueError where it is something else."""
    listed = owner.get(field) or []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise ValueError(f'"{field}" must be a list of objects')
    return listed


def _response(query: str, prompt: str, place: int) -> str:
    """What follows the prompt, without the special tokens at its end."""
    start = query.find(prompt)
    if start < 0:
        raise ValueError(f"query {place} does not hold its prompt, so that its response cannot be told apart")
    return without_special_tokens(query[start + len(prompt) :])
