"""What a corpus is drawn from: sources of documents, by name for those that make them up."""

import difflib
import random
from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeVar

from pydantic import ValidationError

from base_training.config import Section
from base_training.errors import InputError

Part = Literal["train", "held_out"]
"""Documents to learn from, or to measure the loss on; no document belongs to both."""


class DocumentSource(Protocol):
    """Draws documents of one kind."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that the documents depend on, in hexadecimal."""

    def document(self, part: Part, rng: random.Random) -> str:
        """One document, decided by the state of ``rng`` alone."""


S = TypeVar("S", bound=Section)
_generators: dict[str, tuple[type[Section], Callable[[Any], DocumentSource]]] = {}


def generator(name: str, settings: type[S]) -> Callable[[Callable[[S], Any]], Callable[[S], Any]]:
    """Register a source that makes its documents up; what is decorated takes its validated settings.

    Raises:
        ValueError: The name is taken.
    """

    if name in _generators:
        raise ValueError(f"a corpus generator named {name!r} is registered already")

    def register(make: Callable[[S], Any]) -> Callable[[S], Any]:
        _generators[name] = (settings, make)
        return make

    return register


def make_generator(name: str, settings: dict[str, object]) -> DocumentSource:
    """The source that a recipe names.

    Raises:
        InputError: An unknown name, or settings that it does not take.
    """
    if name not in _generators:
        raise InputError(f"data.generator: no generator {name!r}; there are {', '.join(sorted(_generators))}")
    kind, make = _generators[name]
    try:
        return make(kind.model_validate(settings))
    except ValidationError as error:
        raise InputError("\n".join(_explained(detail, kind) for detail in error.errors())) from error


def _explained(detail: Any, kind: type[Section]) -> str:
    where = ".".join(("data.settings", *map(str, detail["loc"])))
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(detail["loc"][-1]), kind.model_fields, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(sorted(kind.model_fields))}"
        return f"{where}: unknown key; {hint}"
    return f"{where}: {detail['msg'].lower()}, got {detail['input']!r}"
