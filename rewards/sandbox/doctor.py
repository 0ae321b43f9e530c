"""Tries the sandbox out: what is in force, which attacks it stops, how fast it is.

The attacks are real. Each runs in a cell of its own and tells whether it got through; one that is killed did not.
"""

import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rewards.sandbox.cell import Cell
from rewards.sandbox.frames import receive_frame, send_frame
from rewards.sandbox.isolation import KINDS
from rewards.sandbox.limits import MIB, Limits
from rewards.sandbox.root import package_folders
from rewards.sandbox.sandbox import Sandbox, SandboxError

GUEST = "rewards.sandbox.doctor:attack"
_LIMITS = Limits(wall_s=3.0, cpu_s=2.0, memory_mb=128, file_mb=4, output_mb=1)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Attributes:
        isolation: The kind in force, None where none works.
        cgroup: Whether a control group bounds all processes of an execution together.
        attacks: For each attack whether it was stopped.
        milliseconds: Median time of an execution that does nothing.
        unavailable: The other kinds that don't work here, with the reason.
    """

    isolation: str | None
    cgroup: bool
    attacks: dict[str, bool]
    milliseconds: float | None
    unavailable: dict[str, str]

    @property
    def is_safe(self) -> bool:
        """Whether an isolation is in force that stopped every attack."""
        return self.isolation is not None and all(self.attacks.values())

    def as_row(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "safe": self.is_safe}


def diagnose(isolation: str = "auto") -> Diagnosis:
    """Tries one kind of isolation, by default the one that verifiers would get."""
    unavailable: dict[str, str] = {}
    for kind in KINDS:
        try:
            with Sandbox(GUEST, kind, _LIMITS):
                pass
        except SandboxError as error:
            unavailable[kind] = str(error)
    sandbox = Sandbox(GUEST, isolation, _LIMITS)
    try:
        with sandbox:
            if not any(answer["came back"] for answer in sandbox.run(["nothing"]).answers):
                raise SandboxError(f"{sandbox.isolation}: not even code that does nothing comes to its end in it")
            attacks = {name: _is_stopped(sandbox, name) for name in ATTACKS}
            times = [sandbox.run(["nothing"]).wall_s * 1000 for _ in range(20)]
            return Diagnosis(
                sandbox.isolation, sandbox.has_cgroup, attacks, round(statistics.median(times), 2), unavailable
            )
    except SandboxError as error:
        return Diagnosis(None, False, {}, None, {isolation: str(error)} | unavailable)


def attack(cell: Cell) -> None:
    """The guest: has confined code carry out the attack that it is told, and tells whether it got through."""
    name = receive_frame(cell.connection, MIB)
    reading, writing = os.pipe()
    child = cell.fork(lambda: _carry_out(name, writing), files=[writing])
    os.close(writing)
    cell.confine()
    told = os.read(reading, 1)
    if told != b"1":
        os.waitpid(child, 0)
    send_frame(cell.connection, {"succeeded": told == b"1", "came back": told != b""})


def _is_stopped(sandbox: Sandbox, name: str) -> bool:
    execution = sandbox.run([name])
    return not any(answer["succeeded"] for answer in execution.answers)


def _carry_out(name: str, writing: int) -> None:
    try:
        succeeded = name != "nothing" and ATTACKS[name]()
    except (OSError, MemoryError, subprocess.SubprocessError, RuntimeError):
        succeeded = False
    os.write(writing, b"1" if succeeded else b"0")


def _open_a_connection() -> bool:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    return True


def _reach_a_local_service() -> bool:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    return True


def _read_the_machines_files() -> bool:
    return any(
        os.path.exists(path) for path in ("/etc/passwd", "/home", "/var", "/sys/kernel", "/proc/1", "/usr/bin/env")
    )


def _read_installed_packages() -> bool:
    return any(os.listdir(folder) for folder in package_folders())


def _write_outside_of_tmp() -> bool:
    for folder in ("/", "/var/tmp", "/dev", os.path.dirname(os.__file__)):
        try:
            with open(os.path.join(folder, "rlvr-was-here"), "w"):
                pass
            os.unlink(os.path.join(folder, "rlvr-was-here"))
            return True
        except OSError:
            continue
    return False


def _fill_the_disk() -> bool:
    written = 0
    for number in range(8):
        with open(f"/tmp/{number}", "wb") as file:
            written += file.write(b"x" * (2 * MIB))
    return written > 2 * _LIMITS.file_mb * MIB


def _start_a_program() -> bool:
    return subprocess.run([sys.executable, "-c", "0"], check=False).returncode == 0


def _become_root() -> bool:
    os.setuid(0)
    return True


def _mount() -> bool:
    from rewards.sandbox.kernel import mount

    mount("none", "/tmp", "tmpfs", 0)
    return True


def _nest_namespaces() -> bool:
    from rewards.sandbox.kernel import CLONE_NEWUSER, unshare

    unshare(CLONE_NEWUSER)
    return True


def _signal_the_parent() -> bool:
    os.kill(os.getppid(), signal.SIGKILL)
    return True


def _look_into_the_parent() -> bool:
    import ctypes

    attach = 16
    return ctypes.CDLL(None).ptrace(attach, os.getppid(), None, None) == 0


def _fork_without_end() -> bool:
    for count in range(200):
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        if count > 64:
            return True
    return True


def _start_threads_without_end() -> bool:
    for _ in range(200):
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    return True


def _eat_memory() -> bool:
    return len(bytearray(1 << 30)) > 0


def _eat_memory_by_many() -> bool:
    """Each fork takes half of what one process may."""
    reading, writing = os.pipe()
    for _ in range(32):
        if os.fork() == 0:
            held = bytearray(64 * MIB)
            for offset in range(0, len(held), 4096):
                held[offset] = 1
            os.write(writing, b"1")
            time.sleep(3)
            os._exit(0)
    return all(os.read(reading, 1) for _ in range(32))


def _compute_without_end() -> bool:
    end = time.monotonic() + 2.9
    while time.monotonic() < end:
        pass
    return time.process_time() > 2 * _LIMITS.cpu_s


def _escape_by_io_uring() -> bool:
    import ctypes

    io_uring_setup = 425
    return ctypes.CDLL(None).syscall(io_uring_setup, 1, ctypes.create_string_buffer(256)) >= 0


def _share_memory_between_executions() -> bool:
    import ctypes

    return ctypes.CDLL(None).shmget(0x726C7672, 4096, 0o1666) >= 0


ATTACKS: dict[str, Callable[[], bool]] = {
    "open a connection": _open_a_connection,
    "reach a local service": _reach_a_local_service,
    "read the machine's files": _read_the_machines_files,
    "read installed packages": _read_installed_packages,
    "write outside of /tmp": _write_outside_of_tmp,
    "fill the disk": _fill_the_disk,
    "start a program": _start_a_program,
    "become root": _become_root,
    "mount": _mount,
    "nest namespaces": _nest_namespaces,
    "signal the parent": _signal_the_parent,
    "look into the parent": _look_into_the_parent,
    "fork without end": _fork_without_end,
    "start threads without end": _start_threads_without_end,
    "eat memory": _eat_memory,
    "eat memory by many processes": _eat_memory_by_many,
    "compute without end": _compute_without_end,
    "escape by io_uring": _escape_by_io_uring,
    "share memory between executions": _share_memory_between_executions,
}
