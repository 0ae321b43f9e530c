"""A held-out evaluation as it is written."""

import json
from pathlib import Path

from rlvr.evaluation.held_out import Answer, HeldOutEvaluation


def written(folder: Path, *correct: bool | None) -> dict[str, object]:
    answers = tuple(Answer(f"p{n}", "7", one, None, "") for n, one in enumerate(correct))
    HeldOutEvaluation(3, 2, 1.5, answers).write(folder)
    told: dict[str, object] = json.loads((folder / "evaluations" / "held_out-000003.json").read_text())
    return told


def test_accuracy_is_over_verdicts_that_tell_of_it(tmp_path: Path) -> None:
    told = written(tmp_path, True, False, None, True)
    assert (told["value"], told["n"]) == (2 / 3, 3)


def test_without_any_such_verdict_there_is_no_value(tmp_path: Path) -> None:
    told = written(tmp_path, None, None)
    assert (told["value"], told["n"], told["ci95"]) == (None, 0, [0.0, 1.0])
