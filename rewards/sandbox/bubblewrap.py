"""The command line of bwrap, for machines that let it make namespaces though they don't let us."""

import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from rewards.sandbox.limits import MIB, Limits
from rewards.sandbox.root import library_folders, package_folders

_PACKAGE = Path(__file__).resolve().parents[1]


def bubblewrap_command(guest: str, descriptor: int, limits: Limits) -> list[str]:
    """Runs one guest in a fresh interpreter that sees the standard library, this package and an empty /tmp.

    Args:
        guest: ``"package.module:function"``.
        descriptor: The socket on which the guest talks.
        limits: Its bounds.
    """
    interpreter = os.path.realpath(sys.executable)
    shown = [
        *library_folders(),
        interpreter,
        os.path.realpath(os.path.join(sys.base_prefix, "lib")),
        str(_PACKAGE),
    ]
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-all",
        "--unshare-user",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        "--cap-drop",
        "ALL",
    ]
    for name, value in (("PYTHONHASHSEED", "0"), ("PYTHONUTF8", "1"), ("PYTHONPATH", str(_PACKAGE.parent))):
        command += ["--setenv", name, value]
    command += ["--uid", "1000", "--gid", "1000", "--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--size", str(round(limits.file_mb * MIB)), "--tmpfs", "/tmp"]
    for path in dict.fromkeys(shown):
        command += ["--ro-bind", path, path]
    for link in ("/lib", "/lib64"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
    for folder in package_folders():
        command += ["--size", "4096", "--tmpfs", folder]
    command += ["--remount-ro", "/", "--chdir", "/tmp"]
    command += [interpreter, "-P", "-s", "-S", "-B", "-m", "rewards.sandbox.once"]
    return [*command, guest, str(descriptor), json.dumps(asdict(limits))]
