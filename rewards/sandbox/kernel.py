"""The system calls of Linux that Python's standard library lacks. Each raises OSError where the kernel refuses."""

import ctypes
import os
import signal
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_NOATIME, MS_BIND, MS_REC, MS_PRIVATE = 1024, 4096, 16384, 1 << 18

_MNT_DETACH = 2
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
_PR_SET_CHILD_SUBREAPER = 36
_CAPABILITY_VERSION_3 = 0x20080522

_NUMBERS = {
    "x86_64": {"clone": 56, "pivot_root": 155, "capset": 126, "mount_setattr": 442},
    "aarch64": {"clone": 220, "pivot_root": 41, "capset": 91, "mount_setattr": 442},
}

_libc = ctypes.CDLL(None, use_errno=True)
_holding = ctypes.PyDLL(
    None, use_errno=True
)  # a fork within it finds the interpreter's lock held, as os.fork does


def machine() -> str:
    """The processor's architecture, as the kernel names it."""
    return os.uname().machine


def fork_into(namespaces: int) -> int:
    """Forks with the child in fresh namespaces; unlike with unshare, a process can do so again and again.

    Args:
        namespaces: ``CLONE_NEW*`` flags.

    Returns:
        The child's id, and 0 in the child, like os.fork.
    """
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    pid = _clone()(namespaces | signal.SIGCHLD)
    error = ctypes.get_errno()
    if pid == 0:
        python.PyOS_AfterFork_Child()
        return 0
    python.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return pid


def unshare(namespaces: int) -> None:
    """Moves this process into fresh namespaces."""
    _checked(_libc.unshare(ctypes.c_int(namespaces)), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mounts, as mount(2)."""
    result = _libc.mount(
        source.encode(),
        target.encode(),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        None if options is None else options.encode(),
    )
    _checked(result, f"mount {target}")


def unmount(target: str) -> None:
    """Takes a mount away; it is gone once nothing uses it."""
    _checked(_libc.umount2(target.encode(), ctypes.c_int(_MNT_DETACH)), f"umount {target}")


def set_mount_flags(target: str, flags: int, recursive: bool) -> None:
    """Adds to the flags of a mount, and of all below it if ``recursive``."""
    attributes = ctypes.create_string_buffer(struct.pack("QQQQ", flags, 0, 0, 0), 32)
    how = _AT_RECURSIVE if recursive else 0
    path = ctypes.c_char_p(target.encode())
    _call("mount_setattr", _AT_FDCWD, path, how, attributes, 32)


def change_root(folder: str) -> None:
    """Makes a mounted folder the root and lets go of the old one."""
    os.chdir(folder)
    _call("pivot_root", ctypes.c_char_p(b"."), ctypes.c_char_p(b"."))
    unmount(".")
    os.chdir("/")


def drop_capabilities() -> None:
    """Gives up every privilege for good, also those that a user namespace gave."""
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, *_longs(capability, 0, 0, 0)) == 0:
        capability += 1
    header = ctypes.create_string_buffer(struct.pack("II", _CAPABILITY_VERSION_3, 0), 8)
    none = ctypes.create_string_buffer(24)
    _call("capset", header, none)


def forbid_new_privileges() -> None:
    """No program that this process starts gains anything; also what the kernel asks for before a filter."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def hide_memory() -> None:
    """No process without privileges may look into this one, not even of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Has the kernel kill this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Makes this process the parent of whatever its children leave behind."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


class CallFilter:
    """A seccomp filter, laid out for the kernel once, so that a process need not allocate for it after a fork.

    Args:
        program: BPF instructions of 8 bytes each.
    """

    def __init__(self, program: bytes) -> None:
        self._instructions = ctypes.create_string_buffer(program, len(program))
        head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self._instructions))
        self._head = ctypes.create_string_buffer(head, len(head))

    def install(self) -> None:
        """Puts it in force, for good, beside those that are in force already."""
        _prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(self._head))


def _prctl(option: int, value: int, more: int = 0) -> None:
    _checked(_libc.prctl(option, *_longs(value, more, 0, 0)), f"prctl {option}")


def _call(name: str, *arguments: Any) -> None:
    number = _NUMBERS[machine()][name]
    plain = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    _libc.syscall.restype = ctypes.c_long
    _checked(_libc.syscall(ctypes.c_long(number), *plain), name)


@cache
def _clone() -> Callable[[int], int]:
    """Laid out once, as each step between forks costs copies of memory."""
    call = _holding.syscall
    call.restype = ctypes.c_long
    call.argtypes = [ctypes.c_long] * 6
    number = _NUMBERS[machine()]["clone"]
    return lambda flags: call(number, flags, 0, 0, 0, 0)


def _longs(*values: int) -> list[ctypes.c_ulong]:
    return [ctypes.c_ulong(value) for value in values]


def _checked(result: int, what: str) -> None:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
