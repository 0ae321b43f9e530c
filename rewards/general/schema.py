"""JSON in a response, and whether it is what a JSON Schema asks for."""

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_FENCE = re.compile(r"^[ \t]*```[ \t]*(?:json|JSON)?[ \t]*\n(.*?)^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_DEEPEST = 64

Schema = Mapping[str, Any] | bool


class UnreadableJSONError(ValueError):
    """The text is not one JSON value."""


def read_schema(label: Any) -> Schema:
    """The schema that a label gives, as an object or as its JSON.

    Raises:
        ValueError: It is no valid schema.
    """
    try:
        return _checked(label if isinstance(label, str) else json.dumps(label))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"the label must be a JSON Schema, but it is not JSON: {error}") from error


@lru_cache(maxsize=1024)
def _checked(text: str) -> Schema:
    from jsonschema.exceptions import SchemaError

    try:
        schema = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the label must be a JSON Schema, but it is not JSON: {error}") from error
    if not isinstance(schema, dict | bool):
        raise ValueError(f"the label must be a JSON Schema (an object), got {type(schema).__name__}")
    try:
        _dialect(schema).check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"the label is no valid JSON Schema: {error.message} at {error.json_path}") from error
    return schema


def conforms(value: Any, schema: Schema) -> bool:
    """Whether a value is what the schema asks for. References to other documents are never fetched.

    Raises:
        ValueError: The schema refers to something that is not in it, or to itself without end.
    """
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        return bool(_dialect(schema)(schema, registry=Registry()).is_valid(value))
    except Unresolvable as error:
        raise ValueError(f"the schema refers to {error.ref}, which is not in it") from error
    except RecursionError as error:
        raise ValueError("the schema refers to itself without end") from error
    except ArithmeticError:
        return False


def read_json(text: str) -> Any:
    """The one JSON value of a text: its only fenced block, or the whole text.

    Raises:
        UnreadableJSONError: There is none, there are several, a key stands twice, a number is none of JSON's or
            too large for a float, or it is nested too deeply.
    """
    blocks = _FENCE.findall(text)
    if len(blocks) > 1:
        raise UnreadableJSONError("several blocks")
    try:
        value = json.loads(
            blocks[0] if blocks else text,
            parse_constant=_finite,
            parse_float=_finite,
            object_pairs_hook=_without_twins,
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableJSONError(str(error)) from error
    _check_depth(value)
    return value


def _dialect(schema: Schema) -> Any:
    """The validator for the draft that the schema names, or else for the newest."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    return validator_for(schema, default=Draft202012Validator)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnreadableJSONError(f"{text[:20]} is no number of JSON's")
    return number


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise UnreadableJSONError("a key stands twice")
    return result


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise UnreadableJSONError(f"nested more than {_DEEPEST} levels deep")
