"""The calls that a label allows, and whether given calls are those.

The rules are those of the Berkeley Function-Calling Leaderboard (Patil et al. 2025) for Python: an argument may
have any of its listed values; the value ``""`` in the list says that it may be left out; texts are compared
without case, blanks and ``,./-_*^``; an int may stand for a float and not the other way round.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rewards.tool_calls.call import Call

LEFT_OUT = ""

_IGNORED = re.compile(r"[ ,./\-_*^]")
_NUMERIC = re.compile(r"[-+]?\d+(?:\.\d+)?")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "int": (int,),
    "float": (int, float),
    "number": (int, float),
    "double": (int, float),
    "string": (str,),
    "str": (str,),
    "boolean": (bool,),
    "bool": (bool,),
    "array": (list,),
    "list": (list,),
    "tuple": (list,),
    "dict": (dict,),
    "object": (dict,),
}
_FLOATS = frozenset({"float", "number", "double"})

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """One call that is asked for.

    Attributes:
        name: The tool's name.
        arguments: The values that each argument may have.
        schema: The tool's description of its arguments (JSON Schema), empty where the label has none.
    """

    name: str
    arguments: Mapping[str, Sequence[Any]]
    schema: Schema


@dataclass(frozen=True, slots=True)
class PossibleAnswers:
    """What a label asks for.

    Attributes:
        calls: The calls that are asked for; none where the response must not call a tool.
        ordered: Whether they must come in this order.
    """

    calls: tuple[Expected, ...]
    ordered: bool


def read_label(label: Any) -> PossibleAnswers:
    """A list ``[{tool: {argument: [value, ...]}}, ...]``, or an object with it as ``possible_answer``, and with
    ``functions`` (descriptions of tools) and ``ordered``; also as JSON text.

    Raises:
        ValueError: It has another form.
    """
    if isinstance(label, str):
        try:
            label = json.loads(label)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the label is a text that is no JSON: {error}"[:300]) from error
    if not isinstance(label, Mapping):
        label = {"possible_answer": label}
    unknown = set(label) - {"possible_answer", "functions", "ordered"}
    if unknown or "possible_answer" not in label:
        raise ValueError(
            f"the label has possible_answer and may have functions and ordered, got {sorted(map(str, label))}"
        )
    answers, ordered = label["possible_answer"], label.get("ordered", False)
    if not isinstance(answers, list):
        raise ValueError(f"possible_answer must be a list of calls, got {answers!r}"[:300])
    if not isinstance(ordered, bool):
        raise ValueError(f"ordered must be true or false, got {ordered!r}")
    schemas = _schemas(label.get("functions") or [])
    return PossibleAnswers(tuple(_expected(answer, schemas) for answer in answers), ordered)


def _expected(answer: Any, schemas: Mapping[str, Schema]) -> Expected:
    if not isinstance(answer, Mapping) or len(answer) != 1:
        raise ValueError(f"each call must be an object {{tool: {{argument: [value, ...]}}}}, got {answer!r}"[:300])
    [(name, arguments)] = answer.items()
    if not isinstance(arguments, Mapping) or not all(isinstance(values, list) for values in arguments.values()):
        raise ValueError(f"{name}: each argument needs a list of possible values, got {arguments!r}"[:300])
    open_ones = [argument for argument, values in arguments.items() if not values]
    if open_ones:
        raise ValueError(
            f'{name}: no value is possible for {", ".join(open_ones)}; write [""] for what is left out'
        )
    if schemas and name not in schemas:
        raise ValueError(f"{name} is not one of the label's functions {', '.join(schemas)}")
    return Expected(name, arguments, schemas.get(name, {}))


def _schemas(functions: Any) -> dict[str, Schema]:
    found = {}
    for description in functions if isinstance(functions, list) else [functions]:
        function = description.get("function", description) if isinstance(description, Mapping) else {}
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise ValueError(f"functions must be descriptions with a name, got {description!r}"[:300])
        found[function["name"]] = function.get("parameters") or {}
    return found


def difference(calls: Sequence[Call], answers: PossibleAnswers) -> str | None:
    """What is wrong with the calls, in one word; None where they are those that are asked for."""
    if not answers.calls:
        return "unexpected_call" if calls else None
    if not calls:
        return "no_call"
    if len(calls) != len(answers.calls):
        return "wrong_count"
    if len(calls) == 1 or answers.ordered:
        return next(filter(None, map(_call_difference, calls, answers.calls)), None)
    return None if _pair_up(calls, answers.calls) else _unordered_difference(calls, answers.calls)


def _pair_up(calls: Sequence[Call], asked: Sequence[Expected]) -> bool:
    """Whether each call can be given to another one that is asked for (by augmenting paths)."""
    fits = [[at for at, call in enumerate(calls) if _call_difference(call, each) is None] for each in asked]
    taken_by: dict[int, int] = {}

    def place(each: int, tried: set[int]) -> bool:
        for at in fits[each]:
            if at not in tried:
                tried.add(at)
                if at not in taken_by or place(taken_by[at], tried):
                    taken_by[at] = each
                    return True
        return False

    return all(place(each, set()) for each in range(len(asked)))


def _unordered_difference(calls: Sequence[Call], asked: Sequence[Expected]) -> str:
    """For a reason: what is wrong with a call of the right name."""
    for call in calls:
        found = [_call_difference(call, each) for each in asked]
        if None not in found:
            return next((reason for reason in found if reason and reason != "wrong_function"), "wrong_function")
    return "wrong_value"


def _call_difference(call: Call, asked: Expected) -> str | None:
    if call.name != asked.name:
        return "wrong_function"
    for name, values in asked.arguments.items():
        if name not in call.arguments and LEFT_OUT not in values:
            return "missing_argument"
    if any(name not in call.arguments for name in asked.schema.get("required") or ()):
        return "missing_argument"
    properties = asked.schema.get("properties") or {}
    for name, value in call.arguments.items():
        if name not in asked.arguments or (properties and name not in properties):
            return "unexpected_argument"
        schema = properties.get(name) or {}
        if any(_equal(value, option, schema) for option in asked.arguments[name]):
            continue
        return "wrong_value" if _fits_a_type(value, asked.arguments[name], schema) else "wrong_type"
    return None


def _equal(value: Any, option: Any, schema: Schema, listed: bool = True) -> bool:
    """Whether a value is this option. An object's values are listed as an argument's are; those of an object
    within an object are not."""
    if isinstance(option, bool) or option is None:
        return value is option
    if isinstance(option, str):
        return isinstance(value, str) and _same_text(value, option)
    if isinstance(option, int | float):
        return _same_number(value, option, schema)
    if isinstance(option, Mapping):
        return isinstance(value, Mapping) and _same_object(value, option, schema, listed)
    items = schema.get("items") or {}
    return (
        isinstance(value, list)
        and len(value) == len(option)
        and all(_equal(each, other, items, listed) for each, other in zip(value, option, strict=True))
    )


def _same_number(value: Any, option: float, schema: Schema) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != option:
        return False
    return isinstance(value, int) or isinstance(option, float) or schema.get("type") in _FLOATS


def _same_object(value: Mapping[str, Any], option: Mapping[str, Any], schema: Schema, listed: bool) -> bool:
    if any(key not in option for key in value):
        return False
    properties = schema.get("properties") or {}
    for key, inner in option.items():
        values = inner if listed and isinstance(inner, list) else [inner]
        if key not in value:
            if not listed or LEFT_OUT not in values:
                return False
        elif not any(_equal(value[key], each, properties.get(key) or {}, listed=False) for each in values):
            return False
    return True


def _same_text(text: str, other: str) -> bool:
    """Whether only case, blanks and ``,./-_*^`` differ. The marks count where texts are numbers or nothing else:
    -5 is not 5, 1.5 is not 15, and "-" does not stand for a text that is left empty."""
    if text == other:
        return True
    if _NUMERIC.fullmatch(text.strip()) and _NUMERIC.fullmatch(other.strip()):
        return Decimal(text.strip()) == Decimal(other.strip())
    plain = _plain(text)
    return bool(plain) and plain == _plain(other)


def _plain(text: str) -> str:
    return _IGNORED.sub("", text).lower().replace("'", '"')


def _fits_a_type(value: Any, options: Sequence[Any], schema: Schema) -> bool:
    """Whether the value has the type of the tool's description or of a possible answer."""
    types = _TYPES.get(str(schema.get("type")), ())
    types += tuple(type(option) for option in options if option != LEFT_OUT)
    return type(value) in types
