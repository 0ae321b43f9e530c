"""The sandbox: what it stops, what it leaves, and how it fails."""

import os
import signal
from collections.abc import Iterator

import pytest

from rewards.sandbox.cgroup import ControlGroup
from rewards.sandbox.doctor import ATTACKS, GUEST, diagnose
from rewards.sandbox.isolation import candidates
from rewards.sandbox.limits import Limits
from rewards.sandbox.sandbox import Sandbox, SandboxError
from tests.rewards import sandbox_guests

GUESTS = sandbox_guests.__name__


@pytest.mark.parametrize("kind", candidates())
def test_every_attack_is_stopped(kind: str) -> None:
    """Of each kind that works here; bubblewrap does not for root where users cannot read the interpreter."""
    diagnosis = diagnose(kind)
    if kind == "bubblewrap" and diagnosis.isolation is None:
        assert kind in diagnosis.unavailable
        return
    assert diagnosis.isolation == kind
    assert diagnosis.attacks == dict.fromkeys(ATTACKS, True)
    assert diagnosis.is_safe


def test_without_isolation_the_doctor_says_what_gets_through() -> None:
    diagnosis = diagnose("none")
    assert not diagnosis.is_safe
    assert not diagnosis.attacks["read the machine's files"]
    assert diagnosis.attacks["open a connection"]


def test_the_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="limit wall_s must be a number above 0, got 0"):
        Limits(wall_s=0)


def test_an_unknown_isolation_is_refused() -> None:
    with pytest.raises(SandboxError, match='there is no "jail"'):
        Sandbox(GUEST, "jail")


def test_code_is_not_run_without_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewards.sandbox.sandbox.candidates", list)
    with pytest.raises(SandboxError, match="no isolation works here, and code is not run without"):
        Sandbox(GUEST).start()


@pytest.fixture
def guests() -> Iterator[Sandbox]:
    with Sandbox(f"{GUESTS}:does", limits=Limits(wall_s=0.5)) as sandbox:
        yield sandbox


def test_nothing_is_left_for_the_next_execution(guests: Sandbox) -> None:
    assert guests.run(["leave a file and a daemon"]).answers == ("left",)
    assert guests.run(["tell"]).answers == ({"files": [], "pid": 1},)


def test_what_hangs_is_killed(guests: Sandbox) -> None:
    execution = guests.run(["hang"])
    assert (execution.timed_out, execution.status, execution.answers) == (True, -signal.SIGKILL, ())
    assert 0.5 <= execution.wall_s < 1.0


def test_how_a_guest_ended_is_told(guests: Sandbox) -> None:
    assert guests.run(["exit"]).status == 3
    assert guests.run(["tell"]).status == 0


def test_nonsense_is_noted(guests: Sandbox) -> None:
    assert guests.run(["say nonsense"]).garbled


def test_frames_pass_both_ways(guests: Sandbox) -> None:
    message = {"text": "é\ud800", "numbers": [1, 2.5, None, True]}
    assert guests.run(["repeat", message]).answers == (message,)


def test_hashes_are_the_same_in_every_sandbox(guests: Sandbox) -> None:
    with Sandbox(f"{GUESTS}:does") as other:
        assert guests.run(["tell hashes"]).answers == other.run(["tell hashes"]).answers


def test_a_zygote_that_was_killed_is_replaced(guests: Sandbox) -> None:
    guests.run(["tell"])
    os.kill(guests.start().pid, signal.SIGKILL)
    assert guests.run(["tell"]).status == 0


def test_no_control_group_is_left() -> None:
    group = ControlGroup.create()
    if group is None:
        assert not Sandbox(GUEST).has_cgroup
        return
    folders = group.folders
    assert all(folder.is_dir() for folder in folders)
    group.remove()
    assert not any(folder.exists() for folder in folders)
