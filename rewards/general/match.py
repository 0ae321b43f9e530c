"""The verifier ``general``: compares a short answer in words with the label, in one of seven ways."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rewards.general.answer import HEDGE, Answer, find_answer
from rewards.general.choice import chosen_letter
from rewards.general.hedging import is_clouded, is_plain
from rewards.general.normalise import normalise, words
from rewards.general.reading import NoAnswerError, Reader
from rewards.general.schema import UnreadableJSONError, conforms, read_json, read_schema
from rewards.problem import Problem
from rewards.registry import nearest, verifier
from rewards.thinking import THINK_TAGS
from rewards.verdict import Verdict

ISOLATED = frozenset({"regex", "json_schema"})
"""Checks that a pattern in the label may keep busy for ever; they are made in a process that can be killed."""

MAX_PATTERN = 10_000

_EQUALITY = frozenset({"normalised", "exact"})


@verifier("general")
class GeneralVerifier:
    r"""Compares the answer that a response marks as such (``Answer: …``, ``The answer is …``, ``\boxed{…}``), or
    else the whole text after its thinking, with the label. Hedged and enumerated answers are wrong.

    Args:
        check: How they are compared:

            - ``normalised``: equal but for case, spaces, articles, quotes and punctuation at the end;
            - ``exact``: equal to the character;
            - ``f1``: the overlap of their words, as in SQuAD, from 0 to 1;
            - ``contains``: the answer is short and names the label plainly, among nothing else;
            - ``regex``: the label is a pattern that the whole answer must match;
            - ``json_schema``: the label is a JSON Schema that the answer must conform to;
            - ``choice``: the label is the letter of a choice; the column ``choices`` may hold their texts.
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
        max_answer_chars: The same for answers.
        max_words: Longer answers contain nothing, so that naming everything is not rewarded.
    """

    def __init__(
        self,
        *,
        check: str = "normalised",
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
        max_answer_chars: int = 10_000,
        max_words: int = 50,
    ) -> None:
        if check not in CHECKS:
            raise ValueError(
                f'check: there is none named "{check}"{nearest(str(check), CHECKS)} Checks: {", ".join(CHECKS)}'
            )
        self._check = check
        self._reader = Reader(thinking, starts_thinking, max_chars)
        self._max_answer_chars = max_answer_chars
        self._max_words = max_words

    def check_label(self, label: Any) -> None:
        """Raises ValueError where the label is none of this check's."""
        _GOLD[self._check](label)

    def warm_up(self) -> None:
        if self._check == "json_schema":
            conforms(None, read_schema(True))

    def quick(self, response: str, label: Any, *, problem: Problem) -> Verdict | None:
        """The verdict where no pattern of the label's is run."""
        return None if self._check in ISOLATED else self.verify(response, label, problem=problem)

    def verify(self, response: str, label: Any, *, problem: Problem) -> Verdict:
        """The verdict."""
        try:
            gold = _GOLD[self._check](label)
        except ValueError as error:
            return Verdict.invalid(f"bad label: {error}"[:500])
        try:
            text = self._reader.read(response)
            if self._check == "json_schema":
                return _conforming(text, gold, self._max_answer_chars)
            answer = find_answer(text)
            if len(answer.readings[0]) > self._max_answer_chars:
                raise NoAnswerError("too_long")
        except NoAnswerError as error:
            return Verdict.of_correctness(False, error.reason)
        if self._check == "choice":
            return _choosing(answer, gold, problem.metadata.get("choices"))
        if (
            self._check in _EQUALITY
            and answer.whole
            and any(_SCORE[self._check](answer.whole, one) for one in gold)
        ):
            return Verdict.of_correctness(True)
        if answer.several:
            return Verdict.of_correctness(False, "several_answers")
        if self._check == "contains" and len(answer.readings[-1].split()) > self._max_words:
            return Verdict.of_correctness(False, "too_long")
        score = max(_SCORE[self._check](reading, one) for reading in answer.readings for one in gold)
        return Verdict(
            score, correct=score == 1, reason="correct" if score == 1 else "partial" if score else "wrong"
        )


def _exact(answer: str, gold: str) -> float:
    return float(answer == gold.strip())


def _normalised(answer: str, gold: str) -> float:
    return float(len(answer) <= 20 * len(gold) + 200 and normalise(answer) == normalise(gold))


def _contains(answer: str, gold: str) -> float:
    return float(is_plain(answer, gold))


def _regex(answer: str, gold: str) -> float:
    return float(re.fullmatch(gold, answer) is not None)


def _f1(answer: str, gold: str) -> float:
    """Harmonic mean of the precision and recall of words (Rajpurkar et al. 2016, section 6.1)."""
    said, wanted = words(answer), words(gold)
    if said != wanted and ((HEDGE.search(answer) and not HEDGE.search(gold)) or is_clouded(answer, gold)):
        return 0.0
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


_SCORE: Mapping[str, Callable[[str, str], float]] = {
    "normalised": _normalised,
    "exact": _exact,
    "f1": _f1,
    "contains": _contains,
    "regex": _regex,
}


def _conforming(text: str, schema: Any, max_chars: int) -> Verdict:
    if len(text) > max_chars:
        return Verdict.of_correctness(False, "too_long")
    try:
        value = read_json(text)
    except UnreadableJSONError:
        answer = find_answer(text)
        if answer.several or not answer.marked:
            return Verdict.of_correctness(False, "unparsable")
        try:
            value = read_json(answer.whole or answer.readings[-1])
        except UnreadableJSONError:
            return Verdict.of_correctness(False, "unparsable")
    return Verdict.of_correctness(conforms(value, schema))


def _choosing(answer: Answer, gold: Sequence[str], choices: Any) -> Verdict:
    if choices is not None and not (
        isinstance(choices, list | tuple) and all(isinstance(choice, str) for choice in choices)
    ):
        return Verdict.invalid(f'the column "choices" must be a list of texts, got {type(choices).__name__}')
    letter = chosen_letter(answer, choices or ())
    if letter is None:
        return Verdict.of_correctness(False, "several_answers" if answer.several else "no_answer")
    return Verdict.of_correctness(letter in gold)


def _texts(label: Any) -> list[str]:
    """The acceptable answers: one, or a list of them."""
    several = list(label) if isinstance(label, list | tuple) else [label]
    if not several:
        raise ValueError("the label is an empty list; it must hold at least one acceptable answer")
    for one in several:
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            raise ValueError(
                f"the label must be a string or a list of acceptable strings, got {type(one).__name__} {one!r}"[
                    :200
                ]
            )
        if not str(one).strip():
            raise ValueError("the label is empty; it must be an acceptable answer")
    return [str(one) for one in several]


def _words_in(label: Any) -> list[str]:
    texts = _texts(label)
    for text in texts:
        if not words(text):
            raise ValueError(f"the label has no word to look for: {text!r}"[:200])
    return texts


def _normal_texts(label: Any) -> list[str]:
    texts = _texts(label)
    for text in texts:
        if not normalise(text):
            raise ValueError(f"nothing is left of the label when punctuation is stripped: {text!r}"[:200])
    return texts


def _patterns(label: Any) -> list[str]:
    patterns = _texts(label)
    for pattern in patterns:
        if len(pattern) > MAX_PATTERN:
            raise ValueError(f"the label's pattern has {len(pattern)} characters, more than {MAX_PATTERN}")
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"the label is no regular expression: {error} in {pattern!r}"[:300]) from error
    return patterns


def _letters(label: Any) -> list[str]:
    letters = [text.strip().strip("()[].").upper() for text in _texts(label)]
    for letter in letters:
        if len(letter) != 1 or not "A" <= letter <= "Z":
            raise ValueError(f"the label must be the letter of a choice, got {letter!r}"[:200])
    return letters


_GOLD: Mapping[str, Callable[[Any], Any]] = {
    "normalised": _normal_texts,
    "exact": _texts,
    "f1": _words_in,
    "contains": _words_in,
    "regex": _patterns,
    "json_schema": read_schema,
    "choice": _letters,
}

CHECKS = tuple(_GOLD)
"""Names of the checks."""
