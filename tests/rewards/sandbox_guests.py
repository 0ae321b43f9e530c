"""Guests of the sandbox, as its tests use them."""

import os
import signal
import time

from rewards.sandbox.cell import Cell
from rewards.sandbox.frames import receive_frame, send_frame

MAX_BYTES = 1 << 20


def does(cell: Cell) -> None:
    """Does what it is told."""
    match receive_frame(cell.connection, MAX_BYTES):
        case "tell":
            send_frame(cell.connection, {"files": sorted(os.listdir("/tmp")), "pid": os.getpid()})
        case "leave a file and a daemon":
            with open("/tmp/left", "w") as file:
                file.write("x")
            if os.fork() == 0:
                time.sleep(60)
            send_frame(cell.connection, "left")
        case "hang":
            time.sleep(60)
        case "be killed":
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.abort()
        case "exit":
            os._exit(3)
        case "say nonsense":
            cell.connection.sendall(b"\0\0\0\1{")
            time.sleep(60)
        case "repeat":
            send_frame(cell.connection, receive_frame(cell.connection, MAX_BYTES))
        case "tell hashes":
            send_frame(cell.connection, hash("a word"))
