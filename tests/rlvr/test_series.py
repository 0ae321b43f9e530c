"""`rlvr series`: a run's checkpoints listed, tagged, thinned out and handed on."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from base_training.checkpoints import checkpoint_path, list_checkpoints
from base_training.errors import InputError
from base_training.lineage import write_lineage
from base_training.run_folder import atomic_folder, verify_manifest, write_json, write_manifest
from rlvr.cli.series import series
from rlvr.run_folder import RunFolder
from rlvr.series.export import OF_THE_RUN, export
from rlvr.series.inventory import find_entry, inventory
from rlvr.series.retention import decide, prune
from rlvr.series.tags import read_tags, write_tag
from tests.rlvr.synthetic_runs import draw, drawn_evaluation, write_run


def command(*arguments: str) -> str:
    result = CliRunner().invoke(series, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Checkpoints at 30, 60, 90 and 120; the best at 60."""
    return write_run(tmp_path / "run", accuracies=(0.3, 0.5, 0.9, 0.7, 0.6))


def test_the_list_says_step_size_tags_and_measures(run: Path) -> None:
    write_tag(run, "release", 30)
    rows = json.loads(command("list", str(run), "--json"))
    assert [(row["step"], row["tags"], row["best"], row["last"]) for row in rows] == [
        (30, ["release"], False, False),
        (60, [], True, False),
        (90, [], False, False),
        (120, [], False, True),
    ]
    folder = checkpoint_path(run, 30)
    assert rows[0]["bytes"] == sum(file.stat().st_size for file in folder.iterdir())
    [evaluation] = rows[0]["evaluations"]
    assert (evaluation["suite"], evaluation["metric"], evaluation["n"]) == ("held_out", "accuracy", 400)
    table = command("list", str(run))
    assert "release" in table
    assert "best" in table


def test_a_tag_names_one_checkpoint(run: Path) -> None:
    assert command("tag", str(run), "best", "good") == "step 60 is good\n"
    assert read_tags(run) == {"good": 60}
    assert find_entry(run, "good").step == 60
    with pytest.raises(InputError, match="good is the tag of step 60 already"):
        write_tag(run, "good", 90)
    assert command("tag", str(run), "60", "good", "--remove") == "step 60 is no longer good\n"
    assert read_tags(run) == {}


@pytest.mark.parametrize("name", ["", "1st", "a/b", "last", "best", "a" * 65, "<b>"])
def test_some_names_are_no_tags(name: str, run: Path) -> None:
    with pytest.raises(InputError, match="cannot be a tag"):
        write_tag(run, name, 30)


def test_a_checkpoint_that_is_not_there_has_no_tag(run: Path) -> None:
    with pytest.raises(InputError, match=r"no checkpoint of step 31; there are 30, 60, 90, 120"):
        write_tag(run, "a", 31)
    with pytest.raises(InputError, match=r"no checkpoint 'nightly'; there are 30, 60, 90, 120"):
        find_entry(run, "nightly")


def test_broken_tags_are_refused(run: Path) -> None:
    write_json(run / "tags.json", ["release"])
    with pytest.raises(InputError, match="no mapping of names to steps"):
        inventory(run)


@pytest.mark.parametrize(
    ("every", "last", "kept"),
    [(None, 1, {30: ("tag a",), 60: ("best",), 120: ("last",)}), (90, 2, {30: ("tag a",), 60: ("best",)})],
)
def test_retention_keeps_what_it_says(
    every: int | None, last: int, kept: dict[int, tuple[str, ...]], run: Path
) -> None:
    write_tag(run, "a", 30)
    decisions = {one.entry.step: one.reasons for one in decide(run, every, last)}
    rest = {90: (), 120: ("last",)} if every is None else {90: ("last", "every 90"), 120: ("last",)}
    assert decisions == {**rest, **kept}


def test_pruning_deletes_what_the_dry_run_said(run: Path) -> None:
    told = json.loads(command("prune", str(run), "--dry-run", "--json"))
    assert [row["step"] for row in told["checkpoints"] if not row["kept_as"]] == [30, 90]
    assert [step for step, _ in list_checkpoints(run)] == [30, 60, 90, 120]
    freed = json.loads(command("prune", str(run), "--json"))["freed_bytes"]
    assert freed == told["freed_bytes"] > 0
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["step-000060", "step-000120"]
    assert len(list((run / "evaluations").iterdir())) == 5
    assert "step     60" in command("prune", str(run))


def test_pruning_twice_does_nothing_more(run: Path) -> None:
    assert prune(decide(run)) > 0
    assert prune(decide(run)) == 0


def test_the_run_itself_keeps_what_is_tagged(run: Path) -> None:
    write_tag(run, "release", 30)
    RunFolder.open(run).keep_checkpoints(1)
    assert [step for step, _ in list_checkpoints(run)] == [30, 120]


def test_without_any_measure_none_is_the_best(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    for file in (run / "evaluations").iterdir():
        file.unlink()
    assert [one.is_best for one in inventory(run)] == [False, False]
    with pytest.raises(InputError, match="nothing was measured"):
        find_entry(run, "best")


def test_the_earliest_of_equals_is_the_best(tmp_path: Path) -> None:
    same = draw(0.5, 100, 0)
    run = write_run(tmp_path / "run", evaluations=[drawn_evaluation(step, same) for step in (0, 10, 20)])
    assert find_entry(run, "best").step == 10


@pytest.mark.parametrize("arguments", [("list",), ("prune",), ("tag", "last", "a"), ("export", "out")])
def test_a_folder_that_is_no_run_is_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    name, *rest = arguments
    with pytest.raises(InputError, match="holds no run"):
        command(name, str(tmp_path), *rest)


@pytest.mark.parametrize("name", ["list", "tag", "prune", "export"])
def test_help_shows_an_example(name: str) -> None:
    assert f"Example: rlvr series {name}" in " ".join(command(name, "--help").split())


def write_real_checkpoint(run: Path, step: int, parent: Path) -> Path:
    """A nano model as a run's checkpoint, its optimizer's file beside it."""
    from base_training.models.build import build_model, save_model
    from base_training.text.tokenizer import train_tokenizer

    tokenizer = train_tokenizer("character", ["so it is 42"], 120)
    model = build_model("olmo3-nano", len(tokenizer), seed=step)
    path = checkpoint_path(run, step)
    with atomic_folder(path) as folder:
        save_model(folder, model.config, model.state_dict(), tokenizer)
        (folder / "optimizer").mkdir()
        write_json(folder / "optimizer" / "state.json", {})
        write_json(folder / "state.json", {"step": step})
        recipe = {"seed": 7, "verifier": {"name": "math|`<script>"}, "learner": {"optimizer": {"lr": 2e-4}}}
        write_lineage(folder, parent=str(parent), stage="rlvr", recipe=recipe, data={"problems": "ab" * 32})
        write_manifest(folder)
    return path


def test_an_exported_folder_loads_and_has_a_card(run: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = tmp_path / "base-nano"
    with atomic_folder(base) as folder:
        write_lineage(folder, parent=None, stage="pretrain", recipe={}, data={"corpus": "cd" * 32})
        write_manifest(folder)
    checkpoint = write_real_checkpoint(run, 150, base)
    out = Path(json.loads(command("export", str(run), str(tmp_path / "out"), "--json"))["folder"])
    there = {path.name for path in out.iterdir()}
    assert not there & (OF_THE_RUN - {"MANIFEST.json"})
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json", "lineage.json"} <= there
    verify_manifest(out)
    tokenizer = AutoTokenizer.from_pretrained(out)
    tokens = torch.tensor([tokenizer.encode("so it is")])
    ours, original = (AutoModelForCausalLM.from_pretrained(path)(tokens).logits for path in (out, checkpoint))
    assert torch.equal(ours, original)
    card = (out / "README.md").read_text()
    assert "1. random initialisation\n2. pretrain on corpus (`cdcdcdcdcdcd`)\n3. rlvr on problems" in card
    assert "| verifier.name | math\\|'&lt;script&gt; |" in card
    assert "| seed | 7 |" in card


def test_the_card_tells_what_was_measured(run: Path, tmp_path: Path) -> None:
    card = (export(run, "best", tmp_path / "out") / "README.md").read_text()
    row = next(line for line in card.splitlines() if line.startswith("| held_out"))
    _, suite, metric, before, after, n, _ = (cell.strip() for cell in row.split("|"))
    entry = find_entry(run, "best")
    [evaluation] = entry.evaluations
    low, high = evaluation.ci95 or (0.0, 1.0)
    assert (suite, metric, n) == ("held_out", "accuracy", "400")
    assert after == f"{evaluation.value:.1%} [{low:.1%}, {high:.1%}]"
    assert before.endswith("%]")
    assert before != after


def test_an_export_is_whole_or_absent(run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="exists already"):
        export(run, "last", tmp_path / "out")
    (checkpoint_path(run, 120) / "tokenizer.json").write_text("altered")
    with pytest.raises(InputError, match=r"step-000120 is refused: tokenizer\.json"):
        export(run, "last", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_what_export_leaves_out_is_what_a_run_adds() -> None:
    from rlvr.checkpoint import BUFFER, STATE

    assert {BUFFER, STATE} < OF_THE_RUN
