"""Where models that were fetched or made are kept between runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base_training.errors import InputError
from base_training.run_folder import writing


def cache_dir() -> Path:
    """``$RLVR_CACHE``, or ``~/.cache/rlvr``."""
    return Path(os.environ.get("RLVR_CACHE") or Path.home() / ".cache" / "rlvr").absolute()


@contextmanager
def only_one(path: Path, timeout_s: float = 600.0) -> Iterator[None]:
    """Let one process at a time make ``path``; the others wait here, then find it made.

    The lock goes with its process, so that a crash leaves nothing locked.

    Raises:
        InputError: The wait was longer than ``timeout_s``, or the lock cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=timeout_s)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise InputError(f"Waited {timeout_s:.0f} s for another process that is making {path}.") from None
    try:
        yield
    finally:
        lock.release()
