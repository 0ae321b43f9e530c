"""What cannot work ends with one clear message and a non-zero code, and leaves nothing behind."""

import json
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import LlamaConfig

from rlvr import cli
from tests.rlvr.small_run import small_recipe


def launch(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the command line here; gives its message, after checking that it is one and that it failed."""
    monkeypatch.setattr(sys, "argv", ["rlvr", "launch", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("rlvr: ")
    assert output.err.count("\n") == 1
    assert "Traceback" not in output.err
    return output.err


def odd_head_size(folder: Path) -> dict[str, Any]:
    """A model whose heads vLLM's CPU backend does not take."""
    model = folder / "odd"
    config = LlamaConfig(hidden_size=48, num_attention_heads=3, num_hidden_layers=1, vocab_size=64)
    config.architectures = ["LlamaForCausalLM"]
    config.save_pretrained(model)
    (model / "model.safetensors").write_bytes(b"")
    return {"model": str(model)}


def no_label(folder: Path) -> dict[str, Any]:
    """A problem file whose second line has no answer."""
    rows = [{"question": "1+1?", "answer": "2"}, {"question": "2+2?"}]
    (folder / "problems.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {"problems": {"source": {"kind": "jsonl", "settings": {"path": "problems.jsonl"}}}}


def no_function(folder: Path) -> dict[str, Any]:
    """A verifier file without the named function."""
    return {"verifier": "digits.py:letters"}


CASES: list[tuple[Callable[[Path], dict[str, Any]], str]] = [
    (lambda folder: {"learner": {"step": 3}}, "learner.step: unknown key; did you mean steps?"),
    (lambda folder: {"learner": {"steps": "many"}}, "learner.steps: .*integer.*got 'many'"),
    (lambda folder: {"model": str(folder / "nowhere")}, "nowhere"),
    (
        lambda folder: {"problems": {"source": {"kind": "jsonl", "settings": {"path": "gone.jsonl"}}}},
        r"gone\.jsonl",
    ),
    (odd_head_size, "attention heads of size 16"),
    (no_function, r'digits\.py has no "letters".*digits'),
    (no_label, r"problems\.jsonl:2"),
    (lambda folder: {"verifier": "mth"}, 'no verifier is named "mth"; did you mean math'),
    (lambda folder: {"rollouts": {"workers": 100}}, "need 101 cores"),
]


@pytest.mark.parametrize(
    ("changes", "message"),
    CASES,
    ids=["key", "type", "model", "data", "head-size", "function", "label", "verifier", "layout"],
)
def test_a_recipe_that_cannot_run_is_refused(
    changes: Callable[[Path], dict[str, Any]],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = small_recipe(tmp_path, **changes(tmp_path))
    run = tmp_path / "run"
    told = launch([str(recipe), "--run-dir", str(run)], capsys, monkeypatch)
    assert re.search(message, told), told
    assert not run.exists()


def test_a_run_of_that_name_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").write_text("precious")
    told = launch([str(small_recipe(tmp_path)), "--run-dir", str(tmp_path / "run")], capsys, monkeypatch)
    assert "exists already: go on with `rlvr resume" in told
    assert (tmp_path / "run" / "metrics.jsonl").read_text() == "precious"


@pytest.mark.parametrize("place", ["/proc/run", "{folder}/digits.py/run"])
def test_a_folder_that_cannot_be_written_is_refused(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = small_recipe(tmp_path)
    told = launch([str(recipe), "--run-dir", place.format(folder=tmp_path)], capsys, monkeypatch)
    assert "Cannot write" in told
    assert "Choose another folder" in told


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = str(small_recipe(tmp_path))
    monkeypatch.setattr(sys, "argv", ["rlvr", "launch", recipe, "--dry-run"])
    with pytest.raises(SystemExit):
        cli.app()  # puts the model into the cache
    capsys.readouterr()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        told = launch([recipe, "--run-dir", str(tmp_path / "run")], capsys, monkeypatch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert re.search(r"Cannot write .*recipe\.yaml: the disk is full", told)
    assert not (tmp_path / "run").exists()
