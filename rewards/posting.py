"""Posting JSON to a service that may be busy or restarting."""

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from rewards.errors import VerifierError

if TYPE_CHECKING:
    import httpx

LONGEST_PAUSE_S = 5.0
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_JSON = {"Content-Type": "application/json"}


class ServiceError(VerifierError):
    """A service cannot be reached, or refused a request; the message tells which and why."""


def client_arguments(url: str, timeout_s: float, headers: Mapping[str, str]) -> dict[str, Any]:
    """How both kinds of httpx clients are made; a service on this machine is asked without a proxy."""
    import httpx

    host = httpx.URL(url).host
    return {
        "timeout": timeout_s,
        "headers": dict(headers),
        "trust_env": host not in ("localhost", "127.0.0.1", "::1"),
        "limits": httpx.Limits(max_connections=64, max_keepalive_connections=64),
    }


async def post(
    client: "httpx.AsyncClient | httpx.Client",
    url: str,
    body: Any,
    tries: int,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Any:
    """What a service answers, as JSON.

    Args:
        client: To post with.
        url: Where to.
        body: What JSON can say.
        tries: How often to ask while it is busy or away.
        sleep: Waits for so many seconds before the next try.

    Raises:
        ServiceError: It cannot be reached, refuses the request, or does not answer with JSON.
    """
    import httpx

    for attempt in range(1, tries + 1):
        try:
            asked: Any = client.post(url, content=_json(body), headers=_JSON)
            answer = await asked if inspect.isawaitable(asked) else asked
        except httpx.TransportError as error:
            pause_s = _pause_s(attempt, None)
            if attempt == tries:
                raise ServiceError(f"{url} cannot be reached: {type(error).__name__}: {error}") from error
        else:
            if answer.status_code not in _AGAIN or attempt == tries:
                return _read(url, answer)
            pause_s = _pause_s(attempt, answer.headers.get("retry-after"))
        await sleep(pause_s)
    raise ValueError(f"tries must be at least 1, got {tries}")


def post_and_wait(client: "httpx.Client", url: str, body: Any, tries: int) -> Any:
    """The same without an event loop: nothing in it then ever gives way, so that its first step is its last."""
    try:
        post(client, url, body, tries, _sleep_here).send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a client without an event loop waited for one")


async def _sleep_here(seconds: float) -> None:
    time.sleep(seconds)


def _pause_s(attempt: int, retry_after: str | None) -> float:
    """As long as the service asked for, else twice as long each time."""
    try:
        asked_s = float(retry_after or "")
    except ValueError:
        asked_s = -1.0
    return min(asked_s if asked_s >= 0 else 0.1 * 2**attempt, LONGEST_PAUSE_S)


def _read(url: str, answer: "httpx.Response") -> Any:
    if answer.status_code != 200:
        raise ServiceError(f"{url} answered {answer.status_code}: {answer.text[:300]}")
    try:
        return answer.json()
    except ValueError as error:
        raise ServiceError(f"{url} answered with something else than JSON: {answer.text[:100]!r}") from error


def _json(body: Any) -> bytes:
    """In ASCII, so that half a surrogate pair, which UTF-8 cannot say, arrives too."""
    return json.dumps(body).encode("ascii")
