"""`rlvr sandbox doctor`, as a user calls it."""

import json
import subprocess
import sys

import pytest
from click.testing import Result
from typer.testing import CliRunner

from rewards.sandbox import doctor as doctors
from rewards.sandbox.sandbox import SandboxError
from rlvr.cli import cli

READ_FILES = "read the machine's files"


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["sandbox", "doctor", *arguments])


@pytest.fixture(autouse=True)
def _two_attacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them take 10 s; tests/rewards/test_sandbox.py has them."""
    chosen = {name: doctors.ATTACKS[name] for name in ("open a connection", READ_FILES)}
    monkeypatch.setattr(doctors, "ATTACKS", chosen)


def test_tells_what_is_in_force() -> None:
    result = doctor()
    lines = result.stdout.splitlines()
    assert lines[0].startswith("isolation: ")
    assert lines[0] != "isolation: none"
    assert lines[1].startswith("control group: ")
    assert lines[2].startswith("an empty execution: ")
    assert lines[3:5] == ["  stopped: open a connection", f"  stopped: {READ_FILES}"]
    assert all(line.startswith("  not here: ") for line in lines[5:])
    assert result.exit_code == 0


def test_tells_it_as_json() -> None:
    result = doctor("--json")
    row = json.loads(result.stdout)
    assert list(row) == ["isolation", "cgroup", "attacks", "milliseconds", "unavailable", "safe"]
    assert row["isolation"] in ("namespaces", "user-namespaces", "bubblewrap")
    assert row["attacks"] == {"open a connection": True, READ_FILES: True}
    assert (row["safe"], result.exit_code) == (True, 0)
    assert 0 < row["milliseconds"] < 1000
    assert row["isolation"] not in row["unavailable"]


def test_an_attack_that_gets_through_has_an_exit_code() -> None:
    result = doctor("--isolation", "none", "--json")
    row = json.loads(result.stdout)
    assert (row["isolation"], row["safe"], result.exit_code) == ("none", False, 1)
    assert row["attacks"] == {"open a connection": True, READ_FILES: False}
    assert f"  NOT STOPPED: {READ_FILES}" in doctor("--isolation", "none").stdout


def test_no_isolation_has_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewards.sandbox.sandbox.candidates", list)
    result = doctor("--json")
    row = json.loads(result.stdout)
    assert (row["isolation"], row["attacks"], row["milliseconds"]) == (None, {}, None)
    assert (row["safe"], result.exit_code) == (False, 1)
    assert doctor().stdout.startswith("isolation: none works here; code is not run\n")


def test_an_isolation_that_is_none() -> None:
    result = doctor("--isolation", "jail")
    assert isinstance(result.exception, SandboxError)
    assert 'there is no "jail"; choose auto, namespaces,' in str(result.exception)


def test_that_is_one_message_and_an_exit_code_for_the_shell() -> None:
    command = [sys.executable, "-c", "from rlvr.cli import app; app()", "sandbox", "doctor", "--isolation", "jail"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith('rlvr: isolation: there is no "jail"')
    assert len(result.stderr.splitlines()) == 1
