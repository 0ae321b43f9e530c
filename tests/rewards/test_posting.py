"""Posting to a service that is busy, with an event loop and without: the same loop."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from rewards.posting import ServiceError, client_arguments, post, post_and_wait

Post = Callable[[str, Any, int], Any]


@contextmanager
def answering(*answers: tuple[int, str, dict[str, str]]) -> Iterator[tuple[str, list[bytes]]]:
    """A service that gives these answers (status, body, headers) in turn; its address, and what it received."""
    left = list(answers)
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, body, headers = left.pop(0)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/verify", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def waiting(url: str, body: Any, tries: int) -> Any:
    with httpx.Client(**client_arguments(url, 5.0, {})) as client:
        return post_and_wait(client, url, body, tries)


def in_a_loop(url: str, body: Any, tries: int) -> Any:
    async def run() -> Any:
        async with httpx.AsyncClient(**client_arguments(url, 5.0, {})) as client:
            return await post(client, url, body, tries)

    return asyncio.run(run())


both = pytest.mark.parametrize("ask", [waiting, in_a_loop])


@both
def test_a_busy_service_is_asked_again(ask: Post) -> None:
    busy = [(503, "", {"Retry-After": "0"}), (429, "", {"Retry-After": "soon"}), (502, "", {"Retry-After": "-1"})]
    with answering(*busy, (200, '{"score": 1}', {})) as (url, received):
        assert ask(url, {"response": "\ud800"}, 4) == {"score": 1}
    assert received == [b'{"response": "\\ud800"}'] * 4


@both
def test_a_service_that_stays_busy_is_given_up(ask: Post) -> None:
    with (
        answering(*[(503, "full", {"Retry-After": "0"})] * 2) as (url, _),
        pytest.raises(ServiceError, match="answered 503: full"),
    ):
        ask(url, {}, 2)


@both
@pytest.mark.parametrize(
    ("answer", "message"),
    [((404, "no such page", {}), "answered 404: no such page"), ((200, "hello", {}), "something else than JSON")],
)
def test_a_refusal_is_final(ask: Post, answer: tuple[int, str, dict[str, str]], message: str) -> None:
    with answering(answer) as (url, received), pytest.raises(ServiceError, match=message):
        ask(url, {}, 4)
    assert len(received) == 1


@both
def test_a_service_that_is_away(ask: Post) -> None:
    with pytest.raises(ServiceError, match="9/verify cannot be reached"):
        ask("http://127.0.0.1:9/verify", {}, 2)


@both
def test_it_asks_at_least_once(ask: Post) -> None:
    with pytest.raises(ValueError, match="tries must be at least 1, got 0"):
        ask("http://127.0.0.1:9/verify", {}, 0)
