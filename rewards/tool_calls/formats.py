"""The formats in which models write tool calls."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from rewards.tool_calls.call import Call, UnreadableCall
from rewards.tool_calls.pythonic import read_python_calls

_FENCED = re.compile(r"```[a-zA-Z_]*+\n")
_LOOKS_PYTHONIC = re.compile(r"\[?\s*+[^\W\d][\w.-]*+\(")
_ARGUMENTS = ("arguments", "parameters")


def hermes(text: str) -> list[Call]:
    """``<tool_call>{"name": ..., "arguments": {...}}</tool_call>`` for each call; text may stand around."""
    return [call for block in _tagged(text, "tool_call") for call in read_json_calls(block)]


def olmo3(text: str) -> list[Call]:
    """``<function_calls>``, a Python call on each line, ``</function_calls>``; other text may stand around it."""
    return [call for block in _tagged(text, "function_calls") for call in read_python_calls(block)]


def pythonic(text: str) -> list[Call]:
    """The whole response is ``[f(a=1), g()]``, or such calls below each other; anything else is no call."""
    whole = _unfenced(text)
    return read_python_calls(whole) if _LOOKS_PYTHONIC.match(whole) else []


def as_json(text: str) -> list[Call]:
    """The whole response is a JSON call, or a list of such; anything else is no call."""
    whole = _unfenced(text)
    return read_json_calls(whole) if whole[:1] in ("{", "[") else []


def auto(text: str) -> list[Call]:
    """Whichever format the response uses.

    Raises:
        UnreadableCall: It uses two, so that which calls are meant depends on who reads them.
    """
    tagged = [read for tag, read in (("tool_call>", hermes), ("function_calls>", olmo3)) if tag in text]
    if len(tagged) > 1:
        raise UnreadableCall("two formats of calls in one response")
    if tagged:
        return tagged[0](text)
    whole = _unfenced(text)
    if _LOOKS_PYTHONIC.match(whole):
        return pythonic(text)
    return as_json(text) if _names_a_tool(whole) else []


FORMATS: Mapping[str, Callable[[str], list[Call]]] = {
    "auto": auto,
    "hermes": hermes,
    "olmo3": olmo3,
    "pythonic": pythonic,
    "json": as_json,
}
"""What a recipe may name; each reads an answer, and raises `UnreadableCall`."""


def read_json_calls(text: str) -> list[Call]:
    """A call ``{"name": ..., "arguments": {...}}``, or a list of them.

    ``parameters`` may stand for ``arguments``, which may also be a text that holds the object; OpenAI's
    ``{"type": "function", "function": {...}}`` and ``{"tool_calls": [...]}`` around calls are seen through.

    Raises:
        UnreadableCall: It is no JSON or has another form.
    """
    value = _json(text)
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    return [_call(each) for each in (value if isinstance(value, list) else [value])]


def _call(value: Any) -> Call:
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise UnreadableCall(f'expected {{"name": ..., "arguments": {{...}}}}, got {type(value).__name__}')
    given = [name for name in _ARGUMENTS if name in value]
    if len(given) > 1:
        raise UnreadableCall("a call has both arguments and parameters")
    arguments = value[given[0]] if given else {}
    if isinstance(arguments, str):
        arguments = _json(arguments)
    if not isinstance(arguments, dict):
        raise UnreadableCall(f"arguments must be an object, got {type(arguments).__name__}")
    return Call(value["name"], arguments)


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableCall(f"no JSON: {error}"[:200]) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableCall("a key is given twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise UnreadableCall(f"{constant} is no JSON number")


def _tagged(text: str, name: str) -> list[str]:
    """What stands in each pair of tags."""
    opening, closing = f"<{name}>", f"</{name}>"
    first, *parts = text.split(opening)
    blocks = []
    if closing in first:
        raise UnreadableCall(f"{closing} without {opening}")
    for part in parts:
        block, closed, after = part.partition(closing)
        if not closed or closing in after:
            raise UnreadableCall(f"{opening} and {closing} do not pair up")
        blocks.append(block)
    return blocks


def _unfenced(text: str) -> str:
    """The response without the code fence around it, if it has one."""
    whole = text.strip()
    fence = _FENCED.match(whole)
    if fence is not None and whole.endswith("```") and len(whole) >= fence.end() + 3:
        return whole[fence.end() : -3].strip()
    return whole


def _names_a_tool(text: str) -> bool:
    """Whether a text sets out as a JSON call does, and not as other JSON or prose in brackets."""
    return text[:1] in ("{", "[") and re.search(r'"(?:name|tool_calls|function)"\s*+:', text) is not None
