"""Where verifiers are found: by registered name, file, module or entry point.

A plug-in needs nothing but a function::

    from rewards.verifier import verifier

    @verifier("even")
    def even(response, label, *, problem):
        return int(response) % 2 == 0
"""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar

from rewards.errors import VerifierError

ENTRY_POINT_GROUP = "rlvr.verifiers"

BUILT_IN = {
    "code": "rewards.code.verifier",
    "composite": "rewards.composite.verifier",
    "format": "rewards.general.format",
    "general": "rewards.general.match",
    "instructions": "rewards.instructions.verifier",
    "judge": "rewards.judge.verifier",
    "language": "rewards.general.language",
    "length": "rewards.general.length",
    "math": "rewards.math.verifier",
    "overlong": "rewards.general.length",
    "random": "rewards.general.random",
    "reasoning_gym": "rewards.conventions.reasoning_gym",
    "repetition": "rewards.general.repetition",
    "tool_calls": "rewards.tool_calls.verifier",
}
"""The module that registers each built-in name; it is imported when the name is first asked for."""

Scope = Literal["sample", "group"]
Target = TypeVar("Target", bound=Callable[..., Any])

_registered: dict[str, Callable[..., Any]] = {}


def verifier(name: str, *, scope: Scope | None = None, isolated: bool | None = None) -> Callable[[Target], Target]:
    """Registers a function or class as the verifier ``name``.

    Args:
        name: What recipes call it.
        scope: ``"group"`` where it needs all samples of a problem at once; ``"sample"`` by default.
        isolated: Whether it runs in a process of its own that is killed when it hangs (the default), or beside
            the caller. False is only for what cannot hang and cannot crash.

    Raises:
        VerifierError: Another verifier has that name.
    """

    def register(target: Target) -> Target:
        known = _registered.get(name)
        if known is not None and _origin(known) != _origin(target):
            raise VerifierError(
                f'two verifiers are named "{name}": {_origin(known)} and {_origin(target)}; rename one of them'
            )
        if scope is not None:
            target.scope = scope  # type: ignore[attr-defined]
        if isolated is not None:
            target.isolated = isolated  # type: ignore[attr-defined]
        _registered[name] = target
        return target

    return register


def find_target(target: str, base_path: str | Path | None = None) -> Callable[..., Any]:
    """The function or class that ``target`` names.

    Args:
        target: A registered name, ``path/to/file.py:name``, ``package.module:name``, or the name of an entry
            point in the group ``rlvr.verifiers``.
        base_path: The folder that a relative file path starts from; the working directory is tried after it.

    Raises:
        VerifierError: Nothing has that name; the message tells the nearest ones.
    """
    place, colon, name = target.rpartition(":")
    if colon and (place.endswith(".py") or "/" in place):
        return _attribute(_import_file(_locate(place, base_path, target)), name, place)
    if colon:
        return _attribute(_import_module(place, target), name, f"module {place}")
    if target.endswith(".py") or "/" in target:
        module = _import_file(_locate(target, base_path, target))
        raise VerifierError(f"verifier {target}: say which one, as {target}:NAME; it has {_listed(_own(module))}")
    return _by_name(target)


def known_names() -> list[str]:
    """Every name that can be asked for without a path: built in, registered so far, or an entry point."""
    return sorted({*BUILT_IN, *_registered, *(point.name for point in entry_points(group=ENTRY_POINT_GROUP))})


def nearest(name: str, choices: Iterable[str]) -> str:
    """Ends a sentence: with ``"; did you mean ...?"`` where a choice is close, else with a full stop."""
    close = get_close_matches(name, list(choices), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else "."


def _by_name(name: str) -> Callable[..., Any]:
    if name not in _registered and name in BUILT_IN:
        importlib.import_module(BUILT_IN[name])
    if name in _registered:
        return _registered[name]
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return _attribute(_import_module(point.module, name), point.attr, f"module {point.module}")
    names = known_names()
    raise VerifierError(
        f'no verifier is named "{name}"{nearest(name, names)} Known: {", ".join(names)}; '
        "or name one of your own as path/to/file.py:NAME or package.module:NAME"
    )


def _locate(place: str, base_path: str | Path | None, target: str) -> Path:
    tried = list(dict.fromkeys([(Path(base_path or ".") / place).resolve(), Path(place).resolve()]))
    for path in tried:
        if path.is_file():
            return path
    raise VerifierError(f"verifier {target}: there is no file {' or '.join(str(path) for path in tried)}")


def _import_file(path: Path) -> ModuleType:
    name = f"rlvr_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise VerifierError(f"verifier file {path} is not a Python source file")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except VerifierError:
        del sys.modules[name]
        raise
    except Exception as error:
        del sys.modules[name]
        raise VerifierError(f"verifier file {path} failed at import: {_told(error)}") from error
    return module


def _import_module(name: str, target: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except VerifierError:
        raise
    except Exception as error:
        raise VerifierError(f"verifier {target}: module {name} failed at import: {_told(error)}") from error


def _attribute(module: ModuleType, name: str, place: str) -> Callable[..., Any]:
    found = getattr(module, name, None)
    if found is None and name in _registered and _file(_registered[name]) == module.__file__:
        found = _registered[name]
    if found is None:
        own = _own(module)
        raise VerifierError(f'{place} has no "{name}"{nearest(name, own)} It has {_listed(own)}')
    if not callable(found) and not callable(getattr(found, "verify", None)):
        raise VerifierError(f"{place}:{name} is neither a function nor a class but {type(found).__name__}")
    return found


def _own(module: ModuleType) -> list[str]:
    """Public functions and classes that the module itself defines."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module.__name__
    ]


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "no function and no class"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _origin(target: Callable[..., Any]) -> str:
    """Where a verifier stands; the same for one file, imported by its path or as a module."""
    return f"{_file(target)}:{getattr(target, '__qualname__', type(target).__qualname__)}"


def _file(target: Callable[..., Any]) -> str:
    return getattr(sys.modules.get(target.__module__), "__file__", None) or target.__module__
