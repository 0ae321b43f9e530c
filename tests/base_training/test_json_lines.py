"""Files of JSON lines, good and broken."""

import gzip
from pathlib import Path

import pytest

from base_training.data.json_lines import json_lines
from base_training.errors import InputError

LINES = b'\xef\xbb\xbf{"a": 1}\n\n{"a": "\xc3\xa9"}\n'
ROWS = [(1, {"a": 1}), (3, {"a": "é"})]


def test_plain_and_compressed_files_give_the_same_rows(tmp_path: Path) -> None:
    plain, packed = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    plain.write_bytes(LINES)
    packed.write_bytes(gzip.compress(LINES))
    assert list(json_lines(plain)) == list(json_lines(packed)) == ROWS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": \n', ":2: not a line of JSON"),
        (b"[1]\n", ":1: a line must be a JSON object, this is a list"),
        (b'{"a": 1}\n{"a": "\xff"}\n', ":2: not UTF-8 at byte 7"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(json_lines(path))


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000)[:-20])
    with pytest.raises(InputError, match=r"cannot read .*rows\.jsonl\.gz: Compressed file ended"):
        list(json_lines(path))


def test_a_missing_file_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^data\.path: cannot read .*: No such file or directory$"):
        list(json_lines(tmp_path / "gone.jsonl", named_by="data.path"))
