"""`rlvr launch --dry-run`."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from base_training.errors import InputError
from rlvr import cli
from rlvr.dry_run import Gpus, dry_run
from rlvr.recipe import RECORD, Recipe, load_recipe, parse_recipe
from tests.rlvr.small_run import small_recipe


def run(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """What the command line prints on standard output and on standard error."""
    monkeypatch.setattr(sys, "argv", ["rlvr", "launch", *arguments])
    with pytest.raises(SystemExit):
        cli.app()
    return capsys.readouterr()


def jsonl(path: Path, *questions: str) -> dict[str, object]:
    path.write_text("".join(json.dumps({"question": text, "answer": "1"}) + "\n" for text in questions))
    return {"kind": "jsonl", "settings": {"path": str(path)}}


def test_the_recipe_is_printed_with_what_it_was_resolved_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = jsonl(tmp_path / "a.jsonl", *(f"What is {n}?" for n in range(9)))
    against = jsonl(tmp_path / "b.jsonl", *(f"what IS  {n}" for n in range(3)))
    problems = {"source": source, "held_out": 2, "decontaminate": {"against": [against]}}
    recipe = small_recipe(tmp_path, problems=problems)

    output, told = run([str(recipe), "--dry-run"], capsys, monkeypatch)

    content = yaml.safe_load(output)
    assert parse_recipe(content, origin="printed") == load_recipe(str(recipe))
    removed = content[RECORD]["problems_removed_by_decontamination"]["math"]
    assert 1 <= removed <= 3
    where, problems_told = told.splitlines()
    assert where.startswith("# 1 rollout worker (")
    assert problems_told == (
        f"# {7 - removed} problems to train on, 2 held out, {removed} removed that evaluations ask"
    )


def test_json_holds_recipe_placement_and_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = small_recipe(tmp_path)
    output, _ = run([str(recipe), "--dry-run", "--json", "--gpus", "3", "--gpu-memory", "16"], capsys, monkeypatch)
    told = json.loads(output)
    assert told["recipe"]["learner"]["steps"] == 5
    assert told["placement"]["machines"] == [
        [
            {"role": "learner rank", "index": 0, "gpus": 1},
            {"role": "rollout worker", "index": 0, "gpus": 1},
        ]
    ]
    assert told["memory"]["gpu_bytes"] == 16 * 2**30
    assert told["problems"].startswith("80 problems") or told["problems"].startswith("79 problems")


def small(folder: Path, **changes: object) -> Recipe:
    recipe = load_recipe(str(small_recipe(folder, **changes)))
    assert isinstance(recipe, Recipe)
    return recipe


def test_machines_that_are_too_small_to_share_memory_are_refused(tmp_path: Path) -> None:
    recipe = small(tmp_path, rollouts={"workers": 3})
    assert [len(seats) for seats in dry_run(recipe, Gpus(4)).machines] == [4]
    with pytest.raises(InputError, match="shared_memory keeps a run on one machine: it needs 4 GPUs"):
        dry_run(recipe, Gpus(4, per_machine=2))


def test_the_last_machine_has_what_is_left() -> None:
    assert Gpus(per_machine=8).machines(20) == (8, 8, 4)
    assert Gpus(per_machine=4).machines(4) == (4,)


def test_without_gpus_their_memory_refuses_nothing_and_says_so(tmp_path: Path) -> None:
    plan = dry_run(small(tmp_path), Gpus(memory_gib=1))
    assert plan.memory is None
    assert plan.notes == ["--gpu-memory refuses nothing here, where there are no GPUs: name some with --gpus"]


def test_a_model_that_only_the_hub_knows_is_left_to_the_launch(tmp_path: Path) -> None:
    recipe = small(tmp_path, model="no-such-org/no-such-model")
    plan = dry_run(recipe, Gpus(2))
    assert plan.notes == [
        "the model no-such-org/no-such-model is fetched from the hub when the run starts",
        "the size of the model no-such-org/no-such-model is not known here, so that memory is not planned",
    ]
    with pytest.raises(InputError, match="memory cannot be checked; name a local folder"):
        dry_run(recipe, Gpus(2, memory_gib=80))


def test_what_plans_a_run_goes_with_a_dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, told = run([str(small_recipe(tmp_path)), "--gpus", "2"], capsys, monkeypatch)
    assert told == "rlvr: --gpus, --gpus-per-node and --gpu-memory plan a run: they go with --dry-run\n"
