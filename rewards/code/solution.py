"""The side of the code under test: loads it and answers what the tests ask of it.

All of this runs at the mercy of that code, and none of it is trusted: it can only send data, as any of the code's
functions could by returning it.
"""

import sys
import types
from collections.abc import Callable
from typing import Any

from rewards.code.values import decode, encode
from rewards.sandbox.frames import receive_frame, send_frame

MODULE = "solution"
_MAX_REQUEST = 1 << 30


class Solution:
    """A loaded module, and the objects in it that the tests refer to by number."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._names: dict[str, Any] = {}

    def load(self, sources: list[str]) -> dict[str, Any]:
        """Runs the sources one after the other in one module; tells how that went."""
        module = types.ModuleType(MODULE)
        sys.modules[MODULE] = module
        self._names = vars(module)
        try:
            for source in sources:
                exec(compile(source, f"<{MODULE}>", "exec"), self._names)
        except BaseException as error:
            return {"failed": _load_failure(error)}
        return {"loaded": True}

    def serve(self) -> None:
        """Answers requests until the tests are gone."""
        while (request := receive_frame(self._connection, _MAX_REQUEST)) is not None:
            send_frame(self._connection, self._answer(request))

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return getattr(self, f"_do_{request['do']}")(request)
        except BaseException as error:
            return self._raised(error)

    def _do_find(self, request: dict[str, Any]) -> dict[str, Any]:
        found = {name: self._names[name] for name in request["names"] if name in self._names}
        return {
            "values": {
                name: ["x", *_lineage(value)] if _is_exception(value) else encode(value, self._refer)
                for name, value in found.items()
            }
        }

    def _do_call(self, request: dict[str, Any]) -> dict[str, Any]:
        arguments = [self._decode(value) for value in request["arguments"]]
        named = {name: self._decode(value) for name, value in request["named"].items()}
        value = self._objects[request["on"]](*arguments, **named)
        answer = {"value": encode(value, self._refer)}
        if request["in_place"] or value is None:
            answer["changed"] = [encode(argument, self._refer) for argument in arguments]
        return answer

    def _do_operate(self, request: dict[str, Any]) -> dict[str, Any]:
        operands = [self._decode(value) for value in request["operands"]]
        value = _OPERATIONS[request["operation"]](self._objects[request["on"]], *operands)
        return {"value": encode(value, self._refer)}

    def _decode(self, message: Any) -> Any:
        return decode(message, self._resolve)

    def _resolve(self, reference: list[Any]) -> Any:
        tag, number = reference
        return self._objects[number] if tag == "h" else self._callback(number)

    def _refer(self, value: Any) -> list[Any]:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
        return ["h", number]

    def _callback(self, number: int) -> Callable[..., Any]:
        """A function of the tests', as the code under test sees it."""

        def callback(*arguments: Any) -> Any:
            sent = [encode(argument, self._refer) for argument in arguments]
            send_frame(self._connection, {"callback": number, "arguments": sent})
            while (request := receive_frame(self._connection, _MAX_REQUEST)) is not None:
                if "do" in request:
                    send_frame(self._connection, self._answer(request))
                elif "raised" in request:
                    raise RuntimeError(request["raised"])
                else:
                    return self._decode(request["value"])
            raise SystemExit

        return callback

    def _raised(self, error: BaseException) -> dict[str, Any]:
        try:
            arguments = [encode(argument, self._refer) for argument in error.args]
        except (RecursionError, TypeError, ValueError):
            arguments = []
        return {"raised": _lineage(type(error)), "arguments": arguments}


def serve(connection: Any, sources: list[str]) -> None:
    """Loads the sources and answers on the connection."""
    solution = Solution(connection)
    send_frame(connection, solution.load(sources))
    solution.serve()


def _is_exception(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _lineage(kind: type) -> list[str]:
    return [base.__name__ for base in kind.__mro__]


def _load_failure(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, PermissionError):
        return "refused"
    return "syntax_error" if isinstance(error, SyntaxError) else "load_error"


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "get": getattr,
    "set": setattr,
    "item": lambda on, key: on[key],
    "set_item": lambda on, key, value: on.__setitem__(key, value),
    "iterate": iter,
    "next": next,
    "length": len,
    "truth": bool,
    "text": str,
    "representation": repr,
    "equal": lambda on, other: bool(on == other),
    "less": lambda on, other: bool(on < other),
    "is_instance": lambda on, other: isinstance(other, on),
    "add": lambda on, other: on + other,
    "subtract": lambda on, other: on - other,
    "multiply": lambda on, other: on * other,
}
