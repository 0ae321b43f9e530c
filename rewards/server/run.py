"""Runs the service on a port, until it is told to stop."""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.server.app import Limits, create_app

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve(
    sections: Mapping[str, VerifierSection],
    host: str,
    port: int,
    limits: Limits,
    say: Callable[[str], None],
    base_path: str | Path | None = None,
) -> None:
    """Serves verifiers until SIGINT or SIGTERM.

    Args:
        sections: The verifiers by the names that requests know them by; the first is the default.
        host: An address of this machine.
        port: 0 takes a free one.
        limits: What the service takes.
        say: Is told the address once it can be asked.
        base_path: The folder that relative file paths in the sections start from.

    Raises:
        VerifierError: A verifier cannot be loaded, or the address cannot be had.
    """
    import uvicorn

    app = create_app(sections, limits, base_path)
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise VerifierError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    with listening:
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        say(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listening])
