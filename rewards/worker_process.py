"""The pool's side of one worker process: start it, ask it, kill it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.wire import HEADER, Message, pack, unpack

START_TIMEOUT_S = 120.0
"""Until a worker has imported its verifier; generous, because a busy machine imports sympy slowly."""


class WorkerTimeout(Exception):
    """The worker did not answer in time and was killed.

    Attributes:
        busy: Whether it had a core for most of that time, so that nothing but the request can be to blame.
    """

    def __init__(self, message: str, busy: bool) -> None:
        super().__init__(message)
        self.busy = busy


class WorkerDied(Exception):
    """The worker ended before it answered; the message tells how."""


class WorkerProcess:
    """One process that has the verifier loaded and answers one request at a time.

    It shares nothing with its parent but a socket, and starts from a fresh interpreter, so that it works the same
    under a script, a notebook and a Ray actor. It leads a process group of its own, which `kill` ends as a whole.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, section: VerifierSection, base_path: str | Path | None) -> Self:
        """Starts a process and waits until its verifier is loaded. One that ends before is started once more.

        Raises:
            VerifierError: The verifier cannot be loaded there, or not within `START_TIMEOUT_S`.
        """
        try:
            try:
                return await cls._started(section, base_path)
            except WorkerDied:
                return await cls._started(section, base_path)
        except WorkerTimeout as error:
            raise VerifierError(
                f"verifier {section.name} was not loaded in its process within {START_TIMEOUT_S:.0f} s"
            ) from error
        except WorkerDied as error:
            raise VerifierError(
                f"the process of verifier {section.name} ended at start, twice: {error}"
            ) from error

    @classmethod
    async def _started(cls, section: VerifierSection, base_path: str | Path | None) -> Self:
        """One try to start a process; raises what `ask` does."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "rewards.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=2,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path)},
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        worker = cls(process, reader, writer)
        setup = {
            "target": section.name,
            "settings": section.settings,
            "convention": section.convention,
            "scope": section.scope,
            "base_path": None if base_path is None else str(base_path),
            "memory_mb": section.memory_mb,
            "timeout_s": section.timeout_s,
        }
        answer = await worker.ask(pack(setup), START_TIMEOUT_S)
        if "error" in answer:
            worker.kill()
            raise VerifierError(answer["error"])
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, frame: bytes, timeout_s: float) -> Message:
        """Sends one frame and waits for the answer. A worker that fails to give it is killed.

        Raises:
            WorkerTimeout: No answer within ``timeout_s``.
            WorkerDied: It ended first.
        """
        computed_before = _cpu_seconds(self.pid)
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(frame)
                await self._writer.drain()
                (length,) = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                return unpack(await self._reader.readexactly(length))
        except TimeoutError as error:
            busy = _cpu_seconds(self.pid) - computed_before > 0.8 * timeout_s
            self.kill()
            raise WorkerTimeout(f"no answer within {timeout_s} s", busy) from error
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WorkerDied(self.kill()) from error
        except BaseException:
            self.kill()
            raise

    def kill(self) -> str:
        """Ends the process and all that it started, at once; tells how it ended if it had already."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._writer.close()
        status = self._process.wait(10)
        return signal.Signals(-status).name if status < 0 else f"exit code {status}"


def _cpu_seconds(pid: int) -> float:
    """Time that a process has computed so far; 0 where the system does not tell."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
