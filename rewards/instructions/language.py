"""Which language a text is in, as langdetect guesses it: the same guess for the same text each time."""

from functools import cache
from typing import Any

MAX_CHARS = 10_000
"""As much as langdetect looks at."""


def is_in(text: str, language: str) -> bool:
    """Whether the text is in a language (an ISO 639-1 code; ``zh`` stands for both scripts).

    A text without letters is in no language. Upper case is lowered first: langdetect takes words in capitals for
    abbreviations and hardly looks at them.
    """
    factory = _factory()
    detector = factory.create()
    detector.append(text[:MAX_CHARS].lower())
    try:
        found = str(detector.detect())
    except _no_language():
        return False
    return found == language or found.partition("-")[0] == language


@cache
def _factory() -> Any:
    """Loads the profiles of all languages."""
    from langdetect import detector_factory

    detector_factory.init_factory()
    factory = detector_factory._factory
    factory.seed = 0
    return factory


def _no_language() -> type[Exception]:
    from langdetect import LangDetectException

    return LangDetectException


def warm_up() -> None:
    _factory()
