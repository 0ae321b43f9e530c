"""What keeps the service from drowning: bodies of a bounded size, a bounded queue, a token."""

import hmac
import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN_PATHS = frozenset({"/health"})
"""What needs no token."""


class BusyError(Exception):
    """The queue is full; ask again later."""


class TooManyError(Exception):
    """One request holds more responses than the queue ever takes."""


class Queue:
    """Counts the responses that are being scored or wait for it.

    Attributes:
        limit: How many there may be.
        waiting: How many there are.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting = 0

    @contextmanager
    def room_for(self, count: int) -> Iterator[None]:
        """Holds places for so many responses.

        Raises:
            BusyError: They are taken.
            TooManyError: There never are that many.
        """
        if count > self.limit:
            raise TooManyError(f"{count} responses in one request; at most {self.limit} are taken at once")
        if self.waiting + count > self.limit:
            raise BusyError(f"{self.waiting} responses are waiting; at most {self.limit} may")
        self.waiting += count
        try:
            yield
        finally:
            self.waiting -= count


class Guard:
    """Middleware that turns away what is too large or has no token, before anything is parsed.

    Args:
        app: What to guard.
        max_body_bytes: Larger bodies get 413.
        token: Expected as ``Authorization: Bearer TOKEN``; None lets everybody in.
    """

    def __init__(self, app: App, max_body_bytes: int, token: str | None) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._token = None if token is None else f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"")
        if (
            self._token is not None
            and scope["path"] not in OPEN_PATHS
            and not hmac.compare_digest(given, self._token)
        ):
            await _answer(send, 401, "expected the header Authorization: Bearer TOKEN")
            return
        body = await self._body(headers, receive)
        if body is None:
            await _answer(send, 413, f"the body is larger than {self._max_body_bytes} bytes")
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
        """The whole body, or None where it is too large."""
        told = headers.get(b"content-length", b"0")
        if not told.isdigit() or int(told) > self._max_body_bytes:
            return None
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > self._max_body_bytes:
                return None
            parts.append(part)
            more = message.get("more_body", False)
        return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, and then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _answer(send: Send, status: int, detail: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
