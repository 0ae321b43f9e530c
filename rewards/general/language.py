"""The verifier ``language``: is a response written in the language that was asked for?"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rewards.general.reading import NoAnswerError, Reader
from rewards.registry import nearest, verifier
from rewards.verdict import Verdict

SCRIPTS = {
    "arabic": ("ARABIC",),
    "armenian": ("ARMENIAN",),
    "bengali": ("BENGALI",),
    "cyrillic": ("CYRILLIC",),
    "devanagari": ("DEVANAGARI",),
    "ethiopic": ("ETHIOPIC",),
    "georgian": ("GEORGIAN",),
    "greek": ("GREEK",),
    "gujarati": ("GUJARATI",),
    "han": ("CJK", "KANGXI"),
    "hangul": ("HANGUL",),
    "hebrew": ("HEBREW",),
    "japanese": ("CJK", "KANGXI", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"),
    "kannada": ("KANNADA",),
    "khmer": ("KHMER",),
    "korean": ("HANGUL", "CJK"),
    "lao": ("LAO",),
    "latin": ("LATIN",),
    "malayalam": ("MALAYALAM",),
    "myanmar": ("MYANMAR",),
    "sinhala": ("SINHALA",),
    "tamil": ("TAMIL",),
    "telugu": ("TELUGU",),
    "thai": ("THAI",),
}
"""First words of the Unicode names of a script's letters."""

_NO_LANGUAGE = re.compile(
    r"^[ \t]*```.*?^[ \t]*```|`[^`\n]*`|\$\$[^$]*\$\$|\$[^$\n]*\$|https?://\S+|\\[A-Za-z]+|</?\w{1,20}>",
    re.DOTALL | re.MULTILINE,
)
_SENTENCE = re.compile(r"[^.!?。!?\n]*[.!?。!?\n]*")
_SHORTEST_SEGMENT = 40
"""Letters below which a detector guesses; shorter sentences are read together with the next ones."""


@verifier("language", isolated=False)
class LanguageVerifier:
    """The share of a response's letters that are in the language or script asked for, from 0 to 1.

    Code blocks, formulas, links and tags belong to no language. It says nothing of correctness.

    Args:
        script: A name of `SCRIPTS`, such as ``latin``, ``cyrillic``, ``han``, ``japanese``.
        language: A code of ISO 639-1, such as ``en``, told by the detector py3langid from each few sentences.
            Below 40 letters it only guesses: ask for a script where responses are short.
        thinking: Opening and closing tag of thinking blocks, which are left out; by default they count too.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.

    Raises:
        ValueError: Not exactly one of ``script`` and ``language``, or one that is not known.
    """

    def __init__(
        self,
        *,
        script: str | None = None,
        language: str | None = None,
        thinking: Sequence[str] | None = None,
        starts_thinking: bool = False,
        max_chars: int = 200_000,
    ) -> None:
        if (script is None) == (language is None):
            raise ValueError("give exactly one of script and language")
        if script is not None and script not in SCRIPTS:
            near = nearest(str(script), SCRIPTS)
            raise ValueError(f'script: there is none named "{script}"{near} Scripts: {", ".join(SCRIPTS)}')
        if language is not None and language not in _detector_languages():
            known = _detector_languages()
            raise ValueError(
                f'language: the detector knows none "{language}"{nearest(str(language), known)} '
                f"Languages: {', '.join(known)}"
            )
        self._script = script
        self._language = language
        self._reader = Reader(thinking, starts_thinking, max_chars)

    def warm_up(self) -> None:
        if self._language is not None:
            _detector()

    def verify(self, response: str) -> Verdict:
        try:
            text = _NO_LANGUAGE.sub(" ", self._reader.read(response))
        except NoAnswerError as error:
            return Verdict(0.0, reason=error.reason)
        letters = sum(map(str.isalpha, text))
        if not letters:
            return Verdict(0.0, reason="no_letters")
        if self._script is not None:
            share = (
                sum(_script_of(letter) in SCRIPTS[self._script] for letter in text if letter.isalpha()) / letters
            )
        else:
            share = sum(count for count, code in _segments(text) if code == self._language) / letters
        return Verdict(share, reason="scored", metrics={"letters": float(letters)})


def _segments(text: str) -> list[tuple[int, str]]:
    """Each few sentences: how many letters they have, and their language."""
    pieces: list[tuple[int, list[str]]] = [(0, [])]
    for match in _SENTENCE.finditer(text):
        if pieces[-1][0] >= _SHORTEST_SEGMENT:
            pieces.append((0, []))
        letters, sentences = pieces[-1]
        sentences.append(match[0])
        pieces[-1] = (letters + sum(map(str.isalpha, match[0])), sentences)
    if len(pieces) > 1 and pieces[-1][0] < _SHORTEST_SEGMENT:
        letters, sentences = pieces.pop()
        pieces[-1] = (pieces[-1][0] + letters, pieces[-1][1] + sentences)
    return [(letters, _detected("".join(sentences))) for letters, sentences in pieces]


@lru_cache(maxsize=65_536)
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _detector_languages() -> tuple[str, ...]:
    """All codes that the detector tells apart."""
    return tuple(sorted(_detector().labels))


def _detected(text: str) -> str:
    return str(_detector().classify(text)[0])


@lru_cache(maxsize=1)
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
