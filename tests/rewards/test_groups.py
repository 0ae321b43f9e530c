"""Verifiers that get all responses to a problem at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.pool import PoolStats, VerifierPool
from rewards.problem import Problem
from rewards.request import GroupScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier

FILE = Path(__file__).with_name("plug_ins.py")


def group(*responses: str, **columns: Any) -> GroupScoreRequest:
    problem = Problem("p", (), "group", "42", metadata=columns)
    return GroupScoreRequest(problem, responses, tuple(range(len(responses))))


def score(request: GroupScoreRequest, name: str = "group", **section: Any) -> tuple[list[Verdict], PoolStats]:
    async def run() -> tuple[list[Verdict], PoolStats]:
        async with VerifierPool(VerifierSection(name=f"{FILE}:{name}", **section)) as pool:
            return await pool.score_group(request), pool.stats()

    return asyncio.run(run())


def test_all_responses_come_at_once() -> None:
    verdicts, stats = score(group("a", "bbb", "cc"))
    assert [verdict.score for verdict in verdicts] == [0.0, 1.0, 0.5]
    assert stats == PoolStats(scored=3, in_process=0, invalid=0, timeouts=0, deaths=0, processes=1)


def test_a_group_may_have_one_response() -> None:
    assert [verdict.score for verdict in score(group("a"))[0]] == [0.0]


def test_beside_the_caller_with_settings_and_columns() -> None:
    verdicts, stats = score(group("a", "b", "a", bonus=0.5), name="Distinct", settings={"reward": 0.25})
    assert [verdict.score for verdict in verdicts] == [0.0, 0.75, 0.0]
    assert (stats.in_process, stats.processes) == (3, 0)


def test_a_verifier_of_samples_scores_groups_too() -> None:
    verdicts, _ = score(group("42", "43"), name="exact")
    assert [verdict.score for verdict in verdicts] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("divide", "exception: ZeroDivisionError: division by zero"),
        ("too few", "the verifier returned 1 results for 2 responses"),
        ("be killed", "its worker process died twice: SIGKILL"),
        ("loop", "timeout: the verifier of a group of 2 gave no answer within 1.0 s"),
        ("eat memory", "exception: MemoryError: "),
    ],
)
def test_what_cannot_be_laid_to_one_response_makes_all_invalid(response: str, reason: str) -> None:
    verdicts, _ = score(group("fine", response), timeout_s=0.5)
    assert [(verdict.valid, verdict.reason) for verdict in verdicts] == [(False, reason)] * 2


def test_a_slow_one_beside_the_caller_is_invalid() -> None:
    verdicts, _ = score(group("sleep", "b", bonus=0.0), name="Distinct", timeout_s=0.05)
    assert [verdict.reason for verdict in verdicts] == [f"timeout: verifier {FILE}:Distinct took over 0.1 s"] * 2


def test_a_column_that_is_missing_is_invalid() -> None:
    verdicts, _ = score(group("a", "b"), name="Distinct")
    assert "bonus is neither a setting nor a column of problem p" in verdicts[0].reason


def test_it_must_take_responses(tmp_path: Path) -> None:
    (tmp_path / "single.py").write_text(
        "from rewards.verifier import verifier\n"
        "@verifier('single-in-group', scope='group')\ndef f(response):\n    return 1.0\n"
    )
    with pytest.raises(VerifierError, match=r"expected verify\(responses, label, \*, problem\)"):
        load_verifier(f"{tmp_path}/single.py:f")


def test_a_scope_is_the_verifiers_own_to_declare() -> None:
    with pytest.raises(VerifierError, match="is of scope sample, not group"):
        load_verifier(f"{FILE}:exact", scope="group")
