"""The guest of the sandbox: runs code under test in one process, and its tests beside it.

The guest's process is the first of the cell. It forks the code under test before it has read any test, then
becomes another user and judges: the code can neither see its memory nor signal it, and has no way to the caller.
"""

import io
import os
import select
import signal
import socket
import sys
import types
from typing import Any

from rewards.code.deadline import Deadline, Stopwatch, TestTimeout
from rewards.code.remote import Peer, SolutionGone
from rewards.code.solution import serve
from rewards.code.values import Unsendable
from rewards.sandbox.cell import Cell
from rewards.sandbox.frames import receive_frame, send_frame
from rewards.sandbox.limits import MIB

EXIT_MEMORY, EXIT_SYNTAX, EXIT_REFUSED, EXIT_ERROR = 71, 72, 73, 1
_MAX_TASK = 1 << 30


def main(cell: Cell) -> None:
    """Serves one task: ``{"mode": "tests", …}`` and then its tests, or ``{"mode": "script", …}``."""
    task = receive_frame(cell.connection, _MAX_TASK)
    if task is None:
        return
    if task["mode"] == "script":
        send_frame(cell.connection, _run_script(cell, task))
    else:
        _run_tests(cell, task)


def _run_tests(cell: Cell, task: dict[str, Any]) -> None:
    ours, theirs = socket.socketpair()
    child = cell.fork(
        lambda: serve(socket.socket(fileno=theirs.fileno()), task["sources"]), files=[theirs.fileno()]
    )
    theirs.close()
    send_frame(cell.connection, {"started": True})
    judge = receive_frame(cell.connection, _MAX_TASK)
    if judge is None:
        return
    cell.confine()
    peer = Peer(ours, round(cell.limits.output_mb * MIB), judge["in_place"])
    namespace: dict[str, Any] = {"__name__": "tests", "__builtins__": __builtins__}
    failure = _prepare(peer, child, namespace, judge)
    if failure is not None:
        send_frame(cell.connection, failure)
        return
    for number, source in enumerate(judge["tests"]):
        outcome = _run_test(peer, child, source, dict(namespace), judge["timeout_s"])
        send_frame(cell.connection, {"test": number, **outcome})
        if peer.gone or "invalid" in outcome or (judge["stop_at_failure"] and outcome["reason"]):
            return
    send_frame(cell.connection, {"done": True})


def _prepare(peer: Peer, child: int, namespace: dict[str, Any], judge: dict[str, Any]) -> dict[str, Any] | None:
    """Loads the code under test and the tests' own names; what stands in the way of any test, or None."""
    for name in judge["modules"]:
        namespace[name] = __import__(name)
    try:
        with Deadline(child, judge["timeout_s"]):
            if judge["setup"] and judge["setup_first"]:
                _set_up(judge["setup"], namespace)
            loaded = peer.loaded()
            if "failed" in loaded:
                return {"failed": str(loaded["failed"]), "message": str(loaded.get("message", ""))}
            found = peer.find(judge["names"])
            missing = [name for name in judge["required"] if name not in found]
            if missing:
                return {"failed": "missing_function", "message": f"no {', '.join(missing)}"}
            namespace.update(found)
            if judge["setup"] and not judge["setup_first"]:
                exec(compile(judge["setup"], "<setup>", "exec"), namespace)
                namespace.update({name: found[name] for name in judge["required"]})
    except _SetupError as error:
        return {"invalid": f"setup failed by itself: {error}"}
    except SolutionGone:
        return {"failed": peer.gone, "message": "it ended before the tests"}
    except TestTimeout:
        return {"failed": "timeout", "message": "loading took too long"}
    except MemoryError:
        return {"failed": "memory", "message": "in the tests' process"}
    except Exception as error:
        return {"failed": "error", "message": _told(error)}
    return None


class _SetupError(Exception):
    """The label's own code failed before the response's had any part in it."""


def _set_up(setup: str, namespace: dict[str, Any]) -> None:
    try:
        exec(compile(setup, "<setup>", "exec"), namespace)
    except Exception as error:
        raise _SetupError(_told(error)) from error


def _run_test(peer: Peer, child: int, source: str, namespace: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    """Runs one test. It passed where ``reason`` is empty."""
    reason = message = ""
    deadline = Deadline(child, timeout_s)
    try:
        with deadline:
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
    except PermissionError as error:
        reason, message = "refused", _told(error)
    except BaseException as error:
        reason, message = ("error" if error is peer.last_raised else "wrong"), _told(error)
    return {"reason": peer.gone or reason, "message": message, "charged_s": deadline.watch.charged_s()}


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
    watch = Stopwatch(child, task["timeout_s"])
    send_frame(cell.connection, {"started": True})
    os.close(its_output)
    os.close(source_of_input)
    handle = os.pidfd_open(child)
    cell.confine()
    os.set_blocking(output, False)
    printed = bytearray()
    reason = _collect(output, handle, printed, round(cell.limits.output_mb * MIB), watch)
    charged_s = watch.charged_s()
    if not reason:
        reason = _ending(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return {"reason": reason, "output": printed.decode("utf-8", "replace"), "charged_s": charged_s}


def _collect(output: int, handle: int, printed: bytearray, limit: int, watch: Stopwatch) -> str:
    """Reads what a program prints until it ends; why it may not go on, or nothing."""
    poll = select.poll()
    poll.register(output, select.POLLIN)
    poll.register(handle, select.POLLIN)
    while left_s := watch.left_s():
        ready = {file for file, _ in poll.poll(left_s * 1000 + 1)}
        part = _read(output) if ready else None
        if part:
            printed += part
            if len(printed) > limit:
                printed.clear()
                return "output_limit"
        elif handle in ready:
            return ""
        elif output in ready and part == b"":
            poll.unregister(output)  # closed, but the program goes on
    return "timeout"


def _read(file: int) -> bytes | None:
    """What stands ready there; None for nothing yet, and no bytes at the end."""
    try:
        return os.read(file, 1 << 16)
    except BlockingIOError:
        return None


def _script(sources: list[str]) -> None:
    """In the child: runs the sources as the main program and ends with its exit code."""
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    sys.stdin = io.TextIOWrapper(
        io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8", errors="replace"
    )
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
    except PermissionError:
        code = EXIT_REFUSED
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
    return {EXIT_MEMORY: "memory", EXIT_SYNTAX: "syntax_error", EXIT_REFUSED: "refused"}.get(status, "error")
