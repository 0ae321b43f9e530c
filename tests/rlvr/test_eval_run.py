"""Evaluations on the real engine: of a model by several kinds of suites, and of a run's checkpoints."""

import json
from pathlib import Path

import pytest

import rlvr
from base_training.checkpoints import list_checkpoints
from rlvr.evaluation import evaluate
from rlvr.evaluation.options import EvaluationOptions
from rlvr.evaluation.record import Evaluation, evaluations_of
from tests.rlvr.small_run import small_recipe

pytestmark = pytest.mark.slow


def same_answers(one: Evaluation, other: Evaluation) -> bool:
    return (one.answers, one.value, one.ci95, one.n) == (other.answers, other.value, other.ci95, other.n)


def test_a_run_is_evaluated_as_it_was_during_training(tmp_path: Path) -> None:
    run = tmp_path / "run"
    recipe = small_recipe(tmp_path, evaluation={"verifier": "math", "every": 3, "samples_per_problem": 2})
    rlvr.launch(recipe, run_dir=run).wait()
    during = {one.step: one for one in evaluations_of(run)}
    assert sorted(during) == [0, 3, 5]
    assert [step for step, _ in list_checkpoints(run)] == [3, 5]

    kept = evaluate(run, ["run"], all_steps=True)
    assert [one.seconds for one in kept] == [during[one.step].seconds for one in kept]

    again = evaluate(run, ["run"], all_steps=True, options=EvaluationOptions(fresh=True))
    assert [one.step for one in again] == [0, 3, 5]
    assert all(same_answers(one, during[one.step]) for one in again)
    assert len(evaluations_of(run)) == 3
    assert len({one.suite_sha256 for one in evaluations_of(run)}) == 1


def test_a_model_answers_suites_of_every_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))
    (tmp_path / "choice.jsonl").write_text(
        "".join(json.dumps({"question": f"{n}?", "choices": ["a", "bb", "ccc"], "answer": n % 3}) + "\n" for n in range(9))
    )
    (tmp_path / "mine.jsonl").write_text(json.dumps({"question": "1+1=", "answer": "2"}) + "\n")
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nsource: {kind: jsonl, settings: {path: mine.jsonl}}\nverifier: math\n"
        "sampling: {max_tokens: 6, temperature: 1.0, samples: 4}\n"
    )
    suites = ["easy", "choice", str(tmp_path / "mine.yaml")]
    options = EvaluationOptions(data=tmp_path)
    found = evaluate("olmo3-nano", suites, limit=12, options=options)
    easy, choice, mine = found
    assert [(one.suite, one.metric, one.n) for one in found] == [
        ("easy", "bits_per_byte", 12),
        ("choice", "accuracy", 9),
        ("mine", "accuracy", 4),
    ]
    assert easy.value is not None
    assert 2 < easy.value < 12  # a random model over some hundred characters, one a token
    assert {answer.response for answer in choice.answers} <= {" a", " bb", " ccc"}
    assert {"pass@1", "pass@2", "pass@4", "majority@4"} <= set(mine.metrics)
    assert [answer.sample for answer in mine.answers] == [0, 1, 2, 3]
    assert all(answer.tokens <= 6 for answer in mine.answers)
    assert evaluate("olmo3-nano", suites, limit=12, options=options) == found
