"""Retirement, stop rules and mixes in whole runs on the real stack."""

from pathlib import Path
from typing import Any

import pytest

import rlvr
from base_training.errors import InputError
from rlvr.metrics import read_rows, without_wall_clock
from tests.rlvr.small_run import small_recipe, summary_of

pytestmark = pytest.mark.slow

EVEN = '''
def even(response, label):
    """A coin that the response itself tosses."""
    return sum(map(ord, response)) % 2 == 0


def broken(response, label):
    raise RuntimeError("no such table")
'''
SYNCHRONOUS = {"problems_per_step": 4, "max_staleness": 0}


def recipe(folder: Path, **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "even.py").write_text(EVEN)
    return small_recipe(folder, **{"verifier": "even.py:even", "evaluation": {"verifier": None}, **changes})


def rows(run: Path) -> list[dict[str, Any]]:
    return [without_wall_clock(row) for row in read_rows(run / "metrics.jsonl")]


def retiring(folder: Path, steps: int) -> Path:
    problems = {"retire_at": 0.75, "count": 30}
    return recipe(folder, buffer=SYNCHRONOUS, problems=problems, learner={"steps": steps})


def test_retirement_repeats_to_the_bit_and_over_a_resume(tmp_path: Path) -> None:
    rlvr.launch(retiring(tmp_path / "a", 5), run_dir=tmp_path / "one").wait()
    rlvr.launch(retiring(tmp_path / "b", 3), run_dir=tmp_path / "two").wait()
    assert rlvr.resume(tmp_path / "two", steps=5).wait()["steps"] == 5
    assert rows(tmp_path / "one") == rows(tmp_path / "two")
    summary = summary_of(tmp_path / "one")
    assert summary["problems"] == summary_of(tmp_path / "two")["problems"]
    assert summary["problems"]["train"] == 30
    assert summary["problems"]["retired"] == rows(tmp_path / "one")[-1]["problems/retired"] > 0


def test_a_run_whose_problems_are_all_retired_ends_with_that_status(tmp_path: Path) -> None:
    problems = {"retire_at": 0.25, "count": 6}
    run = rlvr.launch(recipe(tmp_path, problems=problems, learner={"steps": 200}), run_dir=tmp_path / "run")
    summary = run.wait()
    assert summary["status"] == "all_retired"
    assert summary["problems"] == {"train": 6, "retired": 6, "removed": 0}
    assert summary_of(tmp_path / "run")["steps"] < 200


def test_a_target_that_is_reached_at_the_start_ends_a_run(tmp_path: Path) -> None:
    stop = {"held_out": 0.01}
    summary = rlvr.launch(recipe(tmp_path, stop=stop), run_dir=tmp_path / "run").wait()
    assert (summary["status"], summary["steps"]) == ("target_reached", 0)


def test_wall_time_ends_a_run_after_the_step_it_is_in(tmp_path: Path) -> None:
    run = rlvr.launch(recipe(tmp_path, stop={"wall_s": 1}), run_dir=tmp_path / "run")
    summary = run.wait()
    assert (summary["status"], summary["steps"]) == ("time_limit", 0)


def test_a_mix_reports_each_domain(tmp_path: Path) -> None:
    source = {"kind": "sums", "settings": {"low": 0, "high": 9, "question": "{a}+{b}="}}
    mix = [{"domain": "one", "source": source}, {"domain": "two", "source": source, "template": "{question}?"}]
    problems = {"source": None, "mix": mix, "held_out": 8}
    verifier = {"by_domain": {"one": "even.py:even", "two": "random"}}
    summary = rlvr.launch(recipe(tmp_path, problems=problems, verifier=verifier), run_dir=tmp_path / "run").wait()
    assert [(e["suite"], e["n"]) for e in summary["domains"]] == [("held_out/one", 4), ("held_out/two", 4)] * 2
    told = rows(tmp_path / "run")
    groups = [sum(row[f"domain/{name}/groups"] for row in told) for name in ("one", "two")]
    assert min(groups) > 0
    assert abs(groups[0] - groups[1]) <= 0.5 * sum(groups)


def test_a_verifier_that_fails_on_every_sample_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    changes = {"verifier": "even.py:broken", "evaluation": {"at_start": False, "verifier": None}}
    run = rlvr.launch(recipe(tmp_path, **changes), run_dir=tmp_path / "run")
    with pytest.raises(InputError, match=r"gave no verdict on \d+ of \d+ samples.*RuntimeError: no such table"):
        run.wait()
    assert not (tmp_path / "run").exists(), "nothing was trained, so that the name is free again"
