"""The process in which a verifier may hang, crash or eat memory without harm: ``python -m rewards.worker FD``.

It is told once what to load, then answers requests one by one on its main thread (where signals work), until
the pool closes the socket or kills it.
"""

import asyncio
import math
import os
import resource
import select
import socket
import sys
import threading
from pathlib import Path

from rewards.errors import VerifierError
from rewards.verdict import Verdict
from rewards.verifier import LoadedVerifier, load_verifier
from rewards.wire import (
    Message,
    group_from_message,
    pack,
    read_frame,
    request_from_message,
    verdict_to_message,
)


def serve(connection: socket.socket) -> None:
    """Answers the pool on the other side of the connection until it is gone."""
    _die_with_the_pool(connection)
    stream = connection.makefile("rb")
    setup = read_frame(stream)
    if setup is None:
        return
    try:
        verifier = load_verifier(
            setup["target"], setup["settings"], setup["base_path"], setup["convention"], setup["scope"]
        )
        verifier.warm_up()
    except VerifierError as error:
        connection.sendall(pack({"error": str(error)}))
        return
    _limit_memory(setup["memory_mb"] * 2**20)
    connection.sendall(pack({"ready": True}))
    with asyncio.Runner() as runner:
        while (message := read_frame(stream)) is not None:
            _limit_cpu_time(setup["timeout_s"] * max(len(message.get("responses", ())), 1))
            answer = runner.run(_answer(verifier, message))
            connection.sendall(pack(answer))


async def _answer(verifier: LoadedVerifier, message: Message) -> Message:
    if "responses" in message:
        verdicts = await verifier.verify_group(group_from_message(message))
        return {"verdicts": [_told(verdict) for verdict in verdicts]}
    return _told(await verifier.verify(request_from_message(message)))


def _told(verdict: Verdict) -> Message:
    try:
        return verdict_to_message(verdict)
    except (TypeError, ValueError) as error:
        return {"valid": False, "reason": f"the verifier's verdict has a wrong type inside: {error}"}


def _die_with_the_pool(connection: socket.socket) -> None:
    """Ends this process when the pool's end of the socket closes, even while a verifier sleeps."""

    def wait() -> None:
        poll = select.poll()
        poll.register(connection, select.POLLHUP)
        poll.poll()
        os._exit(0)

    threading.Thread(target=wait, name="pool-watch", daemon=True).start()


def _limit_memory(extra_bytes: int) -> None:
    """Bounds the address space to what is loaded now and ``extra_bytes``."""
    status = Path("/proc/self/statm")
    if status.exists():
        loaded = int(status.read_text().split()[0]) * resource.getpagesize()
        _set_soft_limit(resource.RLIMIT_AS, loaded + extra_bytes)


def _limit_cpu_time(wall_s: float) -> None:
    """Lets the kernel end this process if it computes far longer than the pool would ever let it.

    The pool's own clock comes first; this one is for a pool that was killed while a worker was in a long loop
    that never lets another thread run.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = 2 * wall_s * (os.cpu_count() or 1) + 5
    _set_soft_limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + allowed))


def _set_soft_limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
