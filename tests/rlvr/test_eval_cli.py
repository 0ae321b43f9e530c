"""`rlvr eval` where nothing can be evaluated: one message, and nothing is started."""

import json
import sys
from pathlib import Path

import pytest

from base_training.models.resolve import resolve_model
from rlvr import cli
from rlvr.evaluation import evaluate
from rlvr.evaluation.options import EvaluationOptions, Watcher
from rlvr.evaluation.record import Evaluation, read_evaluation, write_evaluation
from rlvr.evaluation.suites import Options, build_suite
from rlvr.evaluation.target import Target, weights_sha256
from tests.rlvr.evaluations import evaluation


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The message of a command that is refused, after checking that there is nothing else."""
    monkeypatch.setattr(sys, "argv", ["rlvr", "eval", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    output = capsys.readouterr()
    assert (ended.value.code, output.out) == (2, "")
    assert "Traceback" not in output.err
    [message] = [line for line in output.err.splitlines() if line.startswith("rlvr: ")]
    return message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what to evaluate"),
        (["olmo3-nano"], "name at least one suite"),
        (["olmo3-nano", "--suite", "esy"], "did you mean easy"),
        (["olmo3-nano", "--suite", "run"], "this is no run"),
        (["olmo3-nano", "--suite", "easy", "--step", "3"], "is no run"),
        (["olmo3-nano", "--suite", "needle", "--samples", "4"], "at temperature 0 are all the same"),
        (["olmo3-nano", "--suite", "easy", "--format", "tree"], "choose auto, chat or plain"),
        (["nowhere/at/all", "--suite", "easy"], "nowhere/at/all"),
        (["olmo3-nano", "--suite", "gone.yaml"], "there is no suite file gone.yaml"),
        (["olmo3-nano", "--suite", "needle/2000"], "the model takes"),
        (["olmo3-nano", "--suite", "needle", "--format", "chat"], "has no chat template"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said in refused(arguments, capsys, monkeypatch)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "neither a run nor a model"),
        ({"recipe.yaml": "name: [half"}, "not valid YAML"),
        ({"recipe.yaml": "name: foreign\nmodel: olmo3-nano\n"}, "missing"),
    ],
    ids=["empty", "half-written", "foreign"],
)
def test_a_folder_that_is_no_run_is_refused(
    files: dict[str, str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    message = refused([str(tmp_path), "--suite", "easy"], capsys, monkeypatch)
    assert said in message
    assert str(tmp_path) in message


def test_the_list_names_every_suite(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["rlvr", "eval", "--list", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    assert ended.value.code == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"gsm8k", "easy", "run", "lm_eval/TASK"} <= {row["suite"] for row in rows}
    assert all(row["about"] for row in rows)


class Told(Watcher):
    """Remembers what was evaluated."""

    def __init__(self) -> None:
        self.found: list[tuple[str, bool]] = []

    def evaluated(self, evaluation: Evaluation, cached: bool) -> None:
        self.found.append((evaluation.suite, cached))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of an evaluation that was made before."""
    weights = resolve_model("olmo3-nano", seed=0)
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path))
    suite = build_suite("easy", Options())
    target = Target(weights, weights_sha256(weights))
    path = target.file_of(suite)
    write_evaluation(
        path, evaluation(suite="easy", suite_sha256=suite.sha256, model=weights, model_sha256=target.sha256)
    )
    return path


def test_what_was_evaluated_before_is_read_again(kept: Path) -> None:
    told = Told()
    [found] = evaluate(read_evaluation(kept).model, ["easy"], watcher=told)
    assert found == read_evaluation(kept)
    assert told.found == [("easy", True)]


def test_a_kept_evaluation_that_was_cut_off_is_named(kept: Path) -> None:
    model = read_evaluation(kept).model
    kept.write_bytes(kept.read_bytes()[:100])
    with pytest.raises(Exception, match="only a part of one") as failed:
        evaluate(model, ["easy"], options=EvaluationOptions())
    assert str(kept) in str(failed.value)


def test_other_weights_have_another_hash(tmp_path: Path) -> None:
    first, other = (weights_sha256(resolve_model("olmo3-nano", seed=seed)) for seed in (0, 1))
    assert first != other
    assert first == weights_sha256(resolve_model("olmo3-nano", seed=0))
