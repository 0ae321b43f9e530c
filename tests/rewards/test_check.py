"""Trying out a verifier before a run trusts it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rewards.check import CheckReport, check
from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.samples import read_samples
from rewards.template import write_template

FILE = Path(__file__).with_name("plug_ins.py")
FOREIGN = Path(__file__).with_name("foreign_functions.py")


def samples(*pairs: tuple[str, Any]) -> list[ScoreRequest]:
    return [
        ScoreRequest(Problem(str(place), (), "mine", label), response)
        for place, (response, label) in enumerate(pairs)
    ]


def checked(name: str, requests: list[ScoreRequest], **section: Any) -> CheckReport:
    return asyncio.run(check(VerifierSection(name=name, **section), requests, measure_s=0.1))


def failed(report: CheckReport) -> set[str]:
    return {finding.name for finding in report.findings if not finding.passed}


def test_the_math_verifier_passes() -> None:
    report = checked("math", samples((r"\boxed{42}", "42"), (r"so $x = \frac{1}{2}$", "1/2"), ("Answer: B", "B")))
    assert failed(report) == set()
    assert report.passed
    assert report.per_s > 0
    assert 0 < report.worst_s < 60
    assert sum(finding.tried for finding in report.findings) > 50


@pytest.mark.parametrize(
    ("name", "failures"),
    [
        ("exact", {"bad labels become invalid"}),
        ("shouting", {"right answers score", "hostile input comes back, unpaid"}),
    ],
)
def test_what_fails_is_named(name: str, failures: set[str]) -> None:
    report = checked(f"{FILE}:{name}", samples(("42", "42"), ("43", "43")))
    assert failures <= failed(report)
    assert not report.passed


def test_a_verifier_that_evaluates_responses_is_caught(tmp_path: Path) -> None:
    (tmp_path / "evaluates.py").write_text("def f(response, label):\n    return eval(response) == eval(label)\n")
    report = checked(f"{tmp_path}/evaluates.py:f", samples(("40 + 2", "42")))
    assert {"hostile code is not run", "hostile input comes back, unpaid"} <= failed(report)


def test_a_verifier_that_draws_is_caught() -> None:
    assert "the same input scores the same, in another process" in failed(
        checked(f"{FOREIGN}:draws", samples(("42", "42")))
    )


def test_a_verifier_of_groups_is_tried_with_groups_of_one() -> None:
    report = checked(f"{FOREIGN}:trl_distinct", samples(("42", "42")), convention="trl", scope="group")
    assert "garbage does not" in failed(report)
    assert "the same input scores the same, in another process" not in failed(report)


def test_needs_samples() -> None:
    with pytest.raises(VerifierError, match="there are no samples"):
        checked("math", [])


def test_the_template_passes_its_own_check(tmp_path: Path) -> None:
    written = write_template("last-line", tmp_path)
    assert [path.name for path in written] == ["last_line.py", "test_last_line.py", "last_line.jsonl"]
    target = f"{written[0]}:last-line"
    assert failed(checked(target, read_samples(written[2], target))) == set()
    with pytest.raises(VerifierError, match=r"last_line\.py.* exists already"):
        write_template("last-line", tmp_path)


@pytest.mark.parametrize("name", ["", "1st", "a b", "../up", "class"])
def test_a_template_needs_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(VerifierError, match="is no name for a verifier"):
        write_template(name, tmp_path)


def test_samples_that_cannot_be_read_name_their_line(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_text('{"response": "42", "label": "42"}\n\n{"response": "42"}\n')
    with pytest.raises(VerifierError, match=r"samples\.jsonl line 3: the field \"label\" is missing"):
        read_samples(file, "math")
    with pytest.raises(VerifierError, match="cannot be read"):
        read_samples(tmp_path / "none.jsonl", "math")


def test_a_sample_without_an_id_is_known_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_text('{"response": "42", "label": "42"}\n\n{"id": "b", "response": "43", "label": "42"}\n')
    assert [sample.problem.id for sample in read_samples(file, "math")] == ["line 1", "b"]
