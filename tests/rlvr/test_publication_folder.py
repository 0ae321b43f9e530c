"""Published weights: the last two are kept, and nothing outlives its run."""

from pathlib import Path

from rlvr.publication_folder import PublicationFolder


def test_the_last_two_publications_are_kept(tmp_path: Path) -> None:
    folder = PublicationFolder(tmp_path)
    for version in (1, 2, 3):
        folder.file(version).touch()
        folder.drop_before(version)

    assert [folder.file(version).exists() for version in (1, 2, 3)] == [False, True, True]
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_new_run_removes_what_a_dead_one_left_and_nothing_else(tmp_path: Path) -> None:
    running = PublicationFolder(tmp_path)
    abandoned = tmp_path / "rlvr-weights-000000000000"
    abandoned.mkdir()
    (abandoned / "lock").touch()
    (abandoned / "7.safetensors").touch()
    (tmp_path / "else").mkdir()

    PublicationFolder(tmp_path).close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["else", running.file(1).parent.name]
