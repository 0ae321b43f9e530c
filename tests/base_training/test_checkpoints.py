from pathlib import Path

from base_training.checkpoints import checkpoint_path, latest_checkpoint, list_checkpoints
from base_training.run_folder import atomic_folder, write_manifest


def save(run: Path, step: int) -> Path:
    path = checkpoint_path(run, step)
    with atomic_folder(path) as folder:
        (folder / "weights").write_text(str(step))
        write_manifest(folder)
    return path


def test_checkpoints_are_listed_by_step(tmp_path: Path) -> None:
    paths = {step: save(tmp_path, step) for step in (1_000_000, 50, 100)}
    assert paths[50] == tmp_path / "checkpoints" / "step-000050"
    assert list_checkpoints(tmp_path) == [(step, paths[step]) for step in (50, 100, 1_000_000)]
    assert latest_checkpoint(tmp_path) == (1_000_000, paths[1_000_000])


def test_what_is_not_whole_does_not_count(tmp_path: Path) -> None:
    whole = save(tmp_path, 50)
    checkpoint_path(tmp_path, 60).mkdir()
    (tmp_path / "checkpoints" / ".step-000070.1-ab").mkdir()
    assert list_checkpoints(tmp_path) == [(50, whole)]


def test_a_run_without_checkpoints_has_none(tmp_path: Path) -> None:
    assert list_checkpoints(tmp_path) == []
    assert latest_checkpoint(tmp_path) is None
