"""Problem sources by name: ``@source("name", Settings)`` on a function that yields questions."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from base_training.config import Section
from base_training.errors import InputError
from rollouts.config import SourceSection
from rollouts.problems.question import Question

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Source:
    """A registered source: its settings' type, the function from settings to questions, and whether that makes
    them by rules, so that they share their wording, rather than reads them from a data set."""

    settings: type[Section]
    questions: Callable[[Any, Path], Iterable[Question]]
    generated: bool


_sources: dict[str, Source] = {}


def source(
    name: str, settings: type[S], *, generated: bool = True
) -> Callable[[Callable[[S, Path], Iterable[Question]]], Callable[[S, Path], Iterable[Question]]]:
    """Register a problem source.

    The function takes its validated settings and the folder that relative paths start from; it yields its
    questions in an order that never changes. One that reads a data set is not ``generated``.

    Raises:
        ValueError: The name is taken.
    """

    def register(questions: Callable[[S, Path], Iterable[Question]]) -> Callable[[S, Path], Iterable[Question]]:
        if name in _sources:
            raise ValueError(f"a problem source named {name!r} is registered already")
        _sources[name] = Source(settings, questions, generated)
        return questions

    return register


def read_questions(section: SourceSection, base_path: Path = Path()) -> list[Question]:
    """All questions of a recipe's source.

    Raises:
        InputError: An unknown source, settings that it does not take, questions that it cannot read, none at all,
            or two with the same id.
    """
    found = _found(section)
    questions = list(found.questions(_validated(section, found.settings), base_path))
    if not questions:
        raise InputError(f"problems.source: {section.kind} has no problems with {section.settings}")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise InputError(f"problems.source: two problems have the id {question.id!r}; ids must be unique")
        seen.add(question.id)
    return questions


def is_generated(section: SourceSection) -> bool:
    """Whether a source makes its questions by rules; raises InputError where it is unknown."""
    return _found(section).generated


def _found(section: SourceSection) -> Source:
    found = _sources.get(section.kind)
    if found is None:
        raise InputError(
            f"problems.source.kind: no source {section.kind!r}; there are {', '.join(sorted(_sources))}"
        )
    return found


def _validated(section: SourceSection, settings: type[Section]) -> Section:
    try:
        return settings.model_validate(section.settings)
    except ValidationError as error:
        lines = (_explained(detail, section.kind, list(settings.model_fields)) for detail in error.errors())
        raise InputError("\n".join(lines)) from error


def _explained(detail: Any, kind: str, fields: list[str]) -> str:
    where = ".".join(("problems.source.settings", *map(str, detail["loc"])))
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(detail["loc"][-1]), fields, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"{kind} takes {', '.join(fields)}"
        return f"{where}: unknown key; {hint}"
    if detail["type"] == "missing":
        return f"{where}: missing; {kind} needs it"
    return f"{where}: {detail['msg'].lower()}, got {detail['input']!r}"
