"""reasoning-gym's ``score_answer(answer, entry)``: scorers of one's own, and those of its data sets by name.

https://github.com/open-thought/reasoning-gym
"""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rewards.conventions.calling import made
from rewards.conventions.evaluated import check_entry, runs_code
from rewards.conventions.lists import prompt_text
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.registry import Scope, find_target, nearest, verifier
from rewards.result import verdict_of
from rewards.thinking import THINK_TAGS, after_thinking, thinking_tags
from rewards.verdict import Verdict

ScoreAnswer = Callable[[str, Mapping[str, Any]], Any]


GRIDS = frozenset({"arc_agi", "rearc"})
"""Data sets whose scorers compare tuples; JSON, through which every label goes, makes lists of them."""


class AnswerReader:
    """Finds the answer in a response: what the last ``<answer>`` tag holds, else all that follows the thinking.

    Args:
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
        answer_tag: The name of the tag around the answer.
        require_tag: Whether a response without the tag has no answer.
    """

    def __init__(
        self,
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
        answer_tag: str = "answer",
        require_tag: bool = False,
    ) -> None:
        self._thinking = thinking_tags(thinking)
        self._starts_thinking = starts_thinking
        self._max_chars = max_chars
        self._tags = (f"<{answer_tag}>", f"</{answer_tag}>")
        self._require_tag = require_tag

    def read(self, response: str) -> str | Verdict:
        """The answer, or the verdict where there is none."""
        if len(response) > self._max_chars:
            return Verdict.of_correctness(False, "too_long")
        text = after_thinking(response, self._thinking, self._starts_thinking)
        answer = None if text is None else self._inside_tag(text)
        return answer or Verdict.of_correctness(False, "no_answer")

    def _inside_tag(self, text: str) -> str | None:
        opening, closing = self._tags
        before, closed, _ = text.rpartition(closing)
        _, opened, answer = before.rpartition(opening)
        if closed and opened:
            return answer.strip()
        return None if self._require_tag else text.strip()


@verifier("reasoning_gym")
class ReasoningGymVerifier(AnswerReader):
    """Scores by the scorer of the data set that a problem came from.

    The label is ``{"dataset": its name, "entry": the item, "config": {...}}``, where the item holds ``question``,
    ``answer`` and ``metadata``, and ``config`` may be left out. Arguments as in `AnswerReader`.
    """

    def check_label(self, label: Any) -> None:
        """Raises ValueError where the label names no data set or has no item."""
        dataset, config, entry = _parts(label)
        _scorer(dataset, config)
        check_entry(dataset, entry)

    def warm_up(self) -> None:
        _datasets()

    def verify(self, response: str, label: Any) -> Verdict:
        try:
            dataset, config, entry = _parts(label)
            score_answer = _scorer(dataset, config)
            check_entry(dataset, entry)
        except ValueError as error:
            return Verdict.invalid(f"bad label: {error}")
        answer = self.read(response)
        if isinstance(answer, Verdict):
            return answer
        if runs_code(dataset, answer):
            return Verdict.of_correctness(False, "refused")
        return scored(score_answer, answer, entry)


def adapt(
    target: str, settings: Mapping[str, Any], base_path: str | Path | None, scope: Scope | None
) -> "ScoreAnswerVerifier":
    """Raises `VerifierError` where there is no scorer or it does not take the settings."""
    if scope == "group":
        raise VerifierError(f"verifier {target}: score_answer scores single samples, not groups")
    reading = {key: settings[key] for key in settings if key in inspect.signature(AnswerReader).parameters}
    own = {key: value for key, value in settings.items() if key not in reading}
    found: Any = find_target(target, base_path)
    if inspect.isclass(found):
        found = made(target, found, own)
    elif own:
        raise VerifierError(
            f"verifier {target} takes no settings {', '.join(own)}; a function score_answer has none of its own, "
            f"its adapter takes {', '.join(inspect.signature(AnswerReader).parameters)}"
        )
    return ScoreAnswerVerifier(getattr(found, "score_answer", found), AnswerReader(**reading))


class ScoreAnswerVerifier:
    """Calls a scorer with the answer of a response. The label is the entry, or the answer of one."""

    def __init__(self, score_answer: ScoreAnswer, reader: AnswerReader) -> None:
        self._score_answer = score_answer
        self._reader = reader

    def verify(self, response: str, label: Any, problem: Problem) -> Verdict:
        answer = self._reader.read(response)
        if isinstance(answer, Verdict):
            return answer
        entry = label if isinstance(label, Mapping) else _entry(problem)
        return scored(self._score_answer, answer, entry)


def scored(score_answer: ScoreAnswer, answer: str, entry: Mapping[str, Any]) -> Verdict:
    """The scorer's verdict. Where it fails at this answer but takes the gold one, the response is to blame."""
    try:
        return verdict_of(score_answer(answer, entry))
    except MemoryError:
        raise
    except Exception:
        score_answer(entry["answer"], entry)
        return Verdict.of_correctness(False, "unparsable")


def _same_word(answer: str, entry: Mapping[str, Any]) -> bool:
    return answer.casefold() == str(entry["answer"]).casefold()


def _entry(problem: Problem) -> dict[str, Any]:
    return {"question": prompt_text(problem), "answer": problem.label, "metadata": dict(problem.metadata)}


def _parts(label: Any) -> tuple[str, str, Mapping[str, Any]]:
    """The data set's name, its configuration as JSON, and the item."""
    if not isinstance(label, Mapping):
        raise ValueError(f"expected {{'dataset': ..., 'entry': ...}}, got {type(label).__name__}")
    entry, dataset = label.get("entry"), label.get("dataset")
    if not isinstance(dataset, str) or not isinstance(entry, Mapping) or "answer" not in entry:
        raise ValueError(
            "expected {'dataset': a name, 'entry': {'question': ..., 'answer': ..., 'metadata': ...}}, "
            f"got the keys {', '.join(map(str, label))}"
        )
    item = _with_tuples(entry) if dataset in GRIDS else entry
    return dataset, json.dumps(label.get("config") or {}, sort_keys=True), item


def _with_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_with_tuples(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _with_tuples(item) for key, item in value.items()}
    return value


def _datasets() -> Mapping[str, Any]:
    try:
        from reasoning_gym.factory import DATASETS
    except ImportError as error:
        raise VerifierError(
            f"the verifier reasoning_gym needs the package reasoning-gym ({error}): pip install 'rlvr[tasks]'"
        ) from error
    datasets: Mapping[str, Any] = DATASETS
    return datasets


@lru_cache(maxsize=256)
def _scorer(dataset: str, config: str) -> ScoreAnswer:
    known = _datasets()
    if dataset not in known:
        raise ValueError(f'reasoning-gym has no data set "{dataset}"{nearest(dataset, known)}')
    from reasoning_gym import create_dataset

    if dataset == "game_of_life_halting":
        return _same_word  # its own scorer takes any text for true
    try:
        score_answer: ScoreAnswer = create_dataset(dataset, **json.loads(config)).score_answer
    except (AssertionError, TypeError) as error:
        raise ValueError(f"data set {dataset} does not take the config {config}: {error}") from error
    return score_answer
