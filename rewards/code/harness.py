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
from rewards.code.stage import LabelError, Stage
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
    deadline = Deadline(child, judge["timeout_s"])
    try:
        stage = Stage(judge)
        failure = _prepare(peer, stage, judge, deadline)
    except LabelError as error:
        send_frame(cell.connection, {"invalid": f"setup failed by itself: {error}"})
        return
    charged_s = deadline.watch.charged_s()
    if failure:
        unclear = deadline.watch.is_unclear
        send_frame(cell.connection, {"failed": failure, "unclear": unclear, "charged_s": charged_s})
        return
    for number, source in enumerate(judge["tests"]):
        limit_s = min(judge["timeout_s"], judge["total_s"] - charged_s)
        outcome = _run_test(peer, child, source, stage, limit_s)
        charged_s += outcome["charged_s"]
        send_frame(cell.connection, {"test": number, **outcome, "charged_s": charged_s})
        if peer.gone or "invalid" in outcome or (judge["stop_at_failure"] and outcome["reason"]):
            return
    send_frame(cell.connection, {"done": True})


def _prepare(peer: Peer, stage: Stage, judge: dict[str, Any], deadline: Deadline) -> str:
    """Loads the code under test and sets the stage; what stands in the way of any test, or nothing."""
    try:
        with deadline:
            stage.rehearse()
            failure = peer.load_failure()
            if failure:
                return failure
            stage.found = peer.find(judge["names"])
            if any(name not in stage.found for name in judge["required"]):
                return "missing_function"
            if not stage.stands_alone:
                stage.set()
    except SolutionGone:
        return peer.gone
    except TestTimeout:
        return "timeout"
    except MemoryError:
        return "memory"
    except LabelError:
        raise
    except Exception:
        return "error"
    return "timeout" if deadline.is_over else ""


def _run_test(peer: Peer, child: int, source: str, stage: Stage, limit_s: float) -> dict[str, Any]:
    """Runs one test. It passed where ``reason`` is empty."""
    reason = ""
    if limit_s <= 0:
        peer.gone = "timeout"
        return {"reason": "timeout", "charged_s": 0.0}
    deadline = Deadline(child, limit_s)
    try:
        with deadline:
            exec(compile(source, "<test>", "exec"), stage.set())
    except SolutionGone:
        reason = peer.gone
    except Unsendable as error:
        return {"reason": "error", "invalid": str(error), "charged_s": 0.0}
    except AssertionError:
        reason = "wrong"
    except MemoryError:
        reason = "memory"
    except PermissionError:
        reason = "refused"
    except BaseException as error:
        reason = "error" if error is peer.last_raised else "wrong"
    if deadline.is_over:
        peer.gone = "timeout"
    unclear = deadline.watch.is_unclear
    return {"reason": peer.gone or reason, "unclear": unclear, "charged_s": deadline.watch.charged_s()}


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
    return {
        "reason": reason,
        "output": printed.decode("utf-8", "replace"),
        "unclear": watch.is_unclear,
        "charged_s": charged_s,
    }


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
