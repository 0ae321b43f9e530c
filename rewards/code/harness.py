"""The guest of the sandbox: runs code under test in one process and its tests, or its input and output, beside it.

The guest's process is the first of the cell. It forks the code under test before it has read any test, then becomes
another user and judges: the code under test can neither see its memory nor signal it, and has no way to the caller.
"""

import io
import os
import random
import select
import signal
import socket
import sys
import types
from typing import Any

from rewards.code.remote import Peer, SolutionGone
from rewards.code.solution import serve
from rewards.code.values import Unsendable
from rewards.sandbox.cell import Cell
from rewards.sandbox.frames import receive_frame, send_frame
from rewards.sandbox.limits import MIB

EXIT_MEMORY, EXIT_SYNTAX, EXIT_ERROR = 71, 72, 1
_MAX_TASK = 1 << 30


class TestTimeout(BaseException):
    """A test took too long; no ``except Exception`` of a test catches it."""

    __test__ = False


def main(cell: Cell) -> None:
    """Serves one task: ``{"mode": "tests", …}`` and then its tests, or ``{"mode": "script", …}``."""
    random.seed(0)
    task = receive_frame(cell.connection, _MAX_TASK)
    if task is None:
        return
    if task["mode"] == "script":
        send_frame(cell.connection, _run_script(cell, task))
    else:
        _run_tests(cell, task)


def _run_tests(cell: Cell, task: dict[str, Any]) -> None:
    ours, theirs = socket.socketpair()
    cell.fork(lambda: serve(socket.socket(fileno=theirs.fileno()), task["sources"]), files=[theirs.fileno()])
    theirs.close()
    judge = receive_frame(cell.connection, _MAX_TASK)
    if judge is None:
        return
    cell.confine()
    signal.signal(signal.SIGALRM, _time_out)
    peer = Peer(ours, round(cell.limits.output_mb * MIB), judge["in_place"])
    namespace: dict[str, Any] = {"__name__": "tests", "__builtins__": __builtins__}
    failure = _prepare(peer, namespace, judge)
    if failure is not None:
        send_frame(cell.connection, failure)
        return
    for number, source in enumerate(judge["tests"]):
        outcome = _run_test(peer, source, dict(namespace), judge["timeout_s"])
        send_frame(cell.connection, {"test": number, **outcome})
        if peer.gone or "invalid" in outcome or (judge["stop_at_failure"] and outcome["reason"]):
            return
    send_frame(cell.connection, {"done": True})


def _prepare(peer: Peer, namespace: dict[str, Any], judge: dict[str, Any]) -> dict[str, Any] | None:
    """Loads the code under test and the tests' own names; what stands in the way of any test, or None."""
    asked_before = -1
    try:
        with _deadline(judge["timeout_s"]):
            loaded = peer.loaded()
            if "failed" in loaded:
                return {"failed": str(loaded["failed"]), "message": str(loaded.get("message", ""))}
            found = peer.find(judge["names"])
            missing = [name for name in judge["required"] if name not in found]
            if missing:
                return {"failed": "missing_function", "message": f"no {', '.join(missing)}"}
            for name in judge["modules"]:
                namespace[name] = __import__(name)
            namespace.update(found)
            asked_before = peer.asked
            exec(compile(judge["setup"], "<setup>", "exec"), namespace)
            namespace.update({name: found[name] for name in judge["required"]})
    except SolutionGone:
        return {"failed": peer.gone, "message": "it ended before the tests"}
    except TestTimeout:
        return {"failed": "timeout", "message": "loading took too long"}
    except MemoryError:
        return {"failed": "memory", "message": "in the tests' process"}
    except Exception as error:
        if peer.asked == asked_before:
            return {"invalid": f"setup failed by itself: {_told(error)}"}
        return {"failed": "error", "message": _told(error)}
    return None


def _run_test(peer: Peer, source: str, namespace: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    """Runs one test. It passed where ``reason`` is empty."""
    reason = message = ""
    try:
        with _deadline(timeout_s):
            exec(compile(source, "<test>", "exec"), namespace)
    except TestTimeout:
        peer.gone = reason = "timeout"
    except SolutionGone:
        reason = peer.gone
    except Unsendable as error:
        return {"reason": "error", "invalid": str(error)}
    except AssertionError as error:
        reason, message = "wrong", _told(error)
    except MemoryError:
        reason = "memory"
    except BaseException as error:
        reason, message = ("error" if error is peer.last_raised else "wrong"), _told(error)
    return {"reason": peer.gone or reason, "message": message}


class _deadline:
    """Raises `TestTimeout` in the block when its time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._seconds, 0.1)  # again, should a bare except of a test catch it

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _time_out(number: int, frame: Any) -> None:
    raise TestTimeout


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _run_script(cell: Cell, task: dict[str, Any]) -> dict[str, Any]:
    """Runs the code as a program; gives what it printed and how it ended."""
    source_of_input = os.memfd_create("input")
    with os.fdopen(source_of_input, "wb", closefd=False) as file:
        file.write(task["input"].encode("utf-8", "surrogatepass"))
    os.lseek(source_of_input, 0, os.SEEK_SET)
    output, its_output = os.pipe()
    child = cell.fork(lambda: _script(task["sources"]), standard=[source_of_input, its_output])
    os.close(its_output)
    os.close(source_of_input)
    handle = os.pidfd_open(child)
    cell.confine()
    os.set_blocking(output, False)
    printed, limit = bytearray(), round(cell.limits.output_mb * MIB)
    poll = select.poll()
    poll.register(output, select.POLLIN)
    poll.register(handle, select.POLLIN)
    ended = False
    while len(printed) <= limit:
        part = None
        ready = [] if ended else poll.poll()
        ended = ended or any(file == handle for file, _ in ready)
        try:
            part = os.read(output, 1 << 16)
        except BlockingIOError:
            if ended:
                break
            continue
        if part:
            printed += part
        elif ended:
            break
        else:
            poll.unregister(output)
            poll.poll()
            ended = True
    if len(printed) > limit:
        return {"reason": "output_limit", "output": ""}
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"reason": _ending(status), "output": printed.decode("utf-8", "replace")}


def _script(sources: list[str]) -> None:
    """In the child: runs the sources as the main program and ends with its exit code."""
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8", errors="replace")
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(1, "w", closefd=False), 1 << 16), encoding="utf-8", errors="replace"
    )
    code = 0
    try:
        for source in sources:
            exec(compile(source, "<program>", "exec"), vars(module))
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except MemoryError:
        code = EXIT_MEMORY
    except SyntaxError:
        code = EXIT_SYNTAX
    except BaseException:
        code = EXIT_ERROR
    try:
        sys.stdout.flush()
    finally:
        os._exit(code & 0xFF)


def _ending(status: int) -> str:
    if status == 0:
        return ""
    if status < 0:
        return "timeout" if -status == signal.SIGXCPU else "crash"
    return {EXIT_MEMORY: "memory", EXIT_SYNTAX: "syntax_error"}.get(status, "error")
