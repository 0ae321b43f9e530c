import errno
import os
from pathlib import Path

import pytest

from base_training.errors import InputError
from base_training.run_folder import (
    atomic_folder,
    require_space,
    verify_manifest,
    write_atomically,
    write_json,
    write_manifest,
    writing,
)


def test_a_file_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    write_atomically(tmp_path / "deep" / "a.txt", "old")
    write_atomically(tmp_path / "deep" / "a.txt", b"new")
    assert [(path.name, path.read_text()) for path in (tmp_path / "deep").iterdir()] == [("a.txt", "new")]


def test_what_is_no_json_leaves_the_old_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert (tmp_path / "a.json").read_text() == '{\n  "a": 1\n}\n'


def test_a_folder_appears_whole_at_the_end(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "runs" / "a") as folder:
        (folder / "part").mkdir()
        (folder / "part" / "x").write_text("1")
        assert not (tmp_path / "runs" / "a").exists()
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["a"]
    assert (tmp_path / "runs" / "a" / "part" / "x").read_text() == "1"


def fail_inside(path: Path, error: BaseException) -> None:
    with atomic_folder(path) as folder:
        (folder / "x").write_text("1")
        raise error


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt(), FileNotFoundError("other file")])
def test_an_error_leaves_nothing_and_passes_on(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        fail_inside(tmp_path / "a", error)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot write .*/a: the disk is full\. Free some space"):
        fail_inside(tmp_path / "a", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already"), atomic_folder(tmp_path):
        pass


def fill(device: Path) -> None:
    with writing(device):
        device.write_text("x")


def test_a_real_full_device_is_one_clear_error() -> None:
    with pytest.raises(InputError, match="Cannot write /dev/full: the disk is full"):
        fill(Path("/dev/full"))


def test_a_place_that_is_no_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"Cannot write .*/file/a"):
        write_atomically(tmp_path / "file" / "a", "x")
    with pytest.raises(InputError, match=r"Cannot write .*/file/b"), atomic_folder(tmp_path / "file" / "b"):
        pass


def test_a_folder_without_permission_is_one_clear_error() -> None:
    with pytest.raises(InputError, match="Cannot write /sys/kernel/a: this user may not write there"):
        write_atomically(Path("/sys/kernel/a"), "x")


def test_more_than_the_disk_holds_is_refused_beforehand(tmp_path: Path) -> None:
    require_space(tmp_path, 0)
    with pytest.raises(InputError, match=r"needs 1,000,000,000,000 MB"):
        require_space(tmp_path, 10**18)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / "step-000050"
    (folder / "optimizer").mkdir(parents=True)
    (folder / "weights").write_bytes(b"0123456789")
    (folder / "optimizer" / "rank0").write_bytes(b"abc")
    write_manifest(folder)
    return folder


def test_an_untouched_folder_matches_its_manifest(checkpoint: Path) -> None:
    verify_manifest(checkpoint)


def test_one_flipped_bit_is_found_and_both_names_are_told(checkpoint: Path) -> None:
    (checkpoint / "weights").write_bytes(b"0123456788")
    with pytest.raises(InputError, match="step-000050 is refused: weights is not what was written"):
        verify_manifest(checkpoint)


def test_a_missing_file_is_found(checkpoint: Path) -> None:
    (checkpoint / "optimizer" / "rank0").unlink()
    with pytest.raises(InputError, match="step-000050 is refused: optimizer/rank0 is missing"):
        verify_manifest(checkpoint)


def test_a_truncated_file_is_found(checkpoint: Path) -> None:
    (checkpoint / "weights").write_bytes(b"01234")
    with pytest.raises(InputError, match="weights has 5 bytes, not 10"):
        verify_manifest(checkpoint)


def test_a_file_that_was_slipped_in_is_found(checkpoint: Path) -> None:
    (checkpoint / "optimizer" / "rank1").write_bytes(b"pickle")
    with pytest.raises(InputError, match="optimizer/rank1 is not listed"):
        verify_manifest(checkpoint)


def test_a_folder_without_a_readable_manifest_is_refused(checkpoint: Path) -> None:
    (checkpoint / "MANIFEST.json").write_text("[]")
    with pytest.raises(InputError, match=r"MANIFEST\.json cannot be read"):
        verify_manifest(checkpoint)
    (checkpoint / "MANIFEST.json").unlink()
    with pytest.raises(InputError, match=r"has no MANIFEST\.json"):
        verify_manifest(checkpoint)
