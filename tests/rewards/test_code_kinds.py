"""All hacks, tricks and escapes against the verifier ``code`` under each isolation that works here."""

import platform
from collections.abc import Iterator
from typing import Any

import pytest

from rewards.code.verifier import CodeVerifier
from rewards.sandbox.isolation import candidates
from rewards.sandbox.sandbox import SandboxError
from tests.rewards import test_code_escapes as escapes
from tests.rewards import test_code_hacks as hacks
from tests.rewards import test_code_tricks as tricks

pytestmark = pytest.mark.slow

UNPAID: list[tuple[dict[str, Any], str]] = [
    *((hacks.ADD, code) for code in hacks.HACKS.values()),
    *hacks.AIMED.values(),
    *((tricks.ONE, tricks.at_loading(name)) for name in tricks.AT_LOADING),
    *((tricks.ONE, tricks.when_called(name)) for name in tricks.WHEN_CALLED),
    *tricks.AIMED.values(),
]
ATTEMPTS = [code + escapes.QUIET for name, code in escapes.PLAIN.items() if name != "leave a mark on a device"]
"""All but what bubblewrap leaves open: the times of a device, which whoever may write to it can set."""
if platform.machine() == "x86_64":
    ATTEMPTS += [escapes.SYSCALL.format(call) for call in escapes.CALLS.values()]


@pytest.fixture(scope="module", params=candidates())
def verifier(request: pytest.FixtureRequest) -> Iterator[CodeVerifier]:
    verifier = CodeVerifier(isolation=request.param, timeout_s=0.4, total_timeout_s=1.0, memory_mb=128)
    try:
        verifier.warm_up()
    except SandboxError as error:
        pytest.skip(f"{request.param} does not work here: {error}")
    yield verifier
    verifier.close()


def test_honest_code_passes(verifier: CodeVerifier) -> None:
    assert verifier.verify("```python\ndef add(a, b):\n    return a + b\n```", hacks.ADD).score == 1.0


def test_nothing_is_paid(verifier: CodeVerifier) -> None:
    verdicts = [(code, verifier.verify(f"```python\n{code}\n```", label)) for label, code in UNPAID]
    assert [(code, verdict) for code, verdict in verdicts if not verdict.valid or verdict.score] == []


def test_nothing_gets_through(verifier: CodeVerifier) -> None:
    verdicts = [(code, verifier.verify(f"```python\n{code}\n```", escapes.LABEL)) for code in ATTEMPTS]
    assert [(code, verdict) for code, verdict in verdicts if verdict.reason != "correct"] == []
