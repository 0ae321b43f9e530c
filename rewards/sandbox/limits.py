"""How much of the machine one execution may take."""

import math
import resource
from dataclasses import dataclass

MIB = 2**20

FIRST_UID = 2_000_000_000
"""From here on, users of the code under test: above those that systems give out."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one execution. What passes one of them ends it or fails in it, and nothing beside it.

    Attributes:
        wall_s: Wall clock of the whole execution, after which all of its processes are killed.
        cpu_s: Processor time of each of its processes.
        memory_mb: Address space of each of its processes beside what was loaded before, in MiB; where a control
            group can be had, it also bounds all of them together.
        processes: Processes and threads of the code under test at one time. Without a control group it is 1,
            because memory would be bounded for each of them only.
        file_mb: The largest file, and all files together, in MiB.
        output_mb: The most that it may answer or print, in MiB.
    """

    wall_s: float = 4.0
    cpu_s: float = 4.0
    memory_mb: int = 512
    processes: int = 16
    file_mb: int = 16
    output_mb: int = 8

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"limit {name} must be a number above 0, got {value!r}")


def apply_limits(limits: Limits, loaded_bytes: int, processes: int | None) -> None:
    """Bounds this process and those that it forks; none of them can undo it.

    Args:
        limits: The bounds.
        loaded_bytes: Address space that is in use already.
        processes: How many its user may have in all; None where others have the same user.
    """
    bounds = {
        resource.RLIMIT_AS: loaded_bytes + limits.memory_mb * MIB,
        resource.RLIMIT_CPU: math.ceil(limits.cpu_s),
        resource.RLIMIT_FSIZE: round(limits.file_mb * MIB),
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    if processes is not None:
        bounds[resource.RLIMIT_NPROC] = processes
    for kind, value in bounds.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def lift_soft_limits() -> None:
    """Undoes the soft limits of a parent that bounds only itself."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (hard, hard))
