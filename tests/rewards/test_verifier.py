"""Finding verifiers, giving them settings, filling their arguments, and reading what they return."""

import asyncio
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rewards.errors import VerifierError
from rewards.registry import known_names
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from rewards.verifier import verdict_of as verdict_from
from tests.rewards.requests import ask, verdict_of

FILE = Path(__file__).with_name("plug_ins.py")


@pytest.mark.parametrize(
    ("target", "base_path"),
    [
        (f"{FILE}:exact", None),
        ("plug_ins.py:exact", FILE.parent),
        ("rewards/plug_ins.py:exact", FILE.parent.parent),
        ("tests.rewards.plug_ins:exact", None),
    ],
)
def test_is_found_by_file_and_by_module(target: str, base_path: Path | None) -> None:
    verifier = load_verifier(target, base_path=base_path)
    assert asyncio.run(verifier.verify(ask("42"))) == Verdict.of_correctness(True)
    assert asyncio.run(verifier.verify(ask("43"))) == Verdict.of_correctness(False)


def test_is_found_in_its_file_by_its_registered_name() -> None:
    assert verdict_of(f"{FILE}:shouting", ask("YES")).correct


def test_is_found_by_name_once_it_is_registered() -> None:
    load_verifier(f"{FILE}:exact")
    assert verdict_of("shouting", ask("yes")).correct is False


def test_is_found_by_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "somebodys_verifiers.py").write_text("def polite(response):\n    return 'please' in response\n")
    (tmp_path / "somebodys-1.0.dist-info").mkdir()
    (tmp_path / "somebodys-1.0.dist-info" / "METADATA").write_text("Name: somebodys\nVersion: 1.0\n")
    (tmp_path / "somebodys-1.0.dist-info" / "entry_points.txt").write_text(
        "[rlvr.verifiers]\npolite = somebodys_verifiers:polite\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "polite" in known_names()
    assert verdict_of("polite", ask("Yes, please.")).correct


def test_a_file_can_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_plug_in.py").write_text("WORD = 'please'\n")
    (tmp_path / "polite.py").write_text(
        "from neighbour_of_plug_in import WORD\ndef polite(response):\n    return WORD in response\n"
    )
    assert verdict_of(f"{tmp_path}/polite.py:polite", ask("Yes, please.")).correct


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mth", 'no verifier is named "mth"; did you mean math'),
        ("no/such/file.py:f", "there is no file"),
        (f"{FILE}:exakt", 'has no "exakt"; did you mean exact'),
        (f"{FILE}:nothing_like_it", "It has exact, length, cites"),
        (f"{FILE}", "say which one"),
        ("tests.rewards.plug_ins:exakt", "did you mean exact"),
        ("no_such_package.module:f", "No module named 'no_such_package'"),
        (f"{FILE}:FILE", 'has no "FILE"'),
    ],
)
def test_a_missing_one_ends_in_one_clear_message(target: str, message: str) -> None:
    with pytest.raises(VerifierError, match=message) as raised:
        load_verifier(target)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("source", ["def f(response:\n", "import no_such_module_at_all\n", "1 / 0\n"])
def test_a_file_that_fails_is_named(tmp_path: Path, source: str) -> None:
    (tmp_path / "broken.py").write_text(source)
    with pytest.raises(VerifierError, match=r"broken\.py failed at import: \w+Error"):
        load_verifier(f"{tmp_path}/broken.py:f")


def test_two_verifiers_cannot_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "again.py").write_text(
        "from rewards.verifier import verifier\n@verifier('math')\ndef mine(response):\n    return True\n"
    )
    load_verifier("math")
    with pytest.raises(VerifierError, match='two verifiers are named "math"'):
        load_verifier(f"{tmp_path}/again.py:mine")


def test_settings_are_keyword_arguments() -> None:
    target = f"{FILE}:length"
    assert verdict_of(target, ask("one two"), target=14).score == 0.5
    assert verdict_of(target, ask("one two"), target=4, unit="words").score == 0.5


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("length", {"target": 1, "units": "words"}, 'no setting "units"; did you mean unit'),
        ("exact", {"tolerance": 1}, "It takes none"),
        ("Threshold", {}, "needs the settings minimum"),
        ("Threshold", {"minimum": 1, "strikt": True}, "did you mean strict"),
        ("Threshold", {"minimum": -1}, "minimum must not be negative, got -1"),
        ("exact", {"label": "43"}, 'no setting "label"'),
    ],
)
def test_wrong_settings_end_in_one_clear_message(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError, match=message):
        load_verifier(f"{FILE}:{name}", settings)


def test_other_arguments_come_from_the_problems_columns() -> None:
    assert verdict_of(f"{FILE}:cites", ask("as Euclid says", source="Euclid")).correct
    verdict = verdict_of(f"{FILE}:cites", ask("as Euclid says"))
    assert not verdict.valid
    assert "source is neither a setting nor a column of problem 6*7" in verdict.reason


def test_a_function_without_a_response_is_refused() -> None:
    with pytest.raises(VerifierError, match=r"expected verify\(response, label, \*, problem\)"):
        load_verifier("os.path:basename")


def test_may_be_async() -> None:
    assert verdict_of(f"{FILE}:slow_service", ask("42")).correct


def test_a_class_has_hooks() -> None:
    verifier = load_verifier(f"{FILE}:Threshold", {"minimum": 3})
    assert verifier.quick(ask("")) == Verdict.of_correctness(False)
    assert verifier.quick(ask("long")) is None
    assert asyncio.run(verifier.verify(ask("long"))) == Verdict(4.0, reason="long")
    verifier.check_label("42")
    with pytest.raises(VerifierError, match="the label must be a string, got None"):
        verifier.check_label(None)


def test_declares_its_scope() -> None:
    assert load_verifier(f"{FILE}:exact").scope == "sample"
    assert load_verifier(f"{FILE}:group").scope == "group"


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (True, Verdict(1.0, correct=True, reason="correct")),
        (False, Verdict(0.0, correct=False, reason="wrong")),
        (np.True_, Verdict(1.0, correct=True, reason="correct")),
        (1.0, Verdict(1.0, correct=True, reason="scored")),
        (0.25, Verdict(0.25, correct=False, reason="scored")),
        (-3, Verdict(-3.0, reason="scored")),
        (np.float32(0.5), Verdict(0.5, correct=False, reason="scored")),
        (Verdict(0.5, reason="half"), Verdict(0.5, reason="half")),
    ],
)
def test_results_become_verdicts(result: Any, verdict: Verdict) -> None:
    assert verdict_from(result) == verdict


@pytest.mark.parametrize("result", [float("nan"), float("inf"), None, "1", [1.0], Decimal("NaN"), 1j])
def test_other_results_are_invalid(result: Any) -> None:
    verdict = verdict_from(result)
    assert not verdict.valid
    assert verdict.reason.startswith("the verifier returned")


def test_an_exception_is_invalid_and_never_a_zero() -> None:
    verdict = verdict_of(f"{FILE}:misbehaves", ask("divide"))
    assert (verdict.valid, verdict.reason) == (False, "exception: ZeroDivisionError: division by zero")


def test_imports_neither_torch_nor_sympy() -> None:
    code = (
        "import sys, rewards.verifier, rewards.pool, rewards.samples, rewards.math.verifier\n"
        "print({name.split('.')[0] for name in sys.modules} & {'torch', 'ray', 'sympy', 'numpy', 'vllm'})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
