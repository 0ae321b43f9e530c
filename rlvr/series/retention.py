"""Which checkpoints of a run stay: every N-th, the tagged, the best, the last."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base_training.errors import InputError
from base_training.run_folder import writing
from rlvr.series.inventory import Entry, inventory


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one checkpoint.

    Attributes:
        entry: The checkpoint.
        reasons: Why it stays, such as ``tag release``; empty where it goes.
    """

    entry: Entry
    reasons: tuple[str, ...]

    @property
    def stays(self) -> bool:
        """Whether it stays."""
        return bool(self.reasons)


def decide(run: Path, every: int | None = None, last: int = 1) -> list[Decision]:
    """What retention would do.

    Args:
        run: A run's folder.
        every: Checkpoints whose step is a multiple of this stay.
        last: So many of the newest stay; a run goes on from the newest.

    Raises:
        InputError: There is no run, or a number is too small.
    """
    if last < 1 or (every is not None and every < 1):
        raise InputError("--keep-last and --keep-every are 1 or more: a run goes on from its last checkpoint")
    entries = inventory(run)
    newest = {entry.step for entry in entries[-last:]}
    return [Decision(entry, _reasons(entry, every, newest)) for entry in entries]


def prune(decisions: Sequence[Decision]) -> int:
    """Delete the checkpoints that do not stay.

    Each is put aside under a hidden name first, so that one that is half deleted is not taken for a checkpoint.

    Returns:
        Bytes that were freed.

    Raises:
        InputError: A folder cannot be removed.
    """
    freed = 0
    for decision in decisions:
        if not decision.stays:
            path = decision.entry.path
            aside = path.with_name(f".{path.name}.removed")
            with writing(path):
                path.rename(aside)
                shutil.rmtree(aside)
            freed += decision.entry.size
    return freed


def _reasons(entry: Entry, every: int | None, newest: set[int]) -> tuple[str, ...]:
    reasons = [f"tag {name}" for name in entry.tags]
    if entry.is_best:
        reasons.append("best")
    if entry.step in newest:
        reasons.append("last")
    if every is not None and entry.step % every == 0:
        reasons.append(f"every {every}")
    return tuple(reasons)
