"""Finds training problems that an evaluation asks too.

A training question is contaminated where

1. it is an evaluation's question, whatever the case and the spacing of the two; or
2. an evaluation that is a data set has a question with the very same words, or one in which at least ``overlap``
   of the training question's n-grams of words occur. (Questions that a generator makes share their wording by
   design, and may differ in a sign alone; of those only rule 1 speaks.)

Words are numbers, words and arithmetic signs; other punctuation is nothing. N-grams that more than one in a
hundred training questions share, and at least six of them, are the wording of the task, such as "State the final
answer to the following problem", and do not count on either side.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from rollouts.problems.question import Question

COMMON_SHARE = 0.01
COMMON_LEAST = 6

_WORD = re.compile(r"\d+(?:\.\d+)?|\w+|[-+*/^=<>%]")


def contaminated(
    train: Sequence[Question],
    evaluations: Sequence[Question],
    from_data_sets: Sequence[Question],
    *,
    ngram: int,
    overlap: float,
) -> set[int]:
    """The places of the training questions that an evaluation asks too.

    Args:
        train: Questions to train on.
        evaluations: All questions of all evaluations.
        from_data_sets: Those of them that come from data sets.
        ngram: Words of an n-gram.
        overlap: The share of a question's n-grams, above 0, from which it counts as asked.
    """
    asked = {_text(question) for question in evaluations}
    found = {place for place, question in enumerate(train) if _text(question) in asked}
    if not from_data_sets:
        return found
    words = _Words()
    learned = [words.of(question) for question in train]
    asked_words = [words.of(question) for question in from_data_sets]
    exact = set(asked_words)
    grams = [_ngrams(text, ngram) for text in learned]
    common = _common(grams)
    where: dict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(asked_words):
        for gram in _ngrams(text, ngram).tolist():
            if gram not in common:
                where[gram].append(place)
    return found | {
        place
        for place, (text, own) in enumerate(zip(learned, grams, strict=True))
        if (text and text in exact)
        or _overlap([gram for gram in own.tolist() if gram not in common], where) >= overlap
    }


def _text(question: Question) -> str:
    return " ".join(question.whole_text.casefold().split())


class _Words:
    """Numbers the words that it meets, which makes n-grams small and their hashes the same in every process."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, question: Question) -> tuple[int, ...]:
        numbers, found = self._numbers, _WORD.findall(question.whole_text.casefold())
        return tuple(numbers.setdefault(word, len(numbers)) for word in found)


def _ngrams(words: tuple[int, ...], length: int) -> np.ndarray:
    """The distinct n-grams by their hashes, int64 of shape [≤ words]."""
    hashes = {hash(words[start : start + length]) for start in range(len(words) - length + 1)}
    return np.array(sorted(hashes), dtype=np.int64)


def _common(grams: Sequence[np.ndarray]) -> set[int]:
    values, counts = np.unique(np.concatenate(grams), return_counts=True)
    least = max(COMMON_LEAST, COMMON_SHARE * len(grams))
    return set(values[counts >= least].tolist())


def _overlap(grams: Sequence[int], where: Mapping[int, list[int]]) -> float:
    """The largest share of n-grams that occur in one question of an evaluation; 0 where there are none."""
    hits = Counter(chain.from_iterable(where[gram] for gram in grams if gram in where))
    return max(hits.values(), default=0) / max(1, len(grams))
