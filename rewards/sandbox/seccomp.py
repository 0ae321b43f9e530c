"""Which system calls code under test may not make, as a filter for the kernel.

The filter refuses what reaches other processes, other programs, the network or the kernel's own doors; computing,
files in its own root, threads and pipes remain. Calls newer than those known here don't exist for it.

The kernel takes its time to compile a filter. So there are two: a long one of what nobody here needs, which a
zygote puts in force for itself and all that it starts, and a short one for each execution, of what makes one.
"""

import struct
from functools import cache
from itertools import pairwise

from rewards.sandbox.kernel import CallFilter, machine

# Numbers on (x86_64, aarch64); -1 where an architecture has no such call.
_REFUSED: dict[str, tuple[int, int]] = {
    # other programs and other processes
    "execve": (59, 221),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpgid": (109, 154),
    "setsid": (112, 156),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # the network and queues between processes
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # mounts, namespaces and roots
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # memory that no limit counts
    "memfd_secret": (447, 447),
    # the kernel's own doors
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "fanotify_init": (300, 262),
    "personality": (135, 92),
    "modify_ldt": (154, -1),
    "uselib": (134, -1),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "lookup_dcookie": (212, 18),
    "vmsplice": (278, 75),
    # what keeps the machine's disks busy
    "sync": (162, 81),
    "syncfs": (306, 267),
}
_REFUSED_IN_CELLS: dict[str, tuple[int, int]] = {
    "kill": (62, 129),
    "mount": (165, 40),
    "umount2": (166, 39),
    "memfd_create": (319, 279),
}
"""What a zygote and the first process of a cell need before the code under test starts."""

_CLONE = (56, 220)
_CLONE3 = (435, 435)
_TGKILL = (234, 131)
_PRLIMIT = (302, 261)
_LAST_KNOWN = 448
_NEW_NAMESPACES = 0x7E020000

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


def is_supported() -> bool:
    """Whether the numbers of this machine's calls are known here."""
    return machine() in _ARCHITECTURES


@cache
def standing_filter() -> CallFilter:
    """What no process of a sandbox may do, the zygote included."""
    column, _ = _ARCHITECTURES[machine()]
    leaves = _leaves(_REFUSED)
    # A filter can't read the flags of clone3; without it the C library takes clone.
    leaves[_CLONE3[column]] = [_step(_RETURN, _ENOSYS)]
    leaves[_PRLIMIT[column]] = _only_with_first_argument(0)
    return CallFilter(_program(leaves, beyond=_ENOSYS))  # beyond are also x86_64's calls with 32-bit pointers


@cache
def cell_filter(own_pid: int) -> CallFilter:
    """What an execution may not do once the code under test runs.

    Args:
        own_pid: The one process that may be signalled, as ``abort`` does with itself.
    """
    column, _ = _ARCHITECTURES[machine()]
    leaves = _leaves(_REFUSED_IN_CELLS)
    leaves[_TGKILL[column]] = _only_with_first_argument(own_pid)
    leaves[_CLONE[column]] = [
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        _step(_RETURN, _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return CallFilter(_program(leaves, beyond=_ALLOW))


def _leaves(refused: dict[str, tuple[int, int]]) -> dict[int, list[bytes]]:
    column, _ = _ARCHITECTURES[machine()]
    return {numbers[column]: [_step(_RETURN, _EPERM)] for numbers in refused.values() if numbers[column] >= 0}


def _only_with_first_argument(value: int) -> list[bytes]:
    return [
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_EQUAL, value, 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _EPERM),
    ]


def _program(leaves: dict[int, list[bytes]], beyond: int) -> bytes:
    """A binary search for the call's number.

    Args:
        leaves: What to do at some numbers; the others up to the last known one are allowed.
        beyond: What to do at higher numbers.
    """
    _, architecture = _ARCHITECTURES[machine()]
    others = [_step(_RETURN, _ALLOW)]
    ranges = [(number, leaves.get(number, others)) for number in range(_LAST_KNOWN + 1)]
    ranges.append((_LAST_KNOWN + 1, [_step(_RETURN, beyond)]))
    starts = [ranges[0], *[here for before, here in pairwise(ranges) if before[1] != here[1]]]
    head = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    return b"".join(head + _search(starts))


def _search(ranges: list[tuple[int, list[bytes]]]) -> list[bytes]:
    """Steps that find the range in which a number lies; each range has its first number and what to do then."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    return [_step(_AT_LEAST, ranges[middle][0], len(below), 0), *below, *above]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
