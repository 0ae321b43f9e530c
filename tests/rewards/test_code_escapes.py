"""What code under test tries at the sandbox's walls: each ``attempt()`` tells whether it got through.

Beside the doctor's attacks. One that is killed for it did not get through either.
"""

import platform
from collections.abc import Iterator

import pytest

from rewards.code.verifier import CodeVerifier

LABEL = {"tests": ["assert attempt() is False"]}

PLAIN: dict[str, str] = {
    "write to memory through /proc": """
def attempt():
    with open("/proc/self/mem", "r+b") as memory:
        return memory.readable()
""",
    "run a file that has no name": """
import os
def attempt():
    os.execve(os.memfd_create("program"), ["program"], {})
    return True
""",
    "run the input of a program": """
import os
def attempt():
    os.execve(0, ["program"], {})
    return True
""",
    "signal the judge when a pipe has data": """
import fcntl, os, signal
def attempt():
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, 1)
    fcntl.fcntl(reading, 10, signal.SIGKILL)
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(writing, b"x")
    return False
""",
    "lower the judge's limits": """
import resource
def attempt():
    resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))
    return True
""",
    "raise its own limits": """
import resource
def attempt():
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU):
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return True
        except (ValueError, OSError):
            pass
    return False
""",
    "signal the judge by every way there is": """
import os, signal
def attempt():
    tries = [lambda: os.kill(1, 9), lambda: os.kill(-1, 9), lambda: os.killpg(0, 9), lambda: os.killpg(1, 9)]
    tries += [lambda: signal.pidfd_send_signal(os.pidfd_open(1), 9), lambda: os.setpgid(0, 1), os.setsid]
    for one in tries:
        try:
            one()
            return True
        except OSError:
            pass
    return False
""",
    "become the judge's user": """
import os
def attempt():
    for uid in (0, os.getuid() - 1, os.getuid() + 1):
        try:
            os.setresuid(uid, uid, uid)
            return True
        except OSError:
            pass
    return False
""",
    "run before everybody else": """
import os
def attempt():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
    return True
""",
    "make a disk": """
import os, stat
def attempt():
    os.mknod("/tmp/sda", 0o666 | stat.S_IFBLK, os.makedev(8, 0))
    return True
""",
    "leave a mark on a device": """
import os
CHANGES = os.utime, lambda path: os.chmod(path, 0o666), lambda path: os.setxattr(path, "user.x", b"1")
def attempt():
    for name in ("null", "zero", "urandom"):
        for change in CHANGES:
            try:
                change("/dev/" + name)
                return True
            except OSError:
                pass
    return False
""",
    "leave a mark on the library": """
import os
CHANGES = os.utime, lambda path: os.chmod(path, 0o777), lambda path: os.setxattr(path, "user.x", b"1")
def attempt():
    for path in (os.__file__, os.path.dirname(os.__file__), "/", "/dev"):
        for change in CHANGES:
            try:
                change(path)
                return True
            except OSError:
                pass
    return False
""",
    "share memory by a name": """
def attempt():
    from multiprocessing import shared_memory
    shared_memory.SharedMemory("rlvr", create=True, size=4096)
    return True
""",
    "look around": """
import os
def attempt():
    hidden = "/etc/passwd", "/sys/kernel", "/proc/self", "/run", "/var", "/boot", "/usr/bin/env", "/dev/mem"
    return any(map(os.path.exists, hidden))
""",
    "find a file that somebody left open": """
import os
def attempt():
    open_files = []
    for number in range(1024):
        try:
            os.fstat(number)
            open_files.append(number)
        except OSError:
            pass
    return len(open_files) > 4
""",
    "find the caller's network": """
import socket
def attempt():
    for family in map(socket.AddressFamily, (1, 2, 10, 16, 17, 38, 40)):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind)
                return True
            except OSError:
                pass
    return False
""",
    "ask for a debugger of the judge": """
import ctypes
def attempt():
    libc = ctypes.CDLL(None)
    libc.prctl(4, 1, 0, 0, 0)
    return any(libc.ptrace(what, 1, None, None) == 0 for what in (16, 0x4206))
""",
}

QUIET = """
tried = attempt
def attempt():
    try:
        return tried()
    except OSError:
        return False
"""

CALLS: dict[str, str] = {
    "make a process namespace": "56, 0x20000000 | 17, 0, 0, 0, 0",
    "make a mount namespace": "56, 0x00020000 | 17, 0, 0, 0, 0",
    "make a user namespace": "56, 0x10000000 | 17, 0, 0, 0, 0",
    "make a namespace by clone3": "435, bytes(88), 88",
    "leave for a new network": "272, 0x40000000",
    "take /tmp away": "166, b'/tmp', 2",
    "take / away": "166, b'/', 2",
    "mount over /tmp": "165, b'none', b'/tmp', b'tmpfs', 0, None",
    "change the root": "161, b'/tmp'",
    "turn the root": "155, b'/tmp', b'/tmp'",
    "signal the judge's thread": "234, 1, 1, 9",
    "signal the judge's thread as of old": "200, 1, 9",
    "queue a signal for the judge": "129, 1, 9, bytes(128)",
    "read the judge's memory": "310, 1, (ctypes.c_long * 2)(), 1, (ctypes.c_long * 2)(), 1, 0",
    "write to the judge's memory": "311, 1, (ctypes.c_long * 2)(), 1, (ctypes.c_long * 2)(), 1, 0",
    "take a file from the judge": "438, libc.syscall(434, 1, 0), 0, 0",
    "compare itself with the judge": "312, 1, 2, 0, 0, 0",
    "keep a key for the next execution": "248, b'user', b'rlvr', b'x', 1, -3",
    "read keys": "250, 11, -3, 0, 0, 0",
    "load a program into the kernel": "321, 5, bytes(128), 128",
    "watch the machine's performance": "298, bytes(128), 0, -1, -1, 0",
    "catch page faults": "323, 1",
    "open a file by its handle": "304, -100, bytes(128), 0",
    "leave messages in a queue": "240, b'rlvr', 0o102, 0o666, None",
    "share memory by a number": "29, 7319, 4096, 0o1666",
    "flush all the machine's disks": "162",
    "flush the disk of the library": "306, os.open(os.__file__, os.O_RDONLY)",
    "set the clock": "227, 0, bytes(16)",
    "rename the machine": "170, b'x', 1",
    "read the kernel's messages": "103, 3, ctypes.create_string_buffer(64), 64",
    "call in the x32 way": "0x40000000 | 41, 2, 1, 0",
    "call what is newer than the filter": "467, 0, 0, 0",
}
"""Arguments of syscall on x86_64."""

SYSCALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt():
    result = libc.syscall({})
    if result == 0 and os.getpid() == 1:
        os._exit(0)
    return result >= 0
"""

IN_THE_32_BIT_WAY = """
import ctypes, mmap
def attempt():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))  # mov eax, getpid; int 0x80; ret
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return function() > 0
"""

on_x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86_64")


@pytest.fixture(scope="module")
def verifier() -> Iterator[CodeVerifier]:
    verifier = CodeVerifier(timeout_s=1.0, total_timeout_s=2.0, memory_mb=128)
    verifier.warm_up()
    yield verifier
    verifier.close()


def assert_stopped(verifier: CodeVerifier, code: str) -> None:
    verdict = verifier.verify(f"```python\n{code}{QUIET}```", LABEL)
    assert verdict.valid
    assert verdict.reason == "correct", verdict


@pytest.mark.parametrize("name", PLAIN)
def test_no_wall_gives_way(verifier: CodeVerifier, name: str) -> None:
    assert_stopped(verifier, PLAIN[name])


@on_x86_64
@pytest.mark.parametrize("name", CALLS)
def test_no_call_gets_through(verifier: CodeVerifier, name: str) -> None:
    code = SYSCALL.format(CALLS[name])
    verdict = verifier.verify(f"```python\n{code}\n```", LABEL)
    assert (verdict.valid, verdict.reason) == (True, "correct")


@on_x86_64
def test_no_call_gets_through_in_the_32_bit_way(verifier: CodeVerifier) -> None:
    verdict = verifier.verify(f"```python\n{IN_THE_32_BIT_WAY}\n```", LABEL)
    assert (verdict.valid, verdict.reason) == (True, "crash")


def test_an_attempt_that_gets_through_would_show(verifier: CodeVerifier) -> None:
    verdict = verifier.verify("```python\ndef attempt():\n    return True\n```", LABEL)
    assert (verdict.valid, verdict.reason) == (True, "wrong")
