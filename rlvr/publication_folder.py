"""Where published weights lie until workers have read them: shared memory that a crash does not leak."""

import fcntl
import shutil
import uuid
from pathlib import Path

from rollouts.transfer.shared_memory import SHARED_MEMORY

KEPT = 2
"""A worker may still be reading the last publication while the next one is written."""

_PREFIX = "rlvr-weights-"
_LOCK = "lock"


class PublicationFolder:
    """A new folder, locked while this process lives; folders of processes that died are removed first."""

    def __init__(self, parent: Path = SHARED_MEMORY) -> None:
        remove_abandoned(parent)
        name = f"{_PREFIX}{uuid.uuid4().hex[:12]}"
        unlocked, self._path = parent / f".{name}", parent / name
        unlocked.mkdir()
        self._lock = (unlocked / _LOCK).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unlocked.rename(self._path)  # only now another run may look at it

    def file(self, version: int) -> Path:
        """Where the weights of a version go."""
        return self._path / f"{version}.safetensors"

    def drop_before(self, version: int) -> None:
        """Remove the one that no worker can need any more now that ``version`` is there."""
        self.file(version - KEPT).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._path, ignore_errors=True)
        self._lock.close()


def remove_abandoned(parent: Path) -> None:
    """Remove the folders that nobody holds."""
    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            with lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
        except OSError:
            # Held by a running process, or just removed by another one.
            continue
