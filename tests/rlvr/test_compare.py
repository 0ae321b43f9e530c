"""`rlvr compare` on run folders: verdicts, replicates, curves, and what becomes of broken input."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from base_training.errors import InputError
from base_training.run_folder import write_atomically
from rlvr import cli
from rlvr.evaluation.record import evaluation_path, write_evaluation
from rlvr.series.compare import Comparison, compare, write_comparison
from rlvr.series.verdicts import Claim
from tests.rlvr.synthetic_runs import draw, drawn_evaluation, write_fake_checkpoint, write_run


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two seeds of one recipe, and the control with random rewards."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        write_run(folder / "math-0", accuracies=(0.45, 0.8, 0.93), seed=0),
        write_run(folder / "math-1", accuracies=(0.45, 0.78, 0.92), seed=1),
        write_run(folder / "control", accuracies=(0.45, 0.44, 0.45), seed=2, verifier="random"),
    ]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A run that learned and its control, without metrics, so that there is little to draw."""
    folder = tmp_path_factory.mktemp("two")
    runs = [
        write_run(folder / name, verifier=name, accuracies=accuracies)
        for name, accuracies in (("math", (0.45, 0.9)), ("random", (0.45, 0.45)))
    ]
    for run in runs:
        write_atomically(run / "metrics.jsonl", "")
    return runs


@pytest.fixture(scope="module")
def three_compared(three_runs: list[Path]) -> Comparison:
    return compare(three_runs)


def run_cli(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["rlvr", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.app()
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_two_seeds_are_one_arm_and_random_rewards_another(three_compared: Comparison) -> None:
    assert [arm.name for arm in three_compared.arms] == ["math-0 + math-1", "control"]
    assert [(row.key, list(row.values.values())) for row in three_compared.recipe_differences] == [
        ("verifier.name", ["math", "random"]),
    ]


def test_the_verdicts_are_right(three_compared: Comparison) -> None:
    difference, learned, control = three_compared.verdicts
    assert (difference.better, difference.first, difference.seeds) == ("first", "math-0 + math-1", (2, 1))
    assert difference.text.startswith("math-0 + math-1 is better than control on held_out by ")
    assert (learned.better, control.better) == ("second", None)
    assert learned.text.startswith("math-0 + math-1 improved on held_out from step 0 to step 60 by ")
    assert control.text.startswith("control shows no change on held_out from step 0 to step 60: ")
    assert {claim.n for claim in three_compared.verdicts} == {400}
    assert three_compared.notes == ()


def test_checkpoints_are_compared_one_by_one(three_compared: Comparison) -> None:
    assert [(c.first_step, c.second_step) for c in three_compared.checkpoints] == [(0, 0), (30, 30), (60, 60)]
    assert [c.better for c in three_compared.checkpoints] == [None, "first", "first"]


def claim(difference: float, low: float, high: float, **changes: Any) -> Claim:
    plain = Claim("difference", "gsm8k", "accuracy", "A", 50, "B", 50, difference, low, high, 1319, (1, 1), (), ())
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("told", "drawn"),
    [
        (claim(0.041, 0.020, 0.063), (0.041, 0.020, 0.063)),
        (claim(-0.041, -0.063, -0.020), (0.041, 0.020, 0.063)),
        (claim(-0.004, -0.026, 0.018), (-0.004, -0.026, 0.018)),
        (claim(-0.248, -0.289, -0.209, kind="gain", second="A", first_step=0), (-0.248, -0.289, -0.209)),
    ],
)
def test_what_is_better_is_drawn_above_zero(told: Claim, drawn: tuple[float, float, float]) -> None:
    assert told.drawn == drawn


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (claim(0.041, 0.020, 0.063), "B is better than A on gsm8k by 4.1 points [2.0, 6.3], n = 1319"),
        (claim(-0.041, -0.063, -0.020), "A is better than B on gsm8k by 4.1 points [2.0, 6.3], n = 1319"),
        (
            claim(0.004, -0.018, 0.026),
            "A and B show no difference on gsm8k: +0.4 points [-1.8, 2.6], n = 1319",
        ),
        (
            claim(0.041, 0.020, 0.063, first_step=40),
            "B is better than A on gsm8k (B at step 50, A at step 40) by 4.1 points [2.0, 6.3], n = 1319",
        ),
        (
            claim(0.482, 0.43, 0.53, kind="gain", second="A", first_step=0),
            "A improved on gsm8k from step 0 to step 50 by 48.2 points [43.0, 53.0], n = 1319",
        ),
        (
            claim(-0.248, -0.289, -0.209, kind="gain", second="A", first_step=0),
            "A got worse on gsm8k from step 0 to step 50 by 24.8 points [20.9, 28.9], n = 1319",
        ),
        (
            claim(-0.12, -0.2, -0.04, metric="bits_per_byte"),
            "B is better than A on gsm8k by 0.12 bits per byte [0.04, 0.2], n = 1319",
        ),
        (
            claim(0.12, 0.04, 0.2, metric="score"),
            "B is better than A on gsm8k by 0.12 score [0.04, 0.2], n = 1319",
        ),
    ],
)
def test_a_verdict_in_words(told: Claim, text: str) -> None:
    assert told.text == text


def test_flips_are_exactly_those_that_changed(tmp_path: Path) -> None:
    before = np.arange(300) % 2 == 0
    after = before.copy()
    after[[1, 3, 5, 7]] = True
    after[[0, 2]] = False
    run = write_run(tmp_path / "run", evaluations=[drawn_evaluation(0, before), drawn_evaluation(30, after)])
    [gain] = compare([run]).verdicts
    assert (gain.gained, gain.lost) == (("p1", "p3", "p5", "p7"), ("p0", "p2"))
    assert gain.difference == pytest.approx(2 / 300)
    assert gain.better is None


def test_problems_without_a_verdict_leave_the_pair(tmp_path: Path) -> None:
    told = drawn_evaluation(30, np.ones(300, dtype=bool))
    invalid = [replace(a, correct=None, score=None) if a.problem in ("p4", "p9") else a for a in told.answers]
    run = write_run(
        tmp_path / "run",
        evaluations=[drawn_evaluation(0, np.zeros(300, dtype=bool)), replace(told, answers=tuple(invalid))],
    )
    [gain] = compare([run]).verdicts
    assert (gain.n, gain.difference) == (298, 1.0)


def test_one_run_is_compared_with_its_own_start(tmp_path: Path) -> None:
    compared = compare([write_run(tmp_path / "run")])
    assert [(c.kind, c.first_step, c.second_step) for c in compared.checkpoints] == [
        ("gain", 0, 30),
        ("gain", 0, 60),
    ]
    assert "other seeds may differ" in compared.method


def test_many_recipes_are_compared_with_the_first(tmp_path: Path) -> None:
    verifiers = ("math", "random", "length", "format", "language")
    runs = [write_run(tmp_path / name, verifier=name, accuracies=(0.5,), problems=50) for name in verifiers]
    pairs = {(claim.first, claim.second) for claim in compare(runs).verdicts}
    assert pairs == {("math", name) for name in verifiers[1:]}


def test_suites_and_domains_and_parts_have_curves_on_four_axes(tmp_path: Path) -> None:
    told = [drawn_evaluation(step, draw(0.5, 40, step), domains=("sums", "names")) for step in (0, 30)]
    figures = {figure.key: figure for figure in compare([write_run(tmp_path / "run", evaluations=told)]).figures}
    assert list(figures) == [
        "held_out",
        "held_out-sums",
        "held_out-names",
        "held_out-part-short",
        "held_out-length",
        "training-reward-mean",
        "training-reward-accuracy",
        "training-response-tokens_mean",
        "training-policy-entropy",
        "training-verdict-short",
    ]
    [line] = figures["held_out"].lines
    assert line.x == {
        "step": [0.0, 30.0],
        "tokens": [0.0, 30 * 128 * 20.0],
        "samples": [0.0, 30 * 128.0],
        "seconds": [0.0, 15.0],
    }
    assert list(line.y) == [one.value for one in told]
    assert list(zip(line.low, line.high, strict=True)) == [one.ci95 for one in told]
    [part] = figures["held_out-part-short"].lines
    assert list(part.y) == [0.5, 0.5]
    names = [a.correct for a in told[0].answers if a.domain == "names"]
    assert figures["held_out-names"].lines[0].y[0] == pytest.approx(np.mean(names))


def test_seeds_stand_faint_behind_their_mean(three_compared: Comparison) -> None:
    figure = next(figure for figure in three_compared.figures if figure.key == "held_out")
    mean, *seeds, control = figure.lines
    assert [(line.name, line.faint) for line in seeds] == [("math-0", True), ("math-1", True)]
    assert mean.y[-1] == pytest.approx(np.mean([line.y[-1] for line in seeds]))
    assert (control.name, control.faint) == ("control", False)


def test_the_same_runs_give_the_same_files(two_runs: list[Path], tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("once", "again")]
    for folder in folders:
        write_comparison(compare(two_runs), folder)
    names = [sorted(file.name for file in folder.iterdir()) for folder in folders]
    assert names[0] == names[1]
    assert {"compare.json", "index.html", "held_out.png", "held_out-length.png"} <= set(names[0])
    assert all((folders[0] / name).read_bytes() == (folders[1] / name).read_bytes() for name in names[0])


def test_the_command_prints_verdicts_or_json(
    two_runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["compare", *map(str, two_runs), "--out", str(tmp_path / "out")]
    code, out, _ = run_cli(arguments, capsys, monkeypatch)
    assert code == 0
    assert "math is better than random on held_out by" in out
    assert "verifier.name" in out
    assert "index.html" in out
    code, out, _ = run_cli([*arguments, "--json"], capsys, monkeypatch)
    assert code == 0
    told = json.loads(out)
    assert told == json.loads((tmp_path / "out" / "compare.json").read_text())
    assert [row["better"] for row in told["verdicts"]] == ["first", "second", None]
    assert told["arms"][0] == {"name": "math", "series": ["math"], "seeds": [0]}


# What cannot be used is named, and the rest is shown.


def test_a_folder_that_is_no_run_is_named_and_the_rest_compared(
    two_runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "foreign").mkdir()
    arguments = ["compare", str(two_runs[0]), str(tmp_path / "foreign"), "--out", str(tmp_path / "out")]
    code, out, err = run_cli(arguments, capsys, monkeypatch)
    assert code == 1
    assert err.count("rlvr: ") == 1
    assert "foreign holds no run and no model" in err
    assert "math improved on held_out" in out
    assert "foreign holds no run" in json.loads((tmp_path / "out" / "compare.json").read_text())["notes"][0]


def test_nothing_to_compare_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run_cli(["compare", str(tmp_path / "gone")], capsys, monkeypatch)
    assert (code, out) == (2, "")
    assert "gone is no folder" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("stage: {kind: pretrain}\n", "is a base stage, not an RL run"),
        ("name: someone's\n", "is not that of a run"),
        ("- a\n- list\n", "a recipe is a mapping"),
        ("{", "not valid YAML"),
    ],
)
def test_foreign_recipes_are_refused(recipe: str, message: str, tmp_path: Path) -> None:
    write_atomically(tmp_path / "recipe.yaml", recipe)
    with pytest.raises(InputError, match=message):
        compare([tmp_path])


def test_a_half_written_run_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", accuracies=(0.4, 0.6, 0.8), finished=False)
    cut = evaluation_path(run, "held_out", 60)
    cut.write_bytes(cut.read_bytes()[:1000])
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 61, "rewa')
    compared = compare([run])
    assert [note.partition(":")[0] for note in compared.notes] == [
        f"{cut} is no evaluation, or only a part of one",
        "run is still going on, or was cut off (it has no summary.json)",
    ]
    assert [(claim.first_step, claim.second_step) for claim in compared.verdicts] == [(0, 30)]


def test_a_run_that_goes_on_after_a_resume_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    summary = json.loads((run / "summary.json").read_text())
    write_atomically(run / "summary.json", json.dumps({**summary, "steps": 45}))
    assert compare([run]).notes == ("run was resumed and is still going on: it is shown as far as step 60",)


def test_a_run_without_evaluations_shows_its_training(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    for file in (run / "evaluations").iterdir():
        file.unlink()
    compared = compare([run])
    assert compared.verdicts == ()
    assert "run has no evaluation that can be read" in compared.notes[0]
    assert {figure.key for figure in compared.figures} >= {"training-reward-mean"}


def test_suites_of_one_name_that_differ_are_not_compared(tmp_path: Path) -> None:
    runs = []
    for name, digest in (("a", "1" * 64), ("b", "2" * 64)):
        told = [drawn_evaluation(step, draw(0.5, 300, step), sha256=digest) for step in (0, 30)]
        runs.append(write_run(tmp_path / name, verifier="math" if name == "a" else "random", evaluations=told))
    compared = compare(runs)
    assert [claim.kind for claim in compared.verdicts] == ["gain", "gain"]
    assert [claim.suite for claim in compared.verdicts] == ["held_out (11111111)", "held_out (22222222)"]
    assert "held_out is not the same suite in all series" in compared.notes[0]
    assert "11111111 in a; 22222222 in b" in compared.notes[0]


def test_other_tokenizers_are_said(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "a", tokenizer="one"),
        write_run(tmp_path / "b", tokenizer="two", verifier="random"),
    ]
    [note] = compare(runs).notes
    assert note.startswith("The series have different tokenizers (a; b)")


def test_one_seed_twice_is_said(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / name) for name in ("a", "b")]
    assert compare(runs).notes == (
        "a + b: seed 0 stands in more than one run, which then say less than independent ones",
    )


def test_a_checkpoint_stands_for_itself(three_runs: list[Path]) -> None:
    checkpoint = three_runs[0] / "checkpoints" / "step-000030"
    compared = compare([checkpoint, three_runs[2]])
    assert compared.arms[0].name == "step-000030"
    assert [(claim.first_step, claim.second_step) for claim in compared.verdicts] == [(30, 60), (0, 60)]


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / day / "math", verifier=v) for day, v in (("monday", "math"), ("friday", "random"))
    ]
    assert [arm.name for arm in compare([*runs, runs[0] / "checkpoints"]).arms] == ["monday/math", "friday/math"]


def test_a_suite_may_be_unfinished_in_one_series(tmp_path: Path) -> None:
    """A suite that one run alone was evaluated on is shown and judged for that run."""
    runs = [write_run(tmp_path / name, verifier=v) for name, v in (("a", "math"), ("b", "random"))]
    for step, accuracy in ((0, 0.2), (60, 0.9)):
        told = drawn_evaluation(step, draw(accuracy, 300, step), suite="gsm8k")
        write_evaluation(evaluation_path(runs[0], "gsm8k", step), told)
    compared = compare(runs)
    assert [(c.kind, c.suite) for c in compared.verdicts] == [
        ("gain", "gsm8k"),
        ("difference", "held_out"),
        ("gain", "held_out"),
        ("gain", "held_out"),
    ]


def test_a_half_written_checkpoint_is_left_out(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (write_fake_checkpoint(run, 90) / "MANIFEST.json").unlink()
    [arm] = compare([run]).arms
    assert [step for step, _ in arm.series[0].checkpoints] == [30, 60]


def test_further_measures_have_curves(tmp_path: Path) -> None:
    told = [
        replace(
            drawn_evaluation(step, draw(0.5, 40, step, samples=4)),
            metrics={"pass@1": 0.5, "pass@4": share, "tokens/mean": 9.0, "truncated_share": share / 2},
        )
        for step, share in ((0, 0.75), (30, 0.875))
    ]
    figures = {figure.key: figure for figure in compare([write_run(tmp_path / "run", evaluations=told)]).figures}
    assert {key: list(figures[key].lines[0].y) for key in ("held_out-pass-4", "held_out-truncated_share")} == {
        "held_out-pass-4": [0.75, 0.875],
        "held_out-truncated_share": [0.375, 0.4375],
    }
    assert "held_out-tokens-mean" not in figures


def test_the_fewer_the_answers_the_less_is_known(tmp_path: Path) -> None:
    """Nothing flips: with one answer to a problem less is sure than with four."""
    widths = []
    for samples in (1, 4):
        told = [drawn_evaluation(step, np.ones((300, samples), dtype=bool)) for step in (0, 30)]
        [gain] = compare([write_run(tmp_path / str(samples), evaluations=told)]).verdicts
        assert gain.better is None
        widths.append(gain.high - gain.low)
    assert widths[0] == pytest.approx(4 * widths[1])
