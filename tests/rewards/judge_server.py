"""A chat model's endpoint on a real socket, whose replies a test decides."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the endpoint answers with.

    Attributes:
        text: The model's reply, or the whole body where the status is none of success.
        status: Of HTTP.
        finish_reason: ``stop``, or ``length`` where the reply was cut off.
        headers: Further ones.
        tokens: The usage it reports; None for none.
        body: Stands in for the whole body.
        delay_s: How long it takes.
    """

    text: str = "Score: 10"
    status: int = 200
    finish_reason: str = "stop"
    headers: dict[str, str] = field(default_factory=dict)
    tokens: int | None = 100
    body: str | None = None
    delay_s: float = 0.0

    def encoded(self) -> bytes:
        if self.body is not None:
            return self.body.encode()
        if self.status != 200:
            return json.dumps({"error": {"message": self.text}}).encode()
        choice = {"index": 0, "message": {"role": "assistant", "content": self.text}}
        content: dict[str, Any] = {
            "object": "chat.completion",
            "choices": [choice | {"finish_reason": self.finish_reason}],
        }
        return json.dumps(
            content | ({} if self.tokens is None else {"usage": {"total_tokens": self.tokens}})
        ).encode()


@dataclass
class JudgeServer:
    """A running endpoint.

    Attributes:
        url: Its address, up to ``/v1``.
        asked: The body of each request.
        headers: The headers of each request, in lower case.
        most_at_once: How many requests were under way at the same time.
    """

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    most_at_once: int = 0

    def prompt(self, number: int = -1) -> str:
        """What the judge was shown."""
        return str(self.asked[number]["messages"][-1]["content"])


@contextmanager
def judge_server(answer: Callable[[dict[str, Any], int], Reply | str]) -> Iterator[JudgeServer]:
    """Serves ``answer(body, number of the request)`` until the block is left."""
    server = JudgeServer()
    lock = threading.Lock()
    under_way = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal under_way
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                number = len(server.asked)
                server.asked.append(body)
                server.headers.append({key.lower(): value for key, value in self.headers.items()})
                under_way += 1
                server.most_at_once = max(server.most_at_once, under_way)
            reply = answer(body, number) if self.path == "/v1/chat/completions" else Reply("no such path", 404)
            reply = Reply(reply) if isinstance(reply, str) else reply
            time.sleep(reply.delay_s)
            with lock:
                under_way -= 1
            content = reply.encoded()
            try:
                self.send_response(reply.status)
                for key, value in ({"Content-Length": str(len(content))} | reply.headers).items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.block_on_close = False
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(10)
