"""Files of a run that are whole or absent: atomic writes, atomic folders, manifests of hashes."""

import errno
import hashlib
import json
import math
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from base_training.errors import InputError

MANIFEST = "MANIFEST.json"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write ``path`` into an :class:`InputError` that says what to do."""
    try:
        yield
    except OSError as error:
        raise InputError(f"Cannot write {path}: {_remedy(error)}") from error


def _remedy(error: OSError) -> str:
    if error.errno in _FULL:
        return "the disk is full. Free some space, or choose a folder on another disk."
    if error.errno in _FORBIDDEN:
        return "this user may not write there. Choose another folder, or change its permissions."
    return f"{error.strerror or error}. Choose another folder."


def require_space(folder: Path, size: int) -> None:
    """Refuse to begin writing ``size`` bytes into an existing ``folder`` whose disk has less room.

    Raises:
        InputError: There is too little room.
    """
    free = shutil.disk_usage(folder).free
    if free < size:
        raise InputError(
            f"Cannot write {folder}: it needs {size / 1e6:,.0f} MB and the disk has {free / 1e6:,.0f} MB free. "
            "Free some space, or choose a folder on another disk."
        )


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file by way of a synced sibling, so that a crash leaves the old content or the new, never a part.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _sibling(path)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync(path.parent)


def write_json(path: Path, obj: Any) -> None:
    """Write ``obj`` as indented JSON, atomically. NaN and infinities are refused: they are not JSON."""
    write_atomically(path, json.dumps(obj, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def json_value(value: Any) -> Any:
    """The same with None for numbers that are not finite, at any depth: JSON has none."""
    if isinstance(value, Mapping):
        return {name: json_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Fill a new folder under a temporary name beside ``path``; it is synced and renamed at the end.

    On any error the temporary folder is removed, and ``path`` does not come into being.

    Yields:
        The temporary folder, to write into.

    Raises:
        InputError: ``path`` exists already, the disk is full, or the folder cannot be written.
    """
    if path.exists():
        raise InputError(f"{path} exists already. Choose another name, or remove it.")
    temporary = _sibling(path)
    with writing(path):
        temporary.mkdir(parents=True)
    try:
        yield temporary
        with writing(path):
            for folder, _, files in os.walk(temporary):
                for name in files:
                    _sync(Path(folder, name))
                _sync(Path(folder))
            temporary.rename(path)
            _sync(path.parent)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if error.errno in _FULL:
            raise InputError(f"Cannot write {path}: {_remedy(error)}") from error
        raise
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_manifest(folder: Path) -> None:
    """List every file of ``folder`` with its size in bytes and SHA-256, in ``MANIFEST.json``."""
    files = {name: {"size": file.stat().st_size, "sha256": sha256(file)} for name, file in _files(folder).items()}
    write_json(folder / MANIFEST, {"files": files})


def verify_manifest(folder: Path) -> None:
    """Check that a folder holds exactly the files of its manifest, each with the content it was written with.

    Raises:
        InputError: The manifest or a file is missing, altered, or not listed; the message names both.
    """
    listed = _read_manifest(folder)
    present = _files(folder)
    for name, entry in listed.items():
        file = present.get(name)
        if file is None:
            raise _refusal(folder, f"{name} is missing")
        if file.stat().st_size != entry["size"]:
            raise _refusal(folder, f"{name} has {file.stat().st_size} bytes, not {entry['size']}")
        if sha256(file) != entry["sha256"]:
            raise _refusal(folder, f"{name} is not what was written (its SHA-256 differs)")
    for name in present.keys() - listed.keys():
        raise _refusal(folder, f"{name} is not listed in {MANIFEST}")


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / MANIFEST
    try:
        files = json.loads(path.read_bytes())["files"]
    except FileNotFoundError:
        raise _refusal(folder, f"it has no {MANIFEST}") from None
    except (ValueError, KeyError, TypeError):
        raise _refusal(folder, f"{MANIFEST} cannot be read") from None
    return files


def _refusal(folder: Path, what: str) -> InputError:
    return InputError(f"{folder} is refused: {what}. Use another checkpoint.")


def _files(folder: Path) -> dict[str, Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found if path != folder / MANIFEST}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sibling(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
