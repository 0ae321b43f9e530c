from pathlib import Path

import pytest

from base_training.errors import InputError
from base_training.lineage import Lineage, read_lineage, write_lineage
from base_training.run_folder import MANIFEST, sha256, write_manifest


def test_random_initialisation_has_no_parent(tmp_path: Path) -> None:
    write_lineage(tmp_path, parent=None, stage="pretrain", recipe={"steps": 3}, data={"sums": "ab12"})
    assert read_lineage(tmp_path) == Lineage(None, None, "pretrain", {"steps": 3}, {"sums": "ab12"})


def test_a_parent_with_a_manifest_is_known_by_its_hash(tmp_path: Path) -> None:
    parent, child = tmp_path / "parent", tmp_path / "child"
    parent.mkdir()
    child.mkdir()
    write_manifest(parent)
    write_lineage(child, parent=str(parent), stage="rlvr", recipe={}, data={})
    assert read_lineage(child).parent_sha256 == sha256(parent / MANIFEST)


def test_a_hub_id_is_a_parent_too(tmp_path: Path) -> None:
    write_lineage(tmp_path, parent="allenai/Olmo-3-1025-7B", stage="rlvr", recipe={}, data={})
    assert read_lineage(tmp_path).parent == "allenai/Olmo-3-1025-7B"


def test_a_folder_without_lineage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no lineage\.json"):
        read_lineage(tmp_path)
    (tmp_path / "lineage.json").write_text('{"stage": 1}')
    with pytest.raises(InputError, match="cannot be read"):
        read_lineage(tmp_path)
