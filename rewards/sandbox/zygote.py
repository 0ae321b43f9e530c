"""A process that has Python warm and forks itself for each execution: ``python -m rewards.sandbox.zygote FD``.

It enters an empty network, a root without the machine's files and a control group once; each execution then has a
process namespace of its own and an empty /tmp. It never sees what is executed: that goes from the caller to the
guest.
"""

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable

from rewards.sandbox import kernel
from rewards.sandbox.cell import CRASHED, FIRST_CHILD, Cell, run_guest
from rewards.sandbox.frames import REPORT, WALL
from rewards.sandbox.isolation import Isolation
from rewards.sandbox.limits import FIRST_UID, Limits, lift_soft_limits
from rewards.sandbox.root import Scratch, enter_new_root
from rewards.sandbox.seccomp import cell_filter, is_supported, standing_filter

PRELOADED = (
    *("abc", "bisect", "collections", "copy", "dataclasses", "enum", "functools", "heapq", "itertools", "json"),
    *("math", "operator", "random", "re", "string", "time", "types", "typing"),
)
"""What code under test often imports: loaded once. Each library more makes each fork slower."""

_INNER_ID = 1000
_MAX_MESSAGE = 4096
_SPACE_FOR_A_FILE = socket.CMSG_SPACE(4)


def main(descriptor: int) -> None:
    """Serves the caller on the other side of the socket until it is gone."""
    control = socket.socket(fileno=descriptor)
    lift_soft_limits()
    setup = json.loads(control.recv(1 << 16))
    try:
        guest = _load(setup["guest"])
        sys.path.remove(os.environ["PYTHONPATH"])  # confined code has the standard library only
        zygote = _Zygote(control, guest, setup["isolation"], setup["cgroup"], setup["file_mb"])
    except OSError as error:
        control.send(json.dumps({"error": str(error)}).encode())
        return
    control.send(json.dumps({"ready": True}).encode())
    zygote.serve()


class _Zygote:
    def __init__(
        self,
        control: socket.socket,
        guest: Callable[[Cell], None],
        isolation: Isolation,
        has_cgroup: bool,
        file_mb: float,
    ) -> None:
        self._control = control
        self._guest = guest
        self._isolation = isolation
        self._has_cgroup = has_cgroup
        self._loaded_bytes = _address_space()
        self._first_uid: int | None = None
        self._scratch: Scratch | None = None
        if isolation == "namespaces":
            self._first_uid = FIRST_UID + 2 * (os.getpid() % 2**22)  # no other live zygote has this id
            kernel.unshare(_SHARED)
            enter_new_root()
        elif isolation == "none":
            kernel.adopt_orphans()
        else:
            _enter_user_namespace()
            enter_new_root()
        if isolation != "none":
            if not is_supported():
                raise OSError(f"the system calls of {kernel.machine()} are not known here")
            self._scratch = Scratch(file_mb, is_shared=self._first_uid is None)
            kernel.forbid_new_privileges()
            standing_filter().install()
            cell_filter(FIRST_CHILD)  # kept, for all children to find
        gc.collect()
        gc.freeze()
        gc.disable()

    def serve(self) -> None:
        """One execution after the other. Each step costs copies of memory that it shares with what it forked."""
        while True:
            message, files, _, _ = self._control.recvmsg(_MAX_MESSAGE, _SPACE_FOR_A_FILE)
            if not message:
                return
            connection = int.from_bytes(files[0][2], sys.byteorder)
            pid = self._start(connection, message)
            os.close(connection)
            report = self._wait(pid, *WALL.unpack_from(message))
            try:
                self._control.send(REPORT.pack(*report))
            except BrokenPipeError:
                return  # the caller is gone

    def _start(self, connection: int, message: bytes) -> int:
        pid = os.fork() if self._isolation == "none" else kernel.fork_into(kernel.CLONE_NEWPID)
        if pid:
            return pid
        code = CRASHED
        try:
            self._control.close()
            if self._isolation == "none":
                os.setsid()
            os.chdir("/tmp")
            limits = Limits(**json.loads(message[WALL.size :]))
            processes = self._processes(limits)
            caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, connection)
            cell = Cell(caller, limits, self._isolation, self._first_uid, self._loaded_bytes, processes)
            code = run_guest(self._guest, cell)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _processes(self, limits: Limits) -> int | None:
        """How many processes the user of the code under test may have in all, where that can be bounded."""
        if self._isolation == "none":
            return None
        own = limits.processes if self._has_cgroup else 1
        return own if self._isolation == "namespaces" else own + 2  # the zygote and the guest have the same user

    def _wait(self, pid: int, wall_s: float) -> tuple[bool, int, float, float]:
        """Sees an execution to its end, which a time-out and a caller that is gone hasten."""
        began = time.monotonic()
        handle = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        timed_out = handle not in dict(poll.poll(wall_s * 1000))
        if timed_out or self._isolation == "none":
            _kill(pid, whole_session=self._isolation == "none")
        _, status, usage = os.wait4(pid, 0)
        os.close(handle)
        if self._scratch is None:
            _reap()
        else:
            self._scratch.renew()
        cpu_s = usage.ru_utime + usage.ru_stime
        return timed_out, os.waitstatus_to_exitcode(status), time.monotonic() - began, cpu_s


_SHARED = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS


def _load(guest: str) -> Callable[[Cell], None]:
    _import_random()
    for name in PRELOADED:
        importlib.import_module(name)
    module, _, function = guest.partition(":")
    found: Callable[[Cell], None] = getattr(importlib.import_module(module), function)
    return found


def _import_random() -> None:
    """Imports random so that it is not seeded anew at each fork, which takes time, but always alike."""
    register = os.register_at_fork
    os.register_at_fork = lambda **_: None
    try:
        random = importlib.import_module("random")
    finally:
        os.register_at_fork = register
    random.seed(0)


def _enter_user_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER | _SHARED)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_INNER_ID} {uid} 1"),
        ("gid_map", f"{_INNER_ID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _address_space() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _reap() -> None:
    """Clears away the dead that an execution without a namespace of its own left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _kill(pid: int, whole_session: bool) -> None:
    try:
        (os.killpg if whole_session else os.kill)(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
