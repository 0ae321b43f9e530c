"""The record of an evaluation as it is written and read."""

import json
from pathlib import Path

import pytest

from base_training.errors import InputError
from rlvr.evaluation.record import evaluation_path, evaluations_of, read_evaluation, write_evaluation
from tests.rlvr.evaluations import ONE, evaluation


def test_it_reads_back_as_it_was(tmp_path: Path) -> None:
    path = evaluation_path(tmp_path, ONE.suite, 12)
    write_evaluation(path, ONE)
    assert path == tmp_path / "evaluations" / "gsm8k-000012.json"
    assert read_evaluation(path) == ONE


def test_numbers_that_json_lacks_are_none(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    write_evaluation(path, evaluation(value=float("nan"), metrics={"score": float("inf")}))
    told = read_evaluation(path)
    assert (told.value, told.metrics) == (None, {"score": None})


def test_a_suite_with_a_slash_is_one_file(tmp_path: Path) -> None:
    path = evaluation_path(tmp_path, "reasoning_gym/chain_sum", 0)
    assert path == tmp_path / "evaluations" / "reasoning_gym.chain_sum-000000.json"


def test_a_run_s_come_by_suite_and_step(tmp_path: Path) -> None:
    for suite, step in (("b", 10), ("a", 200), ("b", 2), ("a", 0)):
        write_evaluation(evaluation_path(tmp_path, suite, step), evaluation(suite=suite, step=step))
    assert [(one.suite, one.step) for one in evaluations_of(tmp_path)] == [
        ("a", 0),
        ("a", 200),
        ("b", 2),
        ("b", 10),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"suite": "gsm8k", "ans', "no evaluation, or only a part of one"),
        (b"[]", "no evaluation, or only a part of one"),
        (json.dumps({"suite": "gsm8k", "value": 1}).encode(), "suite_sha256"),
        (b"\xff\xfe", "no evaluation, or only a part of one"),
    ],
    ids=["cut", "list", "keys", "bytes"],
)
def test_what_is_no_evaluation_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "evaluations" / "gsm8k-000001.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as refused:
        evaluations_of(tmp_path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
