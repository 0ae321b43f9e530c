"""Reads calls written as Python, ``f(a=1, b=["x"])``.

The grammar is closed: names, keyword arguments and literals. Nothing is looked up, computed or run, nesting is
bounded, and reading takes time that grows with the length only.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from rewards.tool_calls.call import Call, UnreadableCall

MAX_DEPTH = 24
"""How deep lists and dictionaries may nest."""

_TOKEN = re.compile(
    r"""\s*+(?:
        (?P<string>'{3}(?:[^'\\]|\\.|'(?!''))*+'{3} | "{3}(?:[^"\\]|\\.|"(?!""))*+"{3}
                 | '(?:[^'\\\n]|\\.)*+' | "(?:[^"\\\n]|\\.)*+")
      | (?P<number>[-+]?(?:\d[\d_]*+(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?)
      | (?P<name>[^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+)
      | (?P<mark>[()\[\]{},:=])
      | (?P<end>\Z))""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS = {"True": True, "False": False, "None": None, "true": True, "false": False, "null": None}


def read_python_calls(text: str) -> list[Call]:
    """Calls below each other, or in one list.

    Raises:
        UnreadableCall: The text has anything else in it, such as a positional argument or a variable.
    """
    reader = _Reader(text)
    calls = reader.separated(reader.call, "]") if reader.skip("[") else reader.calls_until_end()
    reader.expect_end()
    return calls


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._advance()

    def _advance(self) -> None:
        token = _TOKEN.match(self._text, self._at)
        if token is None or token.lastgroup is None:
            raise UnreadableCall(f"unexpected {self._text[self._at : self._at + 40].strip()!r}")
        self._kind, self._token, self._at = token.lastgroup, token[token.lastgroup], token.end()

    def _fail(self, expected: str) -> NoReturn:
        raise UnreadableCall(f"expected {expected}, got {self._token[:40]!r}")

    def _take(self, kind: str, expected: str) -> str:
        if self._kind != kind:
            self._fail(expected)
        token = self._token
        self._advance()
        return token

    def skip(self, mark: str) -> bool:
        """Goes past the mark, if it is next."""
        if (self._kind, self._token) != ("mark", mark):
            return False
        self._advance()
        return True

    def _expect(self, mark: str) -> None:
        if not self.skip(mark):
            self._fail(repr(mark))

    def expect_end(self) -> None:
        if self._kind != "end":
            self._fail("the end")

    def calls_until_end(self) -> list[Call]:
        calls = []
        while self._kind != "end":
            calls.append(self.call())
        return calls

    def separated(self, read: Callable[[], Any], closing: str) -> list[Any]:
        """Items between commas, until the closing mark; a comma may follow the last."""
        items: list[Any] = []
        while not self.skip(closing):
            if items:
                self._expect(",")
                if self.skip(closing):
                    break
            items.append(read())
        return items

    def call(self) -> Call:
        name = self._take("name", "the name of a tool")
        self._expect("(")
        return Call(name, _unique(self.separated(self._argument, ")")))

    def _argument(self) -> tuple[str, Any]:
        name = self._take("name", "the name of an argument")
        self._expect("=")
        return name, self._value()

    def _item(self) -> tuple[str, Any]:
        key = self._value()
        if not isinstance(key, str):
            raise UnreadableCall(f"a key must be a string, got {type(key).__name__}")
        self._expect(":")
        return key, self._value()

    def _value(self) -> Any:
        if self._kind == "string":
            return self._string()
        if self._kind == "number":
            return _number(self._take("number", "a number"))
        if self._kind == "name":
            return self._constant()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableCall(f"values nest more than {MAX_DEPTH} deep")
        value = self._collection()
        self._depth -= 1
        return value

    def _collection(self) -> Any:
        if self.skip("["):
            return self.separated(self._value, "]")
        if self.skip("("):
            return self.separated(self._value, ")")
        if self.skip("{"):
            return _unique(self.separated(self._item, "}"))
        return self._fail("a value")

    def _constant(self) -> Any:
        if self._token not in _CONSTANTS:
            self._fail("a literal, not a name")
        return _CONSTANTS[self._take("name", "a constant")]

    def _string(self) -> str:
        """A single string token, whose escapes mean what they mean in Python."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = ast.literal_eval(self._take("string", "a string"))
        except (ValueError, SyntaxError) as error:
            raise UnreadableCall(f"not a string: {error}"[:200]) from error
        return str(value)


def _number(token: str) -> int | float:
    try:
        value: int | float = int(token) if re.fullmatch(r"[-+]?[\d_]+", token) else float(token)
    except ValueError as error:
        raise UnreadableCall(f"not a number: {token[:40]}") from error
    if isinstance(value, float) and not math.isfinite(value):
        raise UnreadableCall(f"not a finite number: {token[:40]}")
    return value


def _unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) != len(items):
        raise UnreadableCall("an argument or key is given twice")
    return found
