"""One execution in a cell that another program made: ``python -m rewards.sandbox.once GUEST FD LIMITS``."""

import importlib
import json
import os
import random
import socket
import sys

from rewards.sandbox.cell import Cell, run_guest
from rewards.sandbox.limits import MIB, Limits

_LOADED_BYTES = 128 * MIB
"""Address space of a fresh interpreter, which cannot be read without /proc."""


_PROCESSES = 2
"""The guest and the code under test: without a control group there is no other."""


def nothing(cell: Cell) -> None:
    """The guest that shows whether a cell can be made."""


def main(guest: str, descriptor: str, limits: str) -> int:
    """Runs the guest and returns its exit code."""
    module, _, function = guest.partition(":")
    connection = socket.socket(fileno=int(descriptor))
    os.chdir("/tmp")
    random.seed(0)
    cell = Cell(connection, Limits(**json.loads(limits)), "bubblewrap", None, _LOADED_BYTES, _PROCESSES)
    return run_guest(getattr(importlib.import_module(module), function), cell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
