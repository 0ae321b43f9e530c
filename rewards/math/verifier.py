"""The verifier ``math``: is the answer that a response gives the gold answer?"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rewards.math.algebra import UnreadableError, warm_up
from rewards.math.equivalent import NeedsAlgebra, equal_at_once, equal_by_algebra
from rewards.math.extract import AUTO, FORMS, extract_answer
from rewards.registry import nearest, verifier
from rewards.special_tokens import without_special_tokens
from rewards.thinking import THINK_TAGS, after_thinking, thinking_tags
from rewards.verdict import Verdict

_LETTER = re.compile(r"[\s({\[*]*([A-J])[\s)}\].*:]*")
_CHOSEN = re.compile(r"[\s*]*(?:\(([A-J])\)|([A-J])(?=[.:),]|\s*$))(.*)", re.DOTALL)
_ANOTHER = re.compile(r"\b[A-J]\b")
_TAG = re.compile(r"\\(?:text|textbf|mathbf|mathrm|textit|boldsymbol)\s?\{([^{}]*)\}")


@verifier("math")
class MathVerifier:
    r"""Extracts the answer of a response and compares it with the label, the gold answer as a string.

    Args:
        extraction: ``"auto"``, the name of one form, or names of forms in the order in which they are tried:
            ``boxed``, ``answer``, ``hashes``, ``tag``, ``answer_is``, ``formula``, ``choice``, ``bare``,
            ``last_integer``, ``last_number``.
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
        max_answer_chars: Longer extracted answers score 0 unread.
    """

    def __init__(
        self,
        *,
        extraction: str | Sequence[str] = "auto",
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
        max_answer_chars: int = 1_000,
    ) -> None:
        self._ranks = _ranks(extraction)
        self._thinking = thinking_tags(thinking)
        self._starts_thinking = starts_thinking
        self._max_chars = max_chars
        self._max_answer_chars = max_answer_chars

    def check_label(self, label: Any) -> None:
        """Raises ValueError where the label is no gold answer."""
        _gold(label)

    def warm_up(self) -> None:
        warm_up()

    def quick(self, response: str, label: Any) -> Verdict | None:
        """The verdict where no algebra is needed."""
        read = self._read(response, label)
        if isinstance(read, Verdict):
            return read
        try:
            return Verdict.of_correctness(equal_at_once(*read))
        except NeedsAlgebra:
            return None
        except UnreadableError:
            return Verdict.of_correctness(False, "unparsable")

    def verify(self, response: str, label: Any) -> Verdict:
        """The verdict, however long it takes."""
        read = self._read(response, label)
        if isinstance(read, Verdict):
            return read
        try:
            return Verdict.of_correctness(equal_by_algebra(*read))
        except (UnreadableError, RecursionError):
            return Verdict.of_correctness(False, "unparsable")

    def _read(self, response: str, label: Any) -> Verdict | tuple[str, str]:
        """The gold answer and the response's, or the verdict where there is nothing to compare."""
        try:
            gold = _gold(label)
        except ValueError as error:
            return Verdict.invalid(f"bad label: {error}")
        if len(response) > self._max_chars:
            return Verdict.of_correctness(False, "too_long")
        text = after_thinking(response, self._thinking, self._starts_thinking)
        answer = None if text is None else extract_answer(without_special_tokens(text), self._ranks)
        if answer is None or not answer.strip():
            return Verdict.of_correctness(False, "no_answer")
        if len(answer) > self._max_answer_chars:
            return Verdict.of_correctness(False, "too_long")
        letter = _LETTER.fullmatch(gold)
        if letter:
            return Verdict.of_correctness(_chosen(answer) == letter[1])
        return gold, answer


def _gold(label: Any) -> str:
    if isinstance(label, bool) or not isinstance(label, str | int | float):
        raise ValueError(
            f"the label must be the gold answer as a string, got {type(label).__name__} {label!r}"[:200]
        )
    return _gold_text(str(label))


@lru_cache(maxsize=4096)
def _gold_text(label: str) -> str:
    gold = extract_answer(label, (("boxed", "hashes"),)) or label
    if not gold.strip(" $"):
        raise ValueError("the label is empty; it must be the gold answer")
    return _TAG.sub(r"\1", gold) if _LETTER.fullmatch(_TAG.sub(r"\1", gold)) else gold


def _chosen(answer: str) -> str | None:
    """The letter of a multiple-choice answer; None where it names none, or more than one."""
    plain = _TAG.sub(r"\1", answer).strip(" $")
    if len(plain) == 1:
        return plain.upper()
    match = _CHOSEN.fullmatch(plain)
    if match is None or _ANOTHER.search(match[3]):
        return None
    return match[1] or match[2]


def _ranks(extraction: str | Sequence[str]) -> Sequence[Sequence[str]]:
    if extraction == "auto":
        return AUTO
    names = [extraction] if isinstance(extraction, str) else list(extraction)
    for name in names:
        if name not in FORMS:
            choices = ["auto", *FORMS]
            raise ValueError(
                f'extraction: there is no form "{name}"{nearest(str(name), choices)} Forms: {", ".join(choices)}'
            )
    if not names:
        raise ValueError("extraction: name at least one form")
    return [[name] for name in names]
