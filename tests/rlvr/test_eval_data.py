"""Whole data sets, where they are: all rows load, and every label is one that its verifier takes.

They come from installed packages, or from the folder that RLVR_TEST_DATA names.
"""

import os
from pathlib import Path

import pytest

from base_training.errors import InputError
from rlvr.evaluation.chosen import check_labels
from rlvr.evaluation.suites import Options, build_suite

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("chat", [False, True])
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("gsm8k", 1319),
        ("humaneval", 164),
        ("mbpp", 500),
        ("ifeval", 541),
        ("ifbench", 294),
        ("bfcl_simple", 400),
        ("bfcl_multiple", 200),
    ],
)
def test_all_rows_load_with_labels_that_can_be_used(
    name: str, size: int, chat: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    folder = os.environ.get("RLVR_TEST_DATA")
    try:
        suite = build_suite(name, Options(Path(folder) if folder else None, chat))
    except InputError as error:
        if "its problems are not here" in str(error):
            pytest.skip(str(error))
        raise
    check_labels(suite)
    assert len(suite.problems) == size
    assert len({problem.id for problem in suite.problems}) == size
