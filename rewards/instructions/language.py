"""Which language a text is in, as langdetect guesses it: the same guess for the same text each time."""

from functools import cache
from typing import Any

from rewards.instructions.english import is_common

MAX_CHARS = 10_000
"""As much as langdetect looks at."""

SHORT_CHARS = 60
"""Up to this length a language that is merely likely counts too: guesses at so little are often off."""

_LIKELY = 0.1


def is_in(text: str, language: str) -> bool:
    """Whether the text is in a language (an ISO 639-1 code; ``zh`` stands for both scripts).

    A text without letters is in no language. Upper case is lowered first: langdetect takes words in capitals for
    abbreviations and hardly looks at them. English is also known by its common words.
    """
    from langdetect import LangDetectException

    detector = _factory().create()
    detector.append(text[:MAX_CHARS].lower())
    try:
        guesses = detector.get_probabilities()
    except LangDetectException:
        return False
    likely = guesses if len(text) <= SHORT_CHARS else guesses[:1]
    if any(language in (guess.lang, guess.lang.partition("-")[0]) and guess.prob >= _LIKELY for guess in likely):
        return True
    return language == "en" and is_common(text[:MAX_CHARS])


@cache
def _factory() -> Any:
    """Loads the profiles of all languages."""
    from langdetect import detector_factory

    detector_factory.init_factory()
    factory = detector_factory._factory
    factory.seed = 0
    return factory


def warm_up() -> None:
    _factory()
