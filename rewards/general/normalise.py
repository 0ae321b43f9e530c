"""Brings short answers in prose to one spelling, so that only what they say is compared."""

import re
import unicodedata

_CHARACTERS: dict[int, str | None] = {
    **{ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"},
    **{ord(quote): "'" for quote in "\u2018\u2019\u02bc`\u00b4"},
    **{ord(quote): '"' for quote in "\u201c\u201d\u00ab\u00bb"},
    **{ord(nothing): None for nothing in "\u00ad\u200b\u200c\u200d\u2060\ufeff"},
}
_TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|emph)\s?\{([^{}]*)\}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_TRAILING = re.compile(r"(?:[\s.,;:?]|(?<!\d)!)+$")
_ARTICLE = re.compile(r"(?:the|an|a)\s+(?=\S)")
_WORD = re.compile(r"\w+")
_ARTICLES = frozenset({"a", "an", "the"})
_WRAPPERS = (("**", "**"), ("*", "*"), ("__", "__"), ("_", "_"), ("$", "$"), ('"', '"'), ("'", "'"), ("(", ")"))
_WRAPPED_AT_MOST = 8


def normalise(text: str) -> str:
    """One answer without what does not change its meaning.

    Case, spaces, forms of one Unicode character, a leading article, quotes and emphasis around it, punctuation at
    its end, hyphens within words and commas between thousands go; signs and points of numbers, and symbols that
    tell names apart (``C``, ``C++``, ``C#``), stay.
    """
    text = unicodedata.normalize("NFKC", text).translate(_CHARACTERS).casefold()
    text = _HYPHEN.sub(" ", _THOUSANDS.sub("", _TEXT.sub(r"\1", text)))
    text = _stripped(" ".join(text.split()))
    for _ in range(_WRAPPED_AT_MOST):
        inside = _stripped(_unwrapped(text))
        if inside == text:
            break
        text = inside
    return _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text


def words(text: str) -> list[str]:
    """The words of a text in one spelling, without articles."""
    return [word for word in _WORD.findall(normalise(text)) if word not in _ARTICLES]


def _stripped(text: str) -> str:
    """Without spaces and punctuation at its end; looked for among its last characters only."""
    head, tail = text[:-64], text[-64:]
    return (head + _TRAILING.sub("", tail)).strip()


def _unwrapped(text: str) -> str:
    for opening, closing in _WRAPPERS:
        inside = text[len(opening) : -len(closing)]
        if len(text) > len(opening) + len(closing) and text.startswith(opening) and text.endswith(closing):
            if opening == "(" and ")" in inside:
                return text
            return inside
    return text
