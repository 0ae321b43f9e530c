"""The file system that confined processes see: Python's standard library, read-only, and nothing else."""

import os
import sys

from rewards.sandbox.kernel import (
    MS_BIND,
    MS_NOATIME,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    change_root,
    mount,
    set_mount_flags,
    unmount,
)
from rewards.sandbox.limits import MIB

_PLACE = "/proc"
"""Where the new root is put together: a folder that is always there, and of which nothing is shown."""

_DEVICES = ("null", "zero", "urandom")


def library_folders() -> list[str]:
    """What Python needs to import its standard library: its own folder, and those of shared libraries."""
    folders = [os.path.dirname(os.path.realpath(os.__file__))]
    for folder in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"):
        if os.path.isdir(folder) and not os.path.islink(folder):
            folders.append(folder)
    base = os.path.realpath(os.path.join(sys.base_prefix, "lib"))
    return [folder for folder in dict.fromkeys(folders) if folder != base or folder.startswith("/usr")]


def package_folders() -> list[str]:
    """Where packages are installed, within what is shown."""
    libraries = [os.path.dirname(os.path.realpath(os.__file__))]
    for folder in ("/usr/lib", "/usr/local/lib"):
        if os.path.isdir(folder):
            libraries += [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name.startswith("python3")]
    folders = [f"{library}/{name}" for library in libraries for name in ("site-packages", "dist-packages")]
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def enter_new_root() -> None:
    """Gives this process, which must be in a mount namespace of its own, a root without the machine's files.

    Raises:
        OSError: The kernel does not let it.
    """
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", _PLACE, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    for folder in library_folders():
        _show(folder)
    for link in ("/lib", "/lib64"):
        if os.path.islink(link) and not os.path.lexists(_PLACE + link):
            os.symlink(os.readlink(link), _PLACE + link)
    _hide_packages()
    os.mkdir(f"{_PLACE}/dev")
    for device in _DEVICES:
        with open(f"{_PLACE}/dev/{device}", "w"):
            pass
        mount(f"/dev/{device}", f"{_PLACE}/dev/{device}", None, MS_BIND)
        set_mount_flags(f"{_PLACE}/dev/{device}", MS_RDONLY | MS_NOSUID | MS_NOEXEC, recursive=False)
    os.mkdir(f"{_PLACE}/tmp")
    change_root(_PLACE)
    set_mount_flags("/", MS_RDONLY, recursive=False)


class Scratch:
    """An empty /tmp for each execution; it is mounted anew only where the last one touched it, as that takes time.

    Args:
        megabytes: What fits in.
        is_shared: Whether the code under test has the same user as this process, which then owns the folder and
            could cover its traces.
    """

    def __init__(self, megabytes: float, is_shared: bool) -> None:
        self._options = f"size={round(megabytes * MIB)},mode=1777,nr_inodes=4096"
        self._is_shared = is_shared
        self._mount()

    def renew(self) -> None:
        """Empties it, when no process of the last execution lives any more."""
        if self._is_shared or os.listdir("/tmp") or os.stat("/tmp").st_ctime_ns != self._untouched:
            unmount("/tmp")
            self._mount()

    def _mount(self) -> None:
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, self._options)
        self._untouched = os.stat("/tmp").st_ctime_ns


def _show(folder: str) -> None:
    if os.path.isdir(_PLACE + folder) and os.path.samefile(_PLACE + folder, folder):
        return
    os.makedirs(_PLACE + folder, exist_ok=True)
    mount(folder, _PLACE + folder, None, MS_BIND | MS_REC)
    set_mount_flags(_PLACE + folder, MS_RDONLY | MS_NOSUID | MS_NODEV, recursive=True)


def _hide_packages() -> None:
    """Covers installed packages: among them may be the very data that responses are tested with."""
    for folder in package_folders():
        if os.path.isdir(_PLACE + folder):
            mount("tmpfs", _PLACE + folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_RDONLY, "size=4k")
