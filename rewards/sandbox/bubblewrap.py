"""The command line of bwrap, for machines that let it make namespaces though they don't let us."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from rewards.sandbox.limits import Limits
from rewards.sandbox.root import library_folders

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
        os.path.dirname(interpreter),
        os.path.realpath(os.path.join(sys.base_prefix, "lib")),
        str(_PACKAGE),
    ]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    for name, value in (("PYTHONHASHSEED", "0"), ("PYTHONUTF8", "1"), ("PYTHONPATH", str(_PACKAGE.parent))):
        command += ["--setenv", name, value]
    for folder in dict.fromkeys(shown):
        command += ["--ro-bind", folder, folder]
    for link in ("/lib", "/lib64"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
    command += ["--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc", "--chdir", "/tmp"]
    command += [interpreter, "-P", "-s", "-S", "-B", "-m", "rewards.sandbox.once"]
    return [*command, guest, str(descriptor), json.dumps(asdict(limits))]
