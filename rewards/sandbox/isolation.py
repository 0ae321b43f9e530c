"""The ways in which executions can be kept apart from the machine, strongest first."""

import os
import sys
from typing import Literal

Isolation = Literal["namespaces", "user-namespaces", "bubblewrap", "none"]

KINDS: tuple[Isolation, ...] = ("namespaces", "user-namespaces", "bubblewrap", "none")
"""``namespaces``: as root, with a user id of its own for the code under test. ``user-namespaces``: the same
without root, where the kernel lets users have them. ``bubblewrap``: by the program bwrap, a fresh interpreter
each. ``none``: resource limits and a filter of system calls alone; files of the machine can be read.
"""


def candidates() -> list[Isolation]:
    """The kinds that may work here and are safe, strongest first; whether one does, only trying it tells."""
    if sys.platform != "linux":
        return []
    found: list[Isolation] = ["namespaces"] if os.geteuid() == 0 else []
    if os.path.exists("/proc/self/ns/user"):
        found.append("user-namespaces")
    from shutil import which  # slow to import, and the zygote imports this module

    if which("bwrap"):
        found.append("bubblewrap")
    return found
