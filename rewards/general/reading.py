"""Which part of a response counts, and when none does."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards.thinking import THINK_TAGS, after_thinking, thinking_tags


class NoAnswerError(Exception):
    """The response gives nothing to score, which is its own fault.

    Attributes:
        reason: ``"no_answer"`` or ``"too_long"``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes the answer out of a whole response.

    Attributes:
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses are not read.

    Raises:
        ValueError: A setting of the wrong form.
    """

    thinking: Sequence[str] | None = THINK_TAGS
    starts_thinking: bool = False
    max_chars: int = 400_000

    def __post_init__(self) -> None:
        thinking_tags(self.thinking)
        if isinstance(self.max_chars, bool) or not isinstance(self.max_chars, int) or self.max_chars < 1:
            raise ValueError(f"max_chars: expected a positive number of characters, got {self.max_chars!r}")

    def read(self, response: str) -> str:
        """The text after the last thinking block.

        Raises:
            NoAnswerError: The response is too long, empty, or never came to an answer.
        """
        if len(response) > self.max_chars:
            raise NoAnswerError("too_long")
        text = after_thinking(response, self.thinking, self.starts_thinking)
        if text is None or not text.strip():
            raise NoAnswerError("no_answer")
        return text
