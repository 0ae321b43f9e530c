"""A service in a process of its own, as a user starts it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("plug_ins.py")
COMMAND = "from rlvr.cli import app; app()"


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is up.

    Attributes:
        url: Its address.
        pid: Its process.
    """

    url: str
    pid: int


@contextmanager
def serving(*arguments: str, token: str | None = None) -> Iterator[Running]:
    """``rlvr verifiers serve`` on a free port, until the block ends."""
    environment = {**os.environ, **({} if token is None else {"RLVR_VERIFIER_TOKEN": token})}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "verifiers", "serve", *arguments, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("serving "), f"the service did not start: {line}"
        yield Running(line.split()[-1], process.pid)
    finally:
        process.terminate()
        process.wait(30)
