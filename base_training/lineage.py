"""Where a checkpoint came from: its parent, the stage that made it, the recipe, the data."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from base_training.errors import InputError
from base_training.run_folder import MANIFEST, sha256, write_json

FILE = "lineage.json"


@dataclass(frozen=True, slots=True)
class Lineage:
    """The origin of one checkpoint.

    Attributes:
        parent: The folder or hub id of the model that it started from; None is random initialisation.
        parent_sha256: SHA-256 of the parent's manifest when it has one, so that a moved parent is known again.
        stage: What was done to the parent, such as ``pretrain`` or ``rlvr``.
        recipe: The resolved recipe.
        data: Fingerprints of the data sets, by name.
    """

    parent: str | None
    parent_sha256: str | None
    stage: str
    recipe: Mapping[str, Any]
    data: Mapping[str, str]


def write_lineage(
    folder: Path, *, parent: str | None, stage: str, recipe: Mapping[str, Any], data: Mapping[str, str]
) -> None:
    """Write ``lineage.json`` into a checkpoint's folder."""
    manifest = Path(parent, MANIFEST) if parent is not None else None
    lineage = Lineage(
        parent=parent,
        parent_sha256=sha256(manifest) if manifest is not None and manifest.is_file() else None,
        stage=stage,
        recipe=dict(recipe),
        data=dict(data),
    )
    write_json(folder / FILE, asdict(lineage))


def read_lineage(folder: Path) -> Lineage:
    """Read the origin of a checkpoint.

    Raises:
        InputError: ``folder`` holds no readable ``lineage.json``.
    """
    path = folder / FILE
    try:
        return Lineage(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise InputError(f"{folder} has no {FILE}: it is not a checkpoint that a stage wrote.") from None
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
