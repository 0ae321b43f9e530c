"""`rlvr verifiers`, as a user calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from rewards.errors import VerifierError
from rlvr.cli import cli


def verifiers(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["verifiers", *map(str, arguments)])


def test_list_shows_all_with_their_sources() -> None:
    rows = {row["name"]: row for row in json.loads(verifiers("list", "--json").stdout)}
    assert rows["math"]["source"] == "built in (rewards.math.verifier)"
    assert rows["math"]["scope"] == "sample"
    assert "extraction" in rows["math"]["settings"]
    assert rows["composite"]["settings"] == ["parts", "combine", "for_labels"]
    assert not any(row["summary"].startswith("cannot be loaded") for row in rows.values())
    assert "math" in verifiers("list").stdout


def test_new_writes_a_verifier_whose_tests_pass(tmp_path: Path) -> None:
    result = verifiers("new", "exact-date", "--folder", tmp_path)
    assert result.exit_code == 0
    assert "Try it: rlvr verifiers check" in result.stdout
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    assert subprocess.run(tests, capture_output=True).returncode == 0


def test_check_has_an_exit_code(tmp_path: Path) -> None:
    verifiers("new", "mine", "--folder", tmp_path)
    target, samples = f"{tmp_path}/mine.py:mine", tmp_path / "mine.jsonl"
    good = verifiers("check", target, "--samples", samples, "--json")
    assert good.exit_code == 0
    report = json.loads(good.stdout)
    assert report["passed"]
    assert report["verdicts_per_s"] > 0
    samples.write_text('{"response": "41", "label": "42"}\n')
    bad = verifiers("check", target, "--samples", samples)
    assert bad.exit_code == 1
    assert "FAIL right answers score" in bad.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "math", "--samples", "none.jsonl"), "cannot be read"),
        (("check", "math", "--samples", "none.jsonl", "--convention", "verll"), "--convention verll"),
        (("serve", "mth"), "did you mean math"),
        (("serve", "math", "--host", "0.0.0.0"), "set RLVR_VERIFIER_TOKEN"),
        (("new", "a b"), "is no name for a verifier"),
    ],
)
def test_what_the_user_can_mend_is_one_message(arguments: tuple[str, ...], message: str) -> None:
    result = verifiers(*arguments)
    assert isinstance(result.exception, VerifierError)
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected names and verifiers' sections"),
        ("{}", "names no verifier"),
        ("a: [", "is no YAML"),
        ("a: {name: math, setings: {}}", "a.setings: Extra inputs are not permitted"),
        ("a: mth", "did you mean math"),
    ],
)
def test_a_file_of_verifiers_that_cannot_be_served_is_told_so(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "verifiers.yaml"
    file.write_text(text)
    result = verifiers("serve", file)
    assert isinstance(result.exception, VerifierError)
    assert message in str(result.exception)
