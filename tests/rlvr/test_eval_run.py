"""Evaluations on the real engine: of a model by several kinds of suites, and of a run's checkpoints."""

import json
from pathlib import Path

import pytest

import rlvr
from base_training.checkpoints import list_checkpoints
from base_training.errors import InputError
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
        "".join(
            json.dumps({"question": f"{n}?", "choices": ["a", "bb", "ccc"], "answer": n % 3}) + "\n"
            for n in range(9)
        )
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


HARNESS_TASK = """
task: tiny_{kind}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {rows}}}}}
test_split: test
doc_to_text: "{{{{question}}}}"
"""
HARNESS_CHOICE = """output_type: multiple_choice
doc_to_choice: "{{choices}}"
doc_to_target: "{{answer}}"
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
"""
HARNESS_WORDS = """output_type: generate_until
doc_to_target: "{{choices[answer]}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 5}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""


def test_tasks_of_lm_eval_are_asked_of_the_same_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lm_eval")
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))
    rows = [
        {"question": f"{n} and {n + 1}", "choices": ["yes", "no", "maybe"], "answer": n % 3} for n in range(12)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for kind, task in (("choice", HARNESS_CHOICE), ("words", HARNESS_WORDS)):
        head = HARNESS_TASK.format(kind=kind, rows=tmp_path / "rows.jsonl")
        (tmp_path / f"tiny_{kind}.yaml").write_text(head + task)
    (tmp_path / "own.yaml").write_text(
        "name: own\nscore: choice\nchoices: choices\n"
        "source: {kind: jsonl, settings: {path: rows.jsonl, metadata: [choices]}}\n"
    )
    suites = ["lm_eval/tiny_choice", "lm_eval/tiny_words", str(tmp_path / "own.yaml")]
    choice, words, own = evaluate("olmo3-nano", suites, options=EvaluationOptions(data=tmp_path))
    assert [(one.metric, one.n) for one in (choice, words, own)] == [
        ("acc", 12),
        ("exact_match", 12),
        ("accuracy", 12),
    ]
    assert choice.value == own.metrics["verdict/accuracy_raw"]
    assert all(len(answer.response) <= 5 for answer in words.answers)
    with pytest.raises(InputError, match="lm-eval has no such task"):
        evaluate("olmo3-nano", ["lm_eval/no_such_task"])
