"""Tells whether a text names one answer plainly, or like "maybe Paris", "not Paris", "Paris, Rome, Oslo"."""

import re
from collections.abc import Sequence
from itertools import pairwise

from rewards.general.answer import HEDGE
from rewards.instructions.english import STOP_WORDS, is_verb

_TOKEN = re.compile(r"\w+|[^\w\s]|\n")
_SEPARATORS = frozenset(",;/|&+\n•·-") | {"and", "or", "then"}
_SENTENCE_ENDS = frozenset(".!?\n")
_NEGATIONS = frozenset({"not", "never", "no", "neither", "nor", "isn", "wasn", "aren", "cannot", "t"})
_OPENERS = frozenset(
    (
        *("in", "on", "at", "yes", "no", "well", "so", "thus", "therefore", "hence", "the", "a", "an", "of", "is"),
        *(
            "it",
            "that",
            "this",
            "was",
            "are",
            "were",
            "for",
            "to",
            "from",
            "by",
            "as",
            "i",
            "if",
            "and",
            "my",
            "its",
        ),
    )
)
_COPULAS = frozenset({"is", "are", "was", "were"})
_NUMBERS = frozenset(
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
)
_SHORT_ITEM = 2
_MOST_PLACES = 20


def is_plain(text: str, name: str) -> bool:
    """Whether a text names ``name`` at least once, and nowhere hedges, denies or lists it.

    Strict by intent: a list of guesses must never pass, so "Paris, France" does not name Paris plainly.
    """
    tokens, spans = _places(text, name)
    whole = [span for span in spans if not _is_part_of_a_name(tokens, *span)]
    return (
        0 < len(whole) <= _MOST_PLACES
        and not is_clouded(text, name)
        and not any(_is_among_words(tokens, name, *span) for span in whole)
    )


def is_clouded(text: str, name: str) -> bool:
    """Whether a text hedges, denies or lists ``name`` somewhere."""
    tokens, spans = _places(text, name)
    low = [token.casefold() for token in tokens]
    hedges = HEDGE.search(name) is None
    return any((hedges and _is_hedged(low, *span)) or _is_listed(low, *span) for span in spans[:_MOST_PLACES])


def _places(text: str, name: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The tokens of a text, and where in them the name begins and ends."""
    tokens = _TOKEN.findall(text)
    low = [token.casefold() for token in tokens]
    wanted = [token.casefold() for token in _TOKEN.findall(name.strip())]
    starts = (at for at, token in enumerate(low) if wanted and token == wanted[0])
    return tokens, [(at, at + len(wanted)) for at in starts if low[at : at + len(wanted)] == wanted]


def _is_part_of_a_name(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether a capitalised word or a number stands right beside it, as in "New York" for "York"."""
    if not tokens[start][:1].isupper():
        return False
    before = tokens[start - 1] if start else ""
    after = tokens[end] if end < len(tokens) else ""
    return (_is_name(before) and before.casefold() not in _OPENERS) or _is_name(after)


def _is_name(token: str) -> bool:
    return token[:1].isupper() or token[:1].isdigit()


def _is_hedged(low: Sequence[str], start: int, end: int) -> bool:
    first, last = _sentence(low, start, end)
    sentence = " ".join(low[first:last])
    return HEDGE.search(sentence) is not None or not _NEGATIONS.isdisjoint(low[max(first, start - 3) : start])


def _sentence(low: Sequence[str], start: int, end: int) -> tuple[int, int]:
    while start > 0 and low[start - 1] not in _SENTENCE_ENDS:
        start -= 1
    while end < len(low) and low[end] not in _SENTENCE_ENDS:
        end += 1
    return start, end


def _is_listed(low: Sequence[str], start: int, end: int) -> bool:
    """Whether another short item stands beside it, with a comma, a line break or the like in between.

    A short sentence beside it is such an item only where the name is a sentence by itself.
    """
    ends = _SEPARATORS | _SENTENCE_ENDS
    opens = start == 0 or low[start - 1] in ends
    closes = end == len(low) or low[end] in ends
    after = _item(low[end : end + 8], ends if opens else _SEPARATORS)
    before = _item(low[max(0, start - 8) : start][::-1], ends if closes else _SEPARATORS)
    return _is_item(after) or (_is_item(before) and before[-1] not in _OPENERS and not before[-1].isdigit())


def _is_item(words: Sequence[str]) -> bool:
    """Whether a few words could be an answer too, and not just "it is"."""
    return 0 < len(words) <= _SHORT_ITEM and not all(map(_links, words))


def _item(beyond: Sequence[str], separators: frozenset[str]) -> list[str]:
    """The words of the item that begins right after a separator; none where no separator comes first."""
    if not beyond or beyond[0] not in separators:
        return []
    words: list[str] = []
    for token in beyond[1:]:
        if token in _SEPARATORS or token in _SENTENCE_ENDS:
            if words:
                break
        elif token[:1].isalnum():
            words.append(token)
    return words


def _is_among_words(tokens: Sequence[str], name: str, start: int, end: int) -> bool:
    """Whether it is one of several words in a row, as in "rome paris oslo", or of several that the same is said
    of, as in "it is red it is blue", rather than the word that a sentence comes to.

    What stands right beside it must be a common word, a verb or an adverb. A name with a capital among small
    letters stands out by itself, and a number may have its unit.
    """
    before, after = tokens[start - 1] if start else "", tokens[end] if end < len(tokens) else ""
    if name[:1].isupper() and tokens[start][:1].isupper() and not (_is_name(before) or _is_name(after)):
        return False
    has_unit = _is_number(tokens[start]) and not _is_number(after)
    if not (_links(before) and (has_unit or _links(after))):
        return True
    first, last = _sentence(tokens, start, end)
    others = [token.casefold() for token in (*tokens[first:start], *tokens[end:last]) if token[:1].isalnum()]
    return (bool(others) and STOP_WORDS.isdisjoint(others)) or _is_said_of_others(tokens, start, end)


def _links(token: str) -> bool:
    """Whether a token holds words together and could be no answer itself."""
    word = token.casefold()
    if not word[:1].isalnum():
        return True
    return word not in _NEGATIONS and (word in STOP_WORDS or is_verb(word) or word.endswith("ly"))


def _is_number(token: str) -> bool:
    return token[:1].isdigit() or token.casefold() in _NUMBERS


def _is_said_of_others(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether the verb before it, a form of "to be", stands before other words too."""
    low = [token.casefold() for token in tokens]
    said = low[start - 1] if start else ""
    return said in _COPULAS and any(
        verb == said and not _links(other) and other != low[start] for verb, other in pairwise(low)
    )
