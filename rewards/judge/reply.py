"""Reads the score out of a judge's reply."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from rewards.thinking import after_thinking

Form = Literal["line", "json"]

LONGEST_REASON = 300
"""Characters of the reason that a judge may give where its reply is constrained."""

MOST_SCORES = 100
"""Scores that are listed one by one for it; a finer scale takes any number."""

_LINE = re.compile(r"[*_\s]*score[*_\s]*:[*_\s]*(-?\d{1,6}(?:\.\d{1,6})?)[*_\s]*", re.IGNORECASE)
_FENCE = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


class ReplyError(ValueError):
    """The judge did not answer in the form it was told to."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The form of a judge's score.

    Attributes:
        low: The worst score.
        high: The best one.
        form: ``line``: the last line is ``Score: N``; ``json``: the reply is an object with ``"score": N``.
    """

    low: float
    high: float
    form: Form = "line"

    def __post_init__(self) -> None:
        if self.form not in ("line", "json"):
            raise ValueError(f'form: expected line or json, got "{self.form}"')
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"scale: expected the worst and the best score, got {self.low} and {self.high}")

    def instructions(self) -> str:
        """What tells the judge to answer so."""
        if self.form == "json":
            return (
                f'Reply with nothing but one JSON object {{"reason": "...", "score": N}}, where N is a number '
                f"from {self.low:g} (worst) to {self.high:g} (best)."
            )
        return (
            "Reason briefly. Then end with a line that says nothing but\nScore: N\n"
            f"where N is a number from {self.low:g} (worst) to {self.high:g} (best)."
        )

    def reply_format(self) -> dict[str, Any]:
        """What tells an endpoint to hold the model to the form ``json``, as OpenAI's ``response_format`` does."""
        whole = self.low.is_integer() and self.high.is_integer() and self.high - self.low <= MOST_SCORES
        score = {"enum": list(range(int(self.low), int(self.high) + 1))} if whole else {"type": "number"}
        schema = {
            "type": "object",
            "properties": {"reason": {"type": "string", "maxLength": LONGEST_REASON}, "score": score},
            "required": ["reason", "score"],
            "additionalProperties": False,
        }
        return {"type": "json_schema", "json_schema": {"name": "judgement", "schema": schema, "strict": True}}

    def read(self, reply: str) -> float:
        """The score, as the judge gave it.

        Raises:
            ReplyError: There is none in the form asked for, or it lies off the scale.
        """
        answer = after_thinking(reply)
        if answer is None or not answer.strip():
            raise ReplyError("the judge came to no answer")
        score = _from_json(answer) if self.form == "json" else _from_last_line(answer)
        if not self.low <= score <= self.high:
            raise ReplyError(f"the judge's score {score:g} lies outside {self.low:g} to {self.high:g}")
        return score

    def share(self, score: float) -> float:
        """A score brought to 0 (worst) to 1 (best)."""
        return (score - self.low) / (self.high - self.low)


def _from_last_line(answer: str) -> float:
    line = answer.strip().splitlines()[-1]
    match = _LINE.fullmatch(line[:200])
    if match is None:
        raise ReplyError(f'the judge\'s last line is not "Score: N" but {line[:80]!r}')
    return float(match[1])


def _from_json(answer: str) -> float:
    fenced = _FENCE.fullmatch(answer.strip())
    try:
        value: Any = json.loads(fenced[1] if fenced else answer, strict=False)  # models break lines in a reason
    except (ValueError, RecursionError) as error:
        raise ReplyError(f"the judge's reply is not JSON: {answer.strip()[:80]!r}") from error
    score = value.get("score") if isinstance(value, dict) else None
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise ReplyError(f'the judge\'s reply has no number "score": {answer.strip()[:80]!r}')
    return float(score)
