"""Python values as data: what passes between the code under test and its tests.

Only plain data passes: numbers, text, bytes, and containers of them, each rebuilt from its contents as the exact
built-in type. Anything else stays where it is and passes as a number that refers to it. So a value that the code
under test returns cannot bring along an ``__eq__`` of its own.

A value is JSON: None, a bool, text, a small integer, a float, or a list that starts with a tag.
"""

import collections
import importlib
from collections.abc import Callable
from typing import Any

_SMALL = 2**53


class GarbledError(Exception):
    """What came is no value."""


class Unsendable(Exception):
    """A value that cannot pass."""


Refer = Callable[[Any], list[Any]]
Resolve = Callable[[list[Any]], Any]


def encode(value: Any, refer: Refer) -> Any:
    """A value as JSON.

    Args:
        value: What to encode.
        refer: Gives the reference (``["h", number]`` or ``["c", number]``) of what is no data.

    Raises:
        RecursionError: It is nested too deep, or contains itself.
    """
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str or kind is float:
        return value
    if kind is int:
        return value if -_SMALL < value < _SMALL else ["i", hex(value)]
    if kind is list or kind is tuple or kind is set or kind is frozenset or kind is collections.deque:
        return [_SEQUENCES[kind], *[encode(item, refer) for item in value]]
    if kind in _MAPPINGS:
        return [_MAPPINGS[kind], *[[encode(key, refer), encode(item, refer)] for key, item in value.items()]]
    if kind is type and value in _TYPES:
        return ["ty", value.__name__]
    if kind in _ATOMS:
        tag, parts = _ATOMS[kind]
        return [tag, *[encode(part, refer) for part in parts(value)]]
    atom = _LIBRARY_ATOMS.get((kind.__module__, kind.__qualname__))
    if atom is not None:
        return [atom[0], *[encode(part, refer) for part in atom[1](value)]]
    return _encode_kin(value, refer)


def decode(message: Any, resolve: Resolve) -> Any:
    """The value of one JSON message.

    Args:
        message: As `encode` made it, or anything that a hostile sender thinks up.
        resolve: Gives what a reference refers to.

    Raises:
        GarbledError: It is no value.
    """
    try:
        return _decode(message, resolve)
    except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, RecursionError) as error:
        raise GarbledError(f"no value: {type(error).__name__}: {error}") from error


def _decode(message: Any, resolve: Resolve) -> Any:
    if not isinstance(message, list):
        if isinstance(message, dict):
            raise GarbledError("no value: an object")
        return message
    tag, *parts = message
    if tag in ("h", "c", "x"):
        return resolve(message)
    if tag == "i":
        return int(parts[0], 16)
    if tag in _BUILD_SEQUENCE:
        return _BUILD_SEQUENCE[tag](_decode(part, resolve) for part in parts)
    if tag in _BUILD_MAPPING:
        return _BUILD_MAPPING[tag]({_decode(key, resolve): _decode(item, resolve) for key, item in parts})
    return _BUILD_ATOM[tag](*[_decode(part, resolve) for part in parts])


def _encode_kin(value: Any, refer: Refer) -> Any:
    """Values of subclasses count as what they hold; scalars of numpy as Python's."""
    for base in _SCALARS:
        if isinstance(value, base):
            return encode(base.__getnewargs__(value)[0], refer)  # the value itself, whatever the subclass says
    if isinstance(value, tuple):
        return ["t", *[encode(item, refer) for item in tuple.__iter__(value)]]
    if isinstance(value, list):
        return ["l", *[encode(item, refer) for item in list.__iter__(value)]]
    if isinstance(value, dict):
        return ["d", *[[encode(key, refer), encode(item, refer)] for key, item in dict.items(value)]]
    if isinstance(value, set | frozenset):
        return ["s" if isinstance(value, set) else "fs", *[encode(item, refer) for item in iter(value)]]
    if type(value).__module__ == "numpy" and hasattr(value, "item") and not hasattr(value, "__len__"):
        return encode(value.item(), refer)
    return refer(value)


_SCALARS: tuple[Any, ...] = (str, float, int, bytes)
_TYPES = frozenset({int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset, type(None), object})
_SEQUENCES: dict[type, str] = {list: "l", tuple: "t", set: "s", frozenset: "fs", collections.deque: "dq"}
_MAPPINGS: dict[type, str] = {
    dict: "d",
    collections.OrderedDict: "od",
    collections.Counter: "cn",
    collections.defaultdict: "d",
}
_ATOMS: dict[type, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    bytes: ("b", lambda value: (value.hex(),)),
    bytearray: ("ba", lambda value: (value.hex(),)),
    complex: ("z", lambda value: (value.real, value.imag)),
    range: ("r", lambda value: (value.start, value.stop, value.step)),
    slice: ("sl", lambda value: (value.start, value.stop, value.step)),
    type({}.keys()): ("dk", lambda value: (list(value),)),
    type({}.values()): ("dv", lambda value: (list(value),)),
    type({}.items()): ("di", lambda value: (list(value),)),
    type(Ellipsis): ("...", lambda value: ()),
}
_LIBRARY_ATOMS: dict[tuple[str, str], tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    ("decimal", "Decimal"): ("D", lambda value: (str(value),)),
    ("fractions", "Fraction"): ("F", lambda value: (value.numerator, value.denominator)),
    ("datetime", "datetime"): ("dt", lambda value: (value.isoformat(),)),
    ("datetime", "date"): ("da", lambda value: (value.isoformat(),)),
    ("datetime", "time"): ("ti", lambda value: (value.isoformat(),)),
    ("datetime", "timedelta"): ("td", lambda value: (value.days, value.seconds, value.microseconds)),
}
"""By name: these modules are imported only where such a value comes up."""

_BUILD_SEQUENCE: dict[Any, Callable[[Any], Any]] = {
    "l": list,
    "t": tuple,
    "s": set,
    "fs": frozenset,
    "dq": collections.deque,
}
_BUILD_MAPPING: dict[Any, Callable[[Any], Any]] = {
    "d": dict,
    "od": collections.OrderedDict,
    "cn": collections.Counter,
}
_BUILD_ATOM: dict[Any, Callable[..., Any]] = {
    "ty": {kind.__name__: kind for kind in _TYPES}.__getitem__,
    "b": bytes.fromhex,
    "ba": bytearray.fromhex,
    "z": complex,
    "r": range,
    "sl": slice,
    "dk": lambda keys: dict.fromkeys(keys).keys(),
    "dv": lambda values: dict(enumerate(values)).values(),
    "di": lambda items: dict(items).items(),
    "D": lambda text: importlib.import_module("decimal").Decimal(text),
    "F": lambda above, below: importlib.import_module("fractions").Fraction(above, below),
    "dt": lambda text: importlib.import_module("datetime").datetime.fromisoformat(text),
    "da": lambda text: importlib.import_module("datetime").date.fromisoformat(text),
    "ti": lambda text: importlib.import_module("datetime").time.fromisoformat(text),
    "td": lambda *parts: importlib.import_module("datetime").timedelta(*parts),
    "...": lambda: ...,
}
