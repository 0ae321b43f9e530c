"""Turns a recipe's validation errors into lines that say where, what, and the nearest right key."""

import difflib
import types
import typing
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, root: type[BaseModel], origin: str) -> str:
    """One line per error: ``origin: a.b.c: what is wrong``."""
    return "\n".join(f"{origin}: {line}" for line in _lines(error, root))


def _lines(error: ValidationError, root: type[BaseModel]) -> Iterator[str]:
    for problem in error.errors():
        location = tuple(str(part) for part in problem["loc"])
        where = ".".join(location)
        match problem["type"]:
            case "extra_forbidden":
                keys = _keys_at(root, location[:-1])
                near = difflib.get_close_matches(location[-1], keys, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(sorted(keys))}"
                yield f"{where}: unknown key; {hint}"
            case "missing":
                yield f"{where}: missing; it has no default"
            case _:
                yield f"{where}: {problem['msg'].lower()}, got {problem['input']!r}"


def _keys_at(root: type[BaseModel], location: tuple[str, ...]) -> list[str]:
    model = root
    for part in location:
        field = model.model_fields.get(part)
        if field is None:
            continue  # the place in a list, or a name in a mapping
        inner = _model_in(field.annotation)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for argument in typing.get_args(annotation):
            if (model := _model_in(argument)) is not None:
                return model
    return None
