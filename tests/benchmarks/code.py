"""Executions of code a second on one core: the sandbox with full isolation against a fresh interpreter with none.

Both run the same function and the same three tests. The baseline is what harnesses commonly do: the code and its
tests in one file, in ``python -I``.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from rewards.code.verifier import CodeVerifier
from tests.benchmarks.row import Row

NAMES = ("code-executions", "code-executions-ratio")
PER_SECOND = 60.0
RATIO = 1.7
N = 200

CODE = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
TESTS = ["assert gcd(12, 18) == 6", "assert gcd(7, 13) == 1", "assert gcd(0, 5) == 5"]


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Both rows, in turns on one core, so that a busy machine slows both."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        verifier = CodeVerifier(isolation="namespaces" if os.geteuid() == 0 else "auto")
        verifier.warm_up()
        ours, theirs = [], []
        for _ in range(N):
            ours.append(_seconds(lambda: _in_sandbox(verifier)))
            theirs.append(_seconds(_in_fresh_interpreter))
    finally:
        os.sched_setaffinity(0, cores)
    rate, base = 1 / statistics.median(ours), 1 / statistics.median(theirs)
    low, _, high = statistics.quantiles([1 / seconds for seconds in ours], n=4)
    return [
        Row("code-executions", rate, "1/s per core", PER_SECOND, rate / PER_SECOND, 1.0, N, high - low),
        Row("code-executions-ratio", rate, "1/s per core", base, rate / base, RATIO, N, high - low),
    ]


def _in_sandbox(verifier: CodeVerifier) -> None:
    verdict = verifier.verify(f"```python\n{CODE}```", {"tests": TESTS})
    assert verdict.correct, verdict


def _in_fresh_interpreter() -> None:
    subprocess.run([sys.executable, "-I", "-c", "\n".join([CODE, *TESTS])], check=True)


def _seconds(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began
