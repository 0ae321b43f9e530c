"""What a response's code is tested with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rewards.code.names import calls_at_top, first_called, names_of

_KEYS = ("tests", "stdin", "entry_point", "setup", "in_place", "tolerance", "limits")
_LIMITS = ("timeout_s", "memory_mb")


@dataclass(frozen=True, slots=True)
class CodeLabel:
    """A label, read and checked.

    Attributes:
        tests: Pieces of Python that raise where the code is wrong.
        cases: Input and expected output of the code as a program; either these or tests.
        entry_point: The function or class that is asked for, where it is known.
        setup: Python that runs before the tests, and before the response's code where it stands by itself.
        setup_first: Whether it stands by itself.
        names: What tests and setup take from the response's code.
        required: Those of them without which nothing can be tested.
        modules: Modules of the standard library that tests use without importing them.
        in_place: Whether changed arguments are carried back also from calls that return something.
        tolerance: How far numbers in an output may be off.
        timeout_s: Seconds for each test, in place of the verifier's own.
        memory_mb: Memory, in place of the verifier's own where that is more.
    """

    tests: tuple[str, ...] = ()
    cases: tuple[tuple[str, str], ...] = ()
    entry_point: str | None = None
    setup: str = ""
    setup_first: bool = False
    names: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    in_place: bool = False
    tolerance: float = 0.0
    timeout_s: float | None = None
    memory_mb: float | None = None


def read_label(label: Any) -> CodeLabel:
    """A label as a mapping, or as JSON text of one.

    Raises:
        ValueError: It is none; the message tells what is wrong and what is expected.
    """
    return _read(label if isinstance(label, str) else _dumped(label))


def _dumped(label: Any) -> str:
    if not isinstance(label, Mapping):
        raise ValueError(f"the label must be a mapping or JSON text of one, got {type(label).__name__}")
    try:
        return json.dumps(dict(label))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the label cannot be written as JSON: {error}") from error


@lru_cache(maxsize=4096)
def _read(text: str) -> CodeLabel:
    try:
        label = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the label is no JSON: {error}") from error
    if not isinstance(label, dict):
        raise ValueError(f"the label must be a JSON object, got {type(label).__name__}")
    unknown = [key for key in label if key not in _KEYS]
    if unknown:
        raise ValueError(f"the label has unknown keys {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    if ("tests" in label) == ("stdin" in label):
        raise ValueError("the label needs either tests or stdin")
    timeout_s, memory_mb = _limits(label.get("limits") or {})
    setup = _text(label.get("setup") or "", "setup")
    entry_point = label.get("entry_point")
    if entry_point is not None and not (isinstance(entry_point, str) and entry_point.isidentifier()):
        raise ValueError(f"entry_point must be the name of a function or class, got {entry_point!r}")
    if "stdin" in label:
        tolerance = label.get("tolerance", 0.0)
        if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not tolerance >= 0:
            raise ValueError(f"tolerance must be a number of at least 0, got {tolerance!r}")
        return CodeLabel(
            cases=_cases(label["stdin"]),
            setup=setup,
            setup_first=True,
            tolerance=float(tolerance),
            timeout_s=timeout_s,
            memory_mb=memory_mb,
        )
    return _with_tests(
        _tests(label["tests"], entry_point), entry_point, setup, bool(label.get("in_place")), timeout_s, memory_mb
    )


def _with_tests(
    tests: tuple[str, ...],
    entry_point: str | None,
    setup: str,
    in_place: bool,
    timeout_s: float | None,
    memory_mb: float | None,
) -> CodeLabel:
    try:
        before, during = names_of([setup]), names_of(tests)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"tests or setup are no Python: {error}") from error
    imported = before.imported() | (during.imported() - before.own)
    asked = (before.free | (during.free - before.own)) - imported
    if entry_point is None and not asked & (before.called | during.called):
        entry_point = _inferred(tests)
    required = {entry_point} if entry_point else asked & (before.called | during.called)
    return CodeLabel(
        tests=tests,
        entry_point=entry_point or (next(iter(required)) if len(required) == 1 else None),
        setup=setup,
        setup_first=not before.free - before.imported(),
        names=tuple(sorted(asked | required)),
        required=tuple(sorted(required)),
        modules=tuple(sorted(imported - required)),
        in_place=in_place,
        timeout_s=timeout_s,
        memory_mb=memory_mb,
    )


def _inferred(tests: tuple[str, ...]) -> str:
    """The one name that all tests are about, for a function that is called like a built-in one."""
    first = {first_called(test) for test in tests}
    if len(first) != 1 or None in first:
        raise ValueError("the tests call no function of the response; name it as entry_point")
    return str(first.pop())


def _tests(value: Any, entry_point: str | None) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if (
        not isinstance(value, Sequence)
        or not value
        or not all(isinstance(test, str) and test.strip() for test in value)
    ):
        raise ValueError("tests must be a list of Python texts, with at least one")
    return tuple(_with_check(test, entry_point) for test in value)


def _with_check(test: str, entry_point: str | None) -> str:
    """HumanEval's tests define ``check(candidate)`` and leave the call to the harness."""
    try:
        defines = "check" in names_of([test]).own and not calls_at_top(test, "check")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"a test is no Python: {error}") from error
    if not defines:
        return test
    if entry_point is None:
        raise ValueError("a test defines check(candidate) and does not call it; name the candidate as entry_point")
    return f"{test}\ncheck({entry_point})\n"


def _cases(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise ValueError('stdin must be a list of {"input": text, "output": text}, with at least one')
    cases = []
    for number, case in enumerate(value):
        if not isinstance(case, dict) or set(case) != {"input", "output"}:
            raise ValueError(f"stdin case {number} must have input and output, and nothing else")
        cases.append(
            (
                _text(case["input"], f"stdin case {number}: input"),
                _text(case["output"], f"stdin case {number}: output"),
            )
        )
    return tuple(cases)


def _limits(value: Any) -> tuple[float | None, float | None]:
    if not isinstance(value, dict) or any(key not in _LIMITS for key in value):
        raise ValueError(f"limits must be an object with {' and '.join(_LIMITS)}, got {value!r}")
    for key, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
            raise ValueError(f"limits: {key} must be a number above 0, got {number!r}")
    return value.get("timeout_s"), value.get("memory_mb")


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} must be text, got {type(value).__name__}")
    return value
