"""The verifier ``repetition``: a penalty for saying the same again."""

import re
from collections.abc import Iterator

from rewards.general.measure import positive
from rewards.registry import verifier
from rewards.verdict import Verdict

_WORD = re.compile(r"\w+|[^\w\s]")
_LONGEST_WORD = 16
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@verifier("repetition", isolated=False)
class RepetitionVerifier:
    """The share of n-grams of words that the response has said before, times ``max_penalty``: from 0 down to it.

    Thinking counts too. It looks at no label and says nothing of correctness. Characters stand for words in
    scripts without spaces, and a very long word counts as several, so that leaving the spaces out hides nothing.

    Args:
        n: Words of an n-gram.
        max_penalty: The score where nearly all n-grams repeat; at most 0.
        max_chars: Only so many characters are read, the last ones, since repetition sets in at the end.
    """

    def __init__(self, n: int = 4, max_penalty: float = -1.0, *, max_chars: int = 100_000) -> None:
        for name, value, most in (("n", n, 64), ("max_chars", max_chars, 10_000_000)):
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
                raise ValueError(f"{name}: expected a whole number from 1 to {most}, got {value!r}")
        if isinstance(max_penalty, bool) or not isinstance(max_penalty, int | float):
            raise ValueError(f"max_penalty: expected a number of at most 0, got {max_penalty!r}")
        self._n = n
        self._max_penalty = 0.0 - positive("-max_penalty", -max_penalty, zero=True)
        self._max_chars = max_chars

    def verify(self, response: str) -> Verdict:
        share = repeated_share(response[-self._max_chars :], self._n)
        return Verdict(self._max_penalty * share, reason="scored", metrics={"repeated_share": share})


def repeated_share(text: str, n: int) -> float:
    """The share of a text's n-grams of words that stand in it earlier; 0 where it has none."""
    words = list(_words(text.casefold()))
    total = len(words) - n + 1
    if total < 1:
        return 0.0
    return 1 - len({tuple(words[start : start + n]) for start in range(total)}) / total


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match[0]
        step = 1 if _UNSPACED.search(word) else _LONGEST_WORD
        yield from (word[start : start + step] for start in range(0, len(word), step))
