"""The verifier ``tool_calls``: does a response call the right tools with the right arguments?"""

from collections.abc import Sequence
from typing import Any

from rewards.registry import nearest, verifier
from rewards.thinking import THINK_TAGS, after_thinking, thinking_tags
from rewards.tool_calls.answers import difference, read_label
from rewards.tool_calls.call import UnreadableCall
from rewards.tool_calls.formats import FORMATS
from rewards.verdict import Verdict


@verifier("tool_calls")
class ToolCallsVerifier:
    """Reads the tool calls of a response and compares them with the possible answers of the label.

    Args:
        format: How the model writes calls: ``hermes``, ``olmo3``, ``pythonic``, ``json``, or ``auto`` for any.
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
        max_calls: Responses with more calls score 0, their arguments not compared.
    """

    def __init__(
        self,
        *,
        format: str = "auto",
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
        max_calls: int = 128,
    ) -> None:
        if format not in FORMATS:
            raise ValueError(
                f'format: there is no "{format}"{nearest(str(format), FORMATS)} Formats: {", ".join(FORMATS)}'
            )
        self._read = FORMATS[format]
        self._thinking = thinking_tags(thinking)
        self._starts_thinking = starts_thinking
        self._max_chars = max_chars
        self._max_calls = max_calls

    def check_label(self, label: Any) -> None:
        """Raises ValueError where the label holds no possible answers."""
        read_label(label)

    def verify(self, response: str, label: Any) -> Verdict:
        """The verdict; its reason says what is wrong with the calls, its metrics how many there are."""
        try:
            answers = read_label(label)
        except ValueError as error:
            return Verdict.invalid(f"bad label: {error}")
        if len(response) > self._max_chars:
            return Verdict.of_correctness(False, "too_long")
        answer = after_thinking(response, self._thinking, self._starts_thinking)
        if answer is None or not any(mark.isprintable() and not mark.isspace() for mark in answer):
            return Verdict.of_correctness(False, "no_answer")
        try:
            calls = self._read(answer)
        except UnreadableCall:
            return Verdict.of_correctness(False, "unparsable")
        if len(calls) > self._max_calls:
            return Verdict.of_correctness(False, "wrong_count", calls=len(calls))
        wrong = difference(calls, answers)
        return Verdict.of_correctness(wrong is None, wrong or "", calls=len(calls))
