"""The side of the tests: objects of the code under test, which live in another process.

The tests compare only what passed as data. An object that is no data stays a `Remote`: it can be called, read and
iterated over, but nothing that the tests know is ever sent to it to be compared there. A number, text or list of
the tests' own is therefore never equal to it, whatever it claims.
"""

import builtins
import socket
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from rewards.code.values import GarbledError, Unsendable, decode, encode
from rewards.sandbox.frames import FrameError, receive_frame, send_frame

LOAD_FAILURES = ("syntax_error", "load_error", "memory", "refused")

_PREDICATES_OF_DATA = frozenset(
    {
        *("startswith", "endswith", "issubset", "issuperset", "isdisjoint"),
        *(name for name in dir(str) if name.startswith("is")),
    }
)
"""Methods by which a test asks text or a set about what it expects; what poses as such would say yes to all."""


class SolutionGone(BaseException):
    """The code under test ended, or sent what is no answer; no ``except Exception`` of a test catches it."""


class Peer:
    """The connection to the code under test.

    Attributes:
        in_place: Whether arguments that a call changed are carried back whatever it returns; by default only where
            it returns None, so that a function can't rewrite what its result is compared with.
        gone: Why nothing more can be asked, once that is so.
        last_raised: What the code under test raised last.
    """

    def __init__(self, connection: socket.socket, max_bytes: int, in_place: bool = False) -> None:
        self.in_place = in_place
        self.gone = ""
        self.last_raised: BaseException | None = None
        self._connection = connection
        self._max_bytes = max_bytes
        self._callbacks: list[Callable[..., Any]] = []
        self._exceptions: dict[str, type[Exception]] = {}
        self._remotes: dict[int, Remote] = {}

    def load_failure(self) -> str:
        """Why the code could not be loaded, or nothing; what is said there is believed only where it is known."""
        answer = self._receive()
        if "failed" not in answer:
            return ""
        return answer["failed"] if answer["failed"] in LOAD_FAILURES else "crash"

    def find(self, names: list[str]) -> dict[str, Any]:
        """Those of the names that the code under test defines, with their values."""
        answer = self._ask({"do": "find", "names": names})
        values = answer.get("values")
        if not isinstance(values, dict):
            raise self._lost("crash")
        return {name: self._named(name, values[name]) for name in names if name in values}

    def call(self, number: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Calls an object; writes back what it changed in its arguments where that is allowed."""
        request = {
            "do": "call",
            "on": number,
            "arguments": [encode(argument, self._refer) for argument in arguments],
            "named": {name: encode(value, self._refer) for name, value in named.items()},
            "in_place": self.in_place,
        }
        answer = self._ask(request)
        value = self._decode(answer.get("value"))
        changed = answer.get("changed")
        if isinstance(changed, list) and len(changed) == len(arguments) and (self.in_place or value is None):
            for argument, after in zip(arguments, changed, strict=True):
                _write_back(argument, self._decode(after))
        return value

    def operate(self, operation: str, number: int, *operands: Any) -> Any:
        """Does one thing with an object."""
        sent = [encode(operand, self._refer) for operand in operands]
        answer = self._ask({"do": "operate", "operation": operation, "on": number, "operands": sent})
        return self._decode(answer.get("value"))

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self._send(request)
        while True:
            answer = self._receive()
            if "callback" in answer:
                self._send(self._run_callback(answer))
            elif "raised" in answer:
                self.last_raised = self._exception(answer, request.get("operation") == "next")
                raise self.last_raised
            else:
                return answer

    def _run_callback(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            function = self._resolve(["c", request["callback"]])
            arguments = [self._decode(argument) for argument in request["arguments"]]
        except (GarbledError, TypeError, KeyError) as error:
            raise self._lost("crash") from error
        try:
            return {"value": encode(function(*arguments), self._refer)}
        except Exception as error:
            return {"raised": f"{type(error).__name__}"}

    def _send(self, message: dict[str, Any]) -> None:
        if self.gone:
            raise SolutionGone(self.gone)
        try:
            send_frame(self._connection, message)
        except OSError as error:
            raise self._lost("crash") from error

    def _receive(self) -> dict[str, Any]:
        try:
            message = receive_frame(self._connection, self._max_bytes)
        except FrameError as error:
            raise self._lost("output_limit") from error
        if not isinstance(message, dict):
            raise self._lost("crash")
        return message

    def _lost(self, reason: str) -> SolutionGone:
        self.gone = self.gone or reason
        return SolutionGone(reason)

    def _decode(self, message: Any) -> Any:
        try:
            return decode(message, self._resolve)
        except GarbledError as error:
            raise self._lost("crash") from error

    def _named(self, name: str, message: Any) -> Any:
        if not (isinstance(message, list) and message and message[0] == "x"):
            return self._decode(message)
        base = self._builtin_exception(message[1:])
        self._exceptions[name] = type(name, (base,), {})
        return self._exceptions[name]

    def _resolve(self, reference: list[Any]) -> Any:
        tag, number = reference
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise GarbledError(f"no reference: {number!r}")
        if tag == "c":
            return self._callbacks[number]
        return self._remotes.setdefault(number, Remote(self, number))

    def _refer(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["h", object.__getattribute__(value, "_number")]
        if not callable(value):
            raise Unsendable(
                f"a test passes {type(value).__name__}, which cannot be handed to the code under test"
            )
        self._callbacks.append(value)
        return ["c", len(self._callbacks) - 1]

    def _exception(self, answer: dict[str, Any], may_stop: bool) -> Exception:
        names = answer["raised"] if isinstance(answer["raised"], list) else []
        known = [self._exceptions[name] for name in names if isinstance(name, str) and name in self._exceptions]
        kind = known[0] if known else self._builtin_exception(names)
        if issubclass(kind, StopIteration | StopAsyncIteration) and not may_stop:
            kind = RuntimeError  # elsewhere it would end a loop of the test's own
        try:
            return kind(*[self._decode(argument) for argument in answer.get("arguments", [])])
        except TypeError:
            return RuntimeError(f"{kind.__name__} of the code under test")

    @staticmethod
    def _builtin_exception(names: list[Any]) -> type[Exception]:
        for name in names:
            kind = getattr(builtins, name, None) if isinstance(name, str) else None
            if isinstance(kind, type) and issubclass(kind, Exception):
                return kind
        return RuntimeError


class Remote:
    """An object of the code under test that is no data."""

    def __init__(self, peer: Peer, number: int) -> None:
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_number", number)

    def _operate(self, operation: str, *operands: Any) -> Any:
        peer: Peer = object.__getattribute__(self, "_peer")
        return peer.operate(operation, object.__getattribute__(self, "_number"), *operands)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        peer: Peer = object.__getattribute__(self, "_peer")
        return peer.call(object.__getattribute__(self, "_number"), arguments, named)

    def __getattr__(self, name: str) -> Any:
        if (name.startswith("__") and name not in ("__name__", "__doc__")) or name in _PREDICATES_OF_DATA:
            raise AttributeError(name)
        return self._operate("get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._operate("set", name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._operate("item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._operate("set_item", key, value)

    def __iter__(self) -> Iterator[Any]:
        iterator = self._operate("iterate")
        return iterator if isinstance(iterator, Remote) else iter(iterator)

    def __next__(self) -> Any:
        return self._operate("next")

    def __len__(self) -> int:
        return int(self._operate("length"))

    def __bool__(self) -> bool:
        return self._operate("truth") is True

    def __str__(self) -> str:
        return str(self._operate("text"))

    def __repr__(self) -> str:
        return str(self._operate("representation"))

    def __contains__(self, item: Any) -> bool:
        raise TypeError("a test can look for a value only in data, not in an object of the code under test")

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Remote) and self._operate("is_instance", instance) is True

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Remote) and (other is self or self._operate("equal", other) is True)

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __lt__(self, other: Any) -> Any:
        return self._with_remote("less", other)

    def __add__(self, other: Any) -> Any:
        return self._with_remote("add", other)

    def __sub__(self, other: Any) -> Any:
        return self._with_remote("subtract", other)

    def __mul__(self, other: Any) -> Any:
        return self._with_remote("multiply", other)

    def _with_remote(self, operation: str, other: Any) -> Any:
        """Only two of its own objects may meet there: a number of the tests' own would tell what is expected."""
        return self._operate(operation, other) if isinstance(other, Remote) else NotImplemented


def _write_back(argument: Any, after: Any) -> None:
    """Makes a container of the tests' own what the call left in its place."""
    if type(after) is not type(argument):
        return
    if isinstance(argument, list | bytearray):
        argument[:] = after
    elif isinstance(argument, dict | set):
        argument.clear()
        argument.update(after)
    elif isinstance(argument, deque):
        argument.clear()
        argument.extend(after)
