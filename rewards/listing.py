"""Every verifier that can be named without a path, and where it comes from."""

import inspect
from importlib.metadata import entry_points
from typing import Any

from rewards.errors import VerifierError
from rewards.registry import BUILT_IN, ENTRY_POINT_GROUP, find_target, known_names
from rewards.verifier import BASE_PATH


def listed() -> list[dict[str, Any]]:
    """One row for each: ``name, source, scope, isolated, settings, summary``.

    A verifier that fails at import is a row too, whose summary tells why.
    """
    return [_row(name) for name in known_names()]


def _row(name: str) -> dict[str, Any]:
    row = {"name": name, "source": _source(name)}
    try:
        target = find_target(name)
    except (VerifierError, ImportError) as error:
        return {**row, "scope": "", "isolated": None, "settings": [], "summary": f"cannot be loaded: {error}"}
    return {
        **row,
        "scope": getattr(target, "scope", "sample"),
        "isolated": getattr(target, "isolated", True),
        "settings": _settings(target),
        "summary": (inspect.getdoc(target) or "").partition("\n")[0],
    }


def _source(name: str) -> str:
    if name in BUILT_IN:
        return f"built in ({BUILT_IN[name]})"
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        package = "" if point.dist is None else f", package {point.dist.name}"
        return f"entry point {point.value}{package}"
    target = find_target(name)
    return f"registered in {target.__module__}"


def _settings(target: Any) -> list[str]:
    """What a recipe may set; the folder that relative paths start from is the loader's to give."""
    parameters = inspect.signature(target).parameters.values()
    if inspect.isclass(target):
        return [p.name for p in parameters if p.name != BASE_PATH]
    return [p.name for p in parameters if p.default is not p.empty and p.kind is not p.VAR_KEYWORD]
