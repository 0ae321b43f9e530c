"""The verifier ``format``: does a response have the form that was asked for?"""

import re
from collections.abc import Sequence

from rewards.registry import verifier
from rewards.verdict import Verdict

_NAME = re.compile(r"[A-Za-z][\w.-]{0,63}")


@verifier("format")
class FormatVerifier:
    """Scores 1 where the whole response is made of the tags asked for, or matches the pattern, else 0.

    It looks at the whole response, thinking included, and at no label.

    Args:
        tags: Names of tags in their order, such as ``[think, answer]`` for
            ``<think>…</think><answer>…</answer>``: each once, with text inside, and only spaces outside.
        pattern: A regular expression that the whole response must match; a dot matches line breaks too.
        starts_inside: Whether the prompt's template has already opened the first tag.
        max_chars: Longer responses score 0 unread.

    Raises:
        ValueError: Not exactly one of ``tags`` and ``pattern``, or one of the wrong form.
    """

    def __init__(
        self,
        *,
        tags: Sequence[str] | None = None,
        pattern: str | None = None,
        starts_inside: bool = False,
        max_chars: int = 400_000,
    ) -> None:
        if (tags is None) == (pattern is None):
            raise ValueError("give exactly one of tags and pattern")
        if starts_inside and tags is None:
            raise ValueError("starts_inside: only for tags; write the pattern so that it fits")
        self._tags = None if tags is None else _checked_tags(tags)
        self._pattern = None if pattern is None else _compiled(pattern)
        self._starts_inside = starts_inside
        self._max_chars = max_chars

    def quick(self, response: str) -> Verdict | None:
        """The verdict where no pattern is run."""
        if len(response) > self._max_chars:
            return Verdict.of_correctness(False, "too_long")
        if not response.strip():
            return Verdict.of_correctness(False, "no_answer")
        if self._tags is None:
            return None
        text = f"<{self._tags[0]}>{response}" if self._starts_inside else response
        return Verdict.of_correctness(has_tags(text, self._tags))

    def verify(self, response: str) -> Verdict:
        verdict = self.quick(response)
        if verdict is None:
            assert self._pattern is not None
            verdict = Verdict.of_correctness(self._pattern.fullmatch(response) is not None)
        return verdict


def has_tags(text: str, tags: Sequence[str]) -> bool:
    """Whether a text is these elements in their order, each once and not empty, with only spaces outside."""
    rest = text
    for tag in tags:
        opening, closing = f"<{tag}>", f"</{tag}>"
        if text.count(opening) != 1 or text.count(closing) != 1 or not rest.lstrip().startswith(opening):
            return False
        inside, closed, rest = rest.lstrip().removeprefix(opening).partition(closing)
        if not closed or not inside.strip():
            return False
    return not rest.strip()


def _checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    names = () if isinstance(tags, str) else tuple(tags)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"tags: expected a list of different names, such as [think, answer], got {tags!r}")
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"tags: {name!r} is no tag's name; write it without angle brackets")
    return names


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except (re.error, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(f"pattern: no regular expression: {error} in {pattern!r}"[:300]) from error
