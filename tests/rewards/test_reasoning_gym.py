"""The verifier ``reasoning_gym``: each data set's own scorer."""

import asyncio
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import reasoning_gym

from rewards.conventions.evaluated import BY_EVAL, BY_SYMPY, runs_code
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier


def label(dataset: str, place: int = 0, **config: Any) -> Any:
    """As a problem file holds it: what JSON can say."""
    entry = reasoning_gym.create_dataset(dataset, seed=7, size=place + 1, **config)[place]
    return json.loads(json.dumps({"dataset": dataset, "entry": entry}, default=str))


def verdict(response: str, label: Any, **settings: Any) -> Verdict:
    problem = Problem("1", (), "reasoning_gym", label)
    return asyncio.run(load_verifier("reasoning_gym", settings).verify(ScoreRequest(problem, response)))


@pytest.mark.parametrize(
    "dataset", ["basic_arithmetic", "chain_sum", "leg_counting", "spell_backward", "word_sorting"]
)
def test_the_right_answer_scores(dataset: str) -> None:
    asked = label(dataset)
    right = asked["entry"]["answer"]
    assert verdict(f"<think>hm</think><answer>{right}</answer>", asked).score == 1.0
    assert verdict(right, asked).score == 1.0
    assert verdict("<answer>no such thing</answer>", asked).score < 0.1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "bad label: expected"),
        ({"dataset": "chain_sum"}, "bad label: expected"),
        ({"dataset": "chain_sums", "entry": {"answer": "1"}}, "did you mean chain_sum"),
        ({"dataset": "chain_sum", "entry": {"answer": "1"}, "config": {"sizes": 1}}, "does not take the config"),
    ],
)
def test_a_bad_label_is_invalid(bad: Any, reason: str) -> None:
    answer = verdict("1", bad)
    assert not answer.valid
    assert reason in answer.reason
    with pytest.raises(VerifierError, match="verifier reasoning_gym"):
        load_verifier("reasoning_gym").check_label(bad)


@pytest.mark.parametrize("dataset", sorted(BY_EVAL | BY_SYMPY))
@pytest.mark.parametrize(
    "attack",
    [
        "__import__('os').mkdir({canary!r})",
        "[__import__('os').mkdir({canary!r})]",
        "3! + __import__('os').mkdir({canary!r})",
        "(lambda: __import__('os').mkdir({canary!r}))()",
        "[open({canary!r}, 'w') for _ in [1]]",
        "x.__class__.__mro__",
        "eval(chr(49))",
        "S.__init__.__globals__",
        "\uff4f\uff50\uff45\uff4e({canary!r}, 'w')",
        "1 if open({canary!r}, 'w') else 2",
    ],
)
def test_code_in_an_answer_is_not_run(dataset: str, attack: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    answer = verdict(attack.format(canary=str(canary)), label(dataset))
    assert (answer.valid, answer.score) == (True, 0.0)
    assert not canary.exists()


@pytest.mark.parametrize(
    ("dataset", "text"),
    [
        ("string_insertion", "['A', 'B']"),
        ("n_queens", "[['_', 'Q'], ['Q', '_']]"),
        ("n_queens", "_ Q\nQ _"),
        ("spiral_matrix", "[1, -2, 3]"),
        ("countdown", "(3 + 4)*5 - 2/1"),
        ("puzzle24", "(9 - 3) * 8 / 2"),
        ("simple_integration", "2*x**3/3 - sin(x)*exp(-x) + C"),
        ("polynomial_multiplication", "x**2*y - 3*x + 1"),
    ],
)
def test_expressions_and_lists_are_no_code(dataset: str, text: str) -> None:
    assert not runs_code(dataset, text)


def test_code_in_a_label_is_refused() -> None:
    asked = label("bitwise_arithmetic")
    asked["entry"]["metadata"]["problem"] = "__import__('os').getcwd()"
    answer = verdict("0x1", asked)
    assert (answer.valid, answer.reason[:32]) == (False, "bad label: the entry holds code,")


def test_grids_keep_their_tuples_over_json() -> None:
    asked = label("rearc")
    assert verdict(asked["entry"]["answer"], asked).score == 1.0


def test_what_evaluates_in_the_installed_package_is_known() -> None:
    """Reads the modules' source: who evaluates is in one of the two lists, or does so where items are made."""
    from reasoning_gym.factory import DATASETS

    evaluates = set()
    for dataset, (kind, *_) in DATASETS.items():
        source = inspect.getsource(sys.modules[kind.__module__])
        if re.search(r"\b(eval|exec|parse_expr|sympify|parse_latex)\(", source):
            evaluates.add(dataset)
    assert {"n_queens", "countdown"} <= evaluates
    assert evaluates - BY_EVAL - BY_SYMPY == {"basic_arithmetic", "codeio", "propositional_logic"}


@pytest.mark.slow
def test_every_data_set_takes_its_own_answers() -> None:
    """All data sets of the package, four items each: right answers score, no wrong one is invalid."""
    from reasoning_gym.factory import DATASETS

    failures, paid = {}, set()
    tried = 0
    for dataset in sorted(set(DATASETS) - {"composite"}):
        for place in range(4):
            asked = label(dataset, place)
            right = _right_answer(asked["entry"])
            answers = [verdict(text, asked) for text in (right or "no", *WRONG)]
            tried += len(answers)
            gold = [] if right is None else [answers[0].score]
            if gold not in ([], [1.0]) or not all(answer.valid for answer in answers):
                failures[dataset] = [answer.score if answer.valid else answer.reason for answer in answers]
            paid |= {(dataset, text) for text, one in zip(WRONG, answers[1:], strict=True) if one.score >= 0.5}
    assert failures == {}
    partly = {("syllogism", "None"), ("acre", "None")}  # half a point, as they hold "No" and "on"
    assert paid == partly | {("codeio", "{}")}  # the right answer to one of its items
    assert tried == 105 * 4 * (1 + len(WRONG))


WRONG = ("no", "((", "[" * 1000, "\x00", "None", "__import__('os')", "\n" * 100 + "?", "{}")


def _right_answer(entry: dict[str, Any]) -> str | None:
    """The item's answer, or the example in its metadata; boxnet and rush_hour come without one."""
    metadata = entry["metadata"]
    if "possible_answer" in metadata:
        return json.dumps(metadata["possible_answer"])
    answer = entry["answer"] or metadata.get("example_correct_answer") or metadata.get("example_answer")
    return None if answer is None else str(answer)
