"""What a guest may do in its fresh cell: start confined children, and confine itself."""

import gc
import os
import socket
from collections.abc import Callable, Sequence

from rewards.sandbox.isolation import Isolation
from rewards.sandbox.kernel import (
    die_with_parent,
    drop_capabilities,
    forbid_new_privileges,
    hide_memory,
)
from rewards.sandbox.limits import Limits, apply_limits
from rewards.sandbox.seccomp import cell_filter, is_supported, standing_filter

FIRST_CHILD = 2
"""Its process id in a namespace of its own, where the guest is 1."""

CRASHED = 70
"""Exit code of a child whose body raised."""


class Cell:
    """One execution, seen from its first process, which still has the zygote's rights.

    The guest forks the code under test while it knows nothing worth stealing, only then reads what must be kept
    from it, and confines itself. Whatever else still runs when the guest ends is killed by the kernel.

    Attributes:
        connection: To the caller; children never have it.
        limits: Those of this execution.
    """

    def __init__(
        self,
        connection: socket.socket,
        limits: Limits,
        isolation: Isolation,
        first_uid: int | None,
        loaded_bytes: int,
        processes: int | None,
    ) -> None:
        self.connection = connection
        self.limits = limits
        self._isolation = isolation
        self._first_uid = first_uid
        self._loaded_bytes = loaded_bytes
        self._processes = processes
        self._is_bounded = False

    def fork(self, body: Callable[[], None], files: Sequence[int] = (), standard: Sequence[int] = ()) -> int:
        """Starts a confined child that runs ``body`` and ends.

        Args:
            body: What it does. If it raises, the child's exit code is `CRASHED`.
            files: File descriptors that it keeps.
            standard: What becomes its standard input, output and error; the null device where absent.

        Returns:
            Its process id.
        """
        if self._isolation != "none":
            self._bound(FIRST_CHILD)
        pid = os.fork()
        if pid:
            return pid
        code = CRASHED
        try:
            self._give_files(files, standard)
            self._confine(role=1)
            gc.enable()
            body()
            code = 0
        finally:
            os._exit(code)

    def confine(self) -> None:
        """Gives up the guest's own rights."""
        self._confine(role=0)
        die_with_parent()  # a change of user undoes it

    def _confine(self, role: int) -> None:
        """A user id for each role, so that the two can't touch each other."""
        apply_limits(self.limits, self._loaded_bytes, self._processes)
        self._bound(os.getpid() if self._isolation == "none" else FIRST_CHILD)
        if self._first_uid is not None:
            uid = self._first_uid + role
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        if self._isolation == "user-namespaces":
            drop_capabilities()
        hide_memory()

    def _bound(self, own_pid: int) -> None:
        """Once for the guest and its child, which inherits it, where the child's id is known ahead."""
        if self._is_bounded:
            return
        if is_supported():
            forbid_new_privileges()
            if self._isolation in ("none", "bubblewrap"):  # elsewhere the zygote has it already
                standing_filter().install()
            cell_filter(own_pid).install()
        self._is_bounded = True

    def _give_files(self, files: Sequence[int], standard: Sequence[int]) -> None:
        """Leaves the child its own files and no other."""
        null = os.open(os.devnull, os.O_RDWR)
        for number, file in enumerate([*standard, null, null, null][:3]):
            os.dup2(file, number)
        first = 3
        for file in sorted({*files}):
            os.closerange(first, file)
            first = file + 1
        os.closerange(first, 1 << 16)


def run_guest(guest: Callable[[Cell], None], cell: Cell) -> int:
    """Runs a guest as the first process of its cell; returns its exit code."""
    die_with_parent()
    guest(cell)
    return 0
