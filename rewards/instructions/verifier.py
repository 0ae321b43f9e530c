"""The verifier ``instructions``: does a response do what its instructions say?"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from rewards.instructions.catalogue import Asked, read_label
from rewards.instructions.language import warm_up
from rewards.instructions.text import visible
from rewards.registry import verifier
from rewards.thinking import THINK_TAGS, after_thinking, thinking_tags
from rewards.verdict import Verdict

MODES = ("strict", "loose")
SCORES = ("all", "fraction")


@verifier("instructions")
class InstructionsVerifier:
    """Checks a response against the instructions of its label (Zhou et al. 2023; Pyatkin et al. 2025).

    Args:
        mode: ``"strict"``, or ``"loose"``: an instruction also counts where the response follows it without its
            first line, its last line, both, or its asterisks.
        score: ``"all"``: 1 where every instruction is followed, else 0; ``"fraction"``: the share that is.
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
    """

    def __init__(
        self,
        *,
        mode: str = "strict",
        score: str = "all",
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be {' or '.join(MODES)}, got {mode!r}")
        if score not in SCORES:
            raise ValueError(f"score must be {' or '.join(SCORES)}, got {score!r}")
        self._versions = _strict if mode == "strict" else _loose
        self._all = score == "all"
        self._thinking = thinking_tags(thinking)
        self._starts_thinking = starts_thinking
        self._max_chars = max_chars

    def check_label(self, label: Any) -> None:
        """Raises ValueError where an instruction is unknown or lacks an argument."""
        read_label(label)

    def warm_up(self) -> None:
        warm_up()
        for package in ("emoji", "syllapy"):
            import_module(package)

    def verify(self, response: str, label: Any) -> Verdict:
        """The verdict; its metrics have a 0 or 1 for each instruction."""
        try:
            asked = read_label(label)
        except ValueError as error:
            return Verdict.invalid(f"bad label: {error}")
        if len(response) > self._max_chars:
            return self._verdict(asked, [False] * len(asked), "too_long")
        answer = after_thinking(response, self._thinking, self._starts_thinking)
        text = visible(answer or "")
        if not text.strip():
            return self._verdict(asked, [False] * len(asked), "no_answer")
        return self._verdict(asked, [_follows(each.check, self._versions(text)) for each in asked])

    def _verdict(self, asked: list[Asked], followed: list[bool], reason: str = "") -> Verdict:
        done = all(followed)
        return Verdict(
            float(done) if self._all else sum(followed) / len(followed),
            correct=done,
            reason=reason or ("correct" if done else "wrong"),
            metrics=dict(zip(_names(asked), map(float, followed), strict=True)),
        )


def _follows(check: Callable[[str], bool], versions: Iterator[str]) -> bool:
    return any(check(version) for version in versions)


def _strict(text: str) -> Iterator[str]:
    yield text


def _loose(text: str) -> Iterator[str]:
    """The response, also without its first line, its last line, both; each of them without asterisks too."""
    rows = text.split("\n")
    for part in (rows, rows[1:], rows[:-1], rows[1:-1]):
        whole = "\n".join(part)
        for version in (whole, whole.replace("*", "")):
            if version.strip():
                yield visible(version)


def _names(asked: list[Asked]) -> list[str]:
    """A name for each instruction; one that is asked for again is numbered."""
    names: list[str] = []
    for each in asked:
        times = sum(name.partition("#")[0] == each.id for name in names)
        names.append(f"{each.id}#{times + 1}" if times else each.id)
    return names
