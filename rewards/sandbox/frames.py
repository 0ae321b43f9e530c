"""Messages over a socket: four bytes of length, then JSON. Nothing that is received is ever run."""

import json
import socket
import struct
from typing import Any

WALL = struct.Struct("d")
"""What a zygote needs to know of an execution's limits, which follow as JSON: its wall clock."""

REPORT = struct.Struct("?idd")
"""What it tells at the end: whether the wall clock ran out, exit code, seconds, seconds of processor time."""

_HEADER = struct.Struct(">I")
_encode = json.JSONEncoder(separators=(",", ":")).encode


class FrameError(Exception):
    """The other side sent what is no message, or one that is too long."""


def send_frame(connection: socket.socket, message: Any) -> None:
    """Sends one message.

    Raises:
        OSError: The other side is gone.
    """
    body = _encode(message).encode("ascii")
    connection.sendall(_HEADER.pack(len(body)) + body)


def receive_frame(connection: socket.socket, max_bytes: int) -> Any:
    """The next message, or None where the other side has closed. Reads not a byte beyond it.

    Raises:
        FrameError: It is longer than ``max_bytes``, or no JSON.
    """
    header = _receive(connection, _HEADER.size)
    if header is None:
        return None
    (length,) = _HEADER.unpack(header)
    if length > max_bytes:
        raise FrameError(f"a message of {length} bytes; at most {max_bytes} are read")
    body = _receive(connection, length)
    if body is None:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"no message: {error}") from error


def _receive(connection: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        try:
            part = connection.recv(min(count - len(parts), 1 << 20))
        except ConnectionError:
            return None
        if not part:
            return None
        parts += part
    return bytes(parts)
