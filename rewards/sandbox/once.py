"""One execution in a cell that another program made: ``python -m rewards.sandbox.once GUEST FD LIMITS``."""

import importlib
import json
import os
import random
import resource
import socket
import sys
from pathlib import Path

from rewards.sandbox.cell import Cell, run_guest
from rewards.sandbox.limits import Limits


def nothing(cell: Cell) -> None:
    """The guest that shows whether a cell can be made."""


def main(guest: str, descriptor: str, limits: str) -> int:
    """Runs the guest and returns its exit code."""
    module, _, function = guest.partition(":")
    loaded = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    connection = socket.socket(fileno=int(descriptor))
    os.chdir("/tmp")
    random.seed(0)
    cell = Cell(connection, Limits(**json.loads(limits)), "bubblewrap", None, loaded, None)
    return run_guest(getattr(importlib.import_module(module), function), cell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
