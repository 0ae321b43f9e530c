"""A control group for one zygote, which bounds the memory and the number of all that it starts together."""

import contextlib
import itertools
import os
import re
from pathlib import Path
from typing import Self

from rewards.sandbox.limits import MIB

_NAME = "rlvr-sandbox-"
_numbers = itertools.count()


class ControlGroup:
    """Folders below this process's own control group; version 1 has one for each of memory and pids."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders

    @classmethod
    def create(cls) -> Self | None:
        """A new group, or None where this process may not have one."""
        parents = _own_groups()
        if len(parents) == 0:
            return None
        name = f"{_NAME}{os.getpid()}-{next(_numbers)}"
        folders: list[Path] = []
        for parent in parents:
            _sweep(parent)
            folder = parent / name
            try:
                folder.mkdir()
            except OSError:
                cls(folders).remove()
                return None
            folders.append(folder)
        group = cls(folders)
        if not (group._file("memory") and group._file("pids")):
            group.remove()
            return None
        return group

    def limit(self, memory_mb: int, processes: int) -> None:
        """Sets what all of its processes may have together; OSError where the kernel refuses."""
        memory, pids = self._file("memory"), self._file("pids")
        assert memory is not None
        assert pids is not None
        memory.write_text(str(memory_mb * MIB))
        pids.write_text(str(processes))

    def add(self, pid: int) -> None:
        """Moves a process in; what it forks from then on is in too."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def remove(self) -> None:
        """Removes the group once it is empty; one that is not is removed by a later run."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _file(self, what: str) -> Path | None:
        names = {"memory": ("memory.max", "memory.limit_in_bytes"), "pids": ("pids.max",)}[what]
        for folder in self.folders:
            for name in names:
                if (folder / name).exists():
                    return folder / name
        return None


def _own_groups() -> list[Path]:
    """This process's folders for memory and for pids, the same one in version 2."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return []
    places = {}
    for _, place, kind, options, *_ in (line.split() for line in mounts):
        if kind == "cgroup":
            places.update({name: place for name in options.split(",") if name in ("memory", "pids")})
        elif kind == "cgroup2":
            places.setdefault("", place)
    own = {name: path for _, names, path in (line.split(":", 2) for line in lines) for name in names.split(",")}
    if "memory" in places and "pids" in places:
        found = [Path(places[name] + own.get(name, "/")) for name in ("memory", "pids")]
    elif "" in places:
        found = [Path(places[""] + own.get("", "/"))]
    else:
        return []
    return [folder for folder in dict.fromkeys(found) if os.access(folder, os.W_OK)]


def _sweep(parent: Path) -> None:
    """Removes groups of processes that were killed before they could."""
    for folder in parent.glob(f"{_NAME}*"):
        pid = re.match(rf"{_NAME}(\d+)-", folder.name)
        if pid and not os.path.exists(f"/proc/{pid[1]}"):
            with contextlib.suppress(OSError):
                folder.rmdir()
