"""Suites by name: ``@suite("name", "what it asks")`` on a function that builds it."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from base_training.errors import InputError
from rlvr.evaluation.suite import Suite


@dataclass(frozen=True, slots=True)
class Options:
    """What a suite is built by.

    Attributes:
        data: The folder that data sets are looked for in first.
        chat: Whether the model takes conversations, or plain text.
        argument: What follows the slash in its name, such as the task of ``reasoning_gym/chain_sum``.
    """

    data: Path | None = None
    chat: bool = False
    argument: str = ""


Builder = Callable[[Options], Suite]


@dataclass(frozen=True, slots=True)
class Registered:
    """A suite that can be named.

    Attributes:
        build: Makes it.
        about: What it asks, on one line.
        argument: What must follow the slash; empty where nothing may, in brackets where it may be left out.
    """

    build: Builder
    about: str
    argument: str


_suites: dict[str, Registered] = {}


def suite(name: str, about: str, argument: str = "") -> Callable[[Builder], Builder]:
    """Register the builder of a suite.

    Raises:
        ValueError: The name is taken.
    """

    def register(build: Builder) -> Builder:
        if name in _suites:
            raise ValueError(f"a suite named {name!r} is registered already")
        _suites[name] = Registered(build, about, argument)
        return build

    return register


def listed() -> list[tuple[str, str]]:
    """Every suite as it is named, and what it asks."""
    return [
        (f"{name}/{one.argument}" if one.argument else name, one.about) for name, one in sorted(_suites.items())
    ]


def build_suite(name: str, options: Options) -> Suite:
    """Build a suite by its name.

    Raises:
        InputError: There is no such suite, or its data is not here or has other fields.
    """
    base, _, argument = name.partition("/")
    found = _suites.get(base)
    if found is None:
        near = get_close_matches(base, [*_suites, "run"], 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(_suites))}, run, lm_eval/TASK"
        raise InputError(f"no suite {name!r}: {hint}; or give the path of a suite's YAML file")
    if argument and not found.argument:
        raise InputError(f"suite {name!r}: {base} takes nothing after a slash")
    if not argument and found.argument and not found.argument.startswith("["):
        raise InputError(f"suite {name!r}: name one, as {base}/{found.argument}")
    return found.build(Options(options.data, options.chat, argument))
