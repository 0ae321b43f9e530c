"""A checkpoint as a folder to hand on: the model without what only a run needs, with a model card."""

import shutil
from pathlib import Path

from base_training.run_folder import (
    MANIFEST,
    atomic_folder,
    require_space,
    verify_manifest,
    write_atomically,
    write_manifest,
)
from rlvr.series.inventory import find_entry, run_series
from rlvr.series.model_card import model_card

CARD = "README.md"

OF_THE_RUN = frozenset({MANIFEST, "state.json", "buffer.parquet", "optimizer"})
"""What a checkpoint has beside the model; see rlvr/checkpoint.py, which imports more than this needs."""


def export(run: Path, which: str, out: Path) -> Path:
    """Write a checkpoint as a folder that transformers and vLLM load, whole or not at all.

    Args:
        run: A run's folder.
        which: A step, a tag, ``last`` or ``best``.
        out: Where to; it must not exist.

    Returns:
        The folder.

    Raises:
        InputError: There is no such checkpoint, it does not match its manifest, or the folder cannot be written.
    """
    entry = find_entry(run, which)
    verify_manifest(entry.path)
    series = run_series(run)
    first = min((one.step or 0 for one in series.evaluations), default=0)
    before = [one for one in series.evaluations if (one.step or 0) == first and first < entry.step]
    card = model_card(series.name, entry, before)
    files = [path for path in sorted(entry.path.iterdir()) if path.name not in OF_THE_RUN]
    out = out.expanduser().resolve()
    with atomic_folder(out) as temporary:
        require_space(temporary, sum(path.stat().st_size for path in files))
        for path in files:
            if path.is_dir():
                shutil.copytree(path, temporary / path.name)
            else:
                shutil.copy2(path, temporary / path.name)
        write_atomically(temporary / CARD, card)
        write_manifest(temporary)
    return out
