"""Where the checkpoints of a run lie, and which of them are whole."""

import re
from pathlib import Path

from base_training.run_folder import MANIFEST

_NAME = re.compile(r"step-(\d{6,})")


def checkpoint_path(run_dir: Path, step: int) -> Path:
    """The folder of the checkpoint after ``step`` steps, such as ``checkpoints/step-000050``."""
    return run_dir / "checkpoints" / f"step-{step:06d}"


def list_checkpoints(run_dir: Path) -> list[tuple[int, Path]]:
    """The whole checkpoints of a run as (step, folder), in the order of their steps."""
    found = []
    for manifest in (run_dir / "checkpoints").glob(f"step-*/{MANIFEST}"):
        if match := _NAME.fullmatch(manifest.parent.name):
            found.append((int(match[1]), manifest.parent))
    return sorted(found)


def latest_checkpoint(run_dir: Path) -> tuple[int, Path] | None:
    """The whole checkpoint with the most steps, or None."""
    return max(list_checkpoints(run_dir), default=None)
