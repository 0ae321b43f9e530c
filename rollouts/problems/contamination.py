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
from collections.abc import Sequence
from itertools import chain

from rollouts.problems.question import Question

COMMON_SHARE = 0.01
COMMON_LEAST = 6

_WORD = re.compile(r"\d+(?:\.\d+)?|\w+|[-+*/^=<>%]")

Words = tuple[str, ...]


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
    words = [_words(question) for question in train]
    asked_words = [_words(question) for question in from_data_sets]
    common = _common(words, ngram)
    where: dict[Words, list[int]] = defaultdict(list)
    for place, text in enumerate(asked_words):
        for gram in _ngrams(text, ngram) - common:
            where[gram].append(place)
    exact = set(asked_words)
    return found | {
        place
        for place, text in enumerate(words)
        if text in exact or _overlap(_ngrams(text, ngram) - common, where) >= overlap
    }


def _text(question: Question) -> str:
    return " ".join(question.whole_text.casefold().split())


def _words(question: Question) -> Words:
    return tuple(_WORD.findall(question.whole_text.casefold()))


def _ngrams(words: Words, length: int) -> set[Words]:
    return {words[start : start + length] for start in range(len(words) - length + 1)}


def _common(texts: Sequence[Words], length: int) -> set[Words]:
    least = max(COMMON_LEAST, COMMON_SHARE * len(texts))
    counts = Counter(chain.from_iterable(_ngrams(text, length) for text in texts))
    return {gram for gram, count in counts.items() if count >= least}


def _overlap(grams: set[Words], where: dict[Words, list[int]]) -> float:
    """The largest share of n-grams that occur in one question of an evaluation; 0 where there are none."""
    hits = Counter(chain.from_iterable(where[gram] for gram in grams & where.keys()))
    return max(hits.values(), default=0) / max(1, len(grams))
