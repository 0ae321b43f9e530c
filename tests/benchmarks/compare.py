"""`rlvr compare` of two runs with 20 checkpoints each, 1,000 problems, from evaluations that are there already.

Seconds from command to page, and the most memory that its process held, against what an impatient user with a
small machine bears.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks.row import Row
from tests.rlvr.synthetic_runs import draw, drawn_evaluation, write_run

NAMES = ("compare-seconds", "compare-memory")
SECONDS = 30.0
GIGABYTES = 1.0
CHECKPOINTS = 20
PROBLEMS = 1_000
N = 3


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Both rows, of the same commands."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(Path(folder) / verifier, verifier) for verifier in ("math", "random")]
        taken, held = zip(*(_measured(runs, Path(folder) / f"out-{turn}") for turn in range(N)), strict=True)
    seconds, gigabytes = statistics.median(taken), statistics.median(held)
    return [
        Row("compare-seconds", seconds, "s", SECONDS, SECONDS / seconds, 1.0, N, max(taken) - min(taken)),
        Row("compare-memory", gigabytes, "GB", GIGABYTES, GIGABYTES / gigabytes, 1.0, N, max(held) - min(held)),
    ]


def _run(path: Path, verifier: str) -> Path:
    def respond(problem: int, right: bool) -> str:
        return f"Let me think about problem {problem}. " * 12 + ("so 42" if right else "so 41")

    chances = np.linspace(0.3, 0.8 if verifier == "math" else 0.3, CHECKPOINTS)
    told = [
        drawn_evaluation(10 * place, draw(chance, PROBLEMS, place), respond=respond)
        for place, chance in enumerate(chances, start=1)
    ]
    return write_run(path, verifier=verifier, evaluations=told)


def _measured(runs: Sequence[Path], out: Path) -> tuple[float, float]:
    """Seconds and gigabytes of one command."""
    command = [sys.executable, "-m", "rlvr", "compare", *map(str, runs), "--out", str(out)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    assert (out / "index.html").is_file()
    return time.monotonic() - began, usage.ru_maxrss * 1024 / 1e9
