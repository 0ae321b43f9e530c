"""Verdicts per second: the math verifier against bare math-verify, and the HTTP service.

Both kinds of math verdicts run on one core: bare math-verify in this process, ours in a pool with one worker
process, pinned with it. The service is asked from this process for numbers, in batches, over the loopback.
"""

import asyncio
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from rewards.client import AsyncVerifierClient
from rewards.config import VerifierSection
from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import ScoreRequest
from tests.benchmarks.row import Row
from tests.rewards.serving import serving

NAMES = ("math-verdicts", "service-verdicts")
ROUNDS = 12
GOALS = {"math-verdicts": 0.7, "service-verdicts": 1.0}
SERVICE_PER_S = 500.0
BATCH = 64

Case = Callable[[int, int], tuple[str, str, str]]

CASES: tuple[Case, ...] = (
    lambda a, b: (f"{a}", rf"So it is \boxed{{{a}}}.", rf"So it is \boxed{{{a + b}}}."),
    lambda a, b: (f"{a}", f"Adding up, we get it.\nAnswer: {a}", f"Adding up, we get it.\nAnswer: {a + b}"),
    lambda a, b: (f"{a}.5", rf"It is $\frac{{{2 * a + 1}}}{{2}}$.", rf"It is $\frac{{{2 * b}}}{{3}}$."),
    lambda a, b: (rf"\frac{{{a}}}{{7}}", rf"\boxed{{\frac{{{2 * a}}}{{14}}}}", rf"\boxed{{\frac{{{b}}}{{14}}}}"),
    lambda a, b: (f"{a},000", rf"We get \boxed{{{a}000}}.", rf"We get \boxed{{{a + b}000}}."),
    lambda a, b: (f"({a}, {b})", rf"\boxed{{({a}, {b})}}", rf"\boxed{{({b}, {a})}}"),
    lambda a, b: (rf"\{{{a}, {b}\}}", rf"\boxed{{\{{{b}, {a}\}}}}", rf"\boxed{{\{{{a}, {a + b}\}}}}"),
    lambda a, b: (f"{b}", f"There are {b}, so the final answer is {b}.", f"The final answer is {a + b}."),
    lambda a, b: (f"x^2+{a + b}x+{a * b}", f"$(x+{a})(x+{b})$", f"$(x+{a})(x+{b + 1})$"),
    lambda a, b: (rf"{a}\sqrt{{{b}}}", rf"\boxed{{\sqrt{{{a * a * b}}}}}", rf"\boxed{{\sqrt{{{a * b}}}}}"),
    lambda a, b: (rf"\frac{{{a}\pi}}{{{b}}}", rf"\boxed{{\frac{{{2 * a}\pi}}{{{2 * b}}}}}", rf"\boxed{{{a}\pi}}"),
    lambda a, b: (f"{a}x+{b}", f"\\boxed{{{b}+{a}x}}", f"\\boxed{{{b}-{a}x}}"),
)
"""The gold answer, a right response and a wrong one of two numbers: two thirds numbers, a third algebra."""

SAMPLES = 8


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Measure the named rows."""
    return [_MEASURES[name]() for name in names]


def _math_row() -> Row:
    core = min(os.sched_getaffinity(0))
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return asyncio.run(_measure_math())
    finally:
        os.sched_setaffinity(0, allowed)


async def _measure_math() -> Row:
    ours, bare, seconds = [], [], []
    draw = random.Random(0)
    async with VerifierPool(VerifierSection(name="math", timeout_s=20)) as pool:
        for _ in range(ROUNDS + 2):
            requests = _groups(draw)
            began = time.perf_counter()
            await pool.score(requests)
            ours.append(len(requests) / (time.perf_counter() - began))
            bare.append(_bare_rate(requests))
            for request in _groups(draw)[::SAMPLES]:
                began = time.perf_counter()
                await pool.score([request])
                seconds.append(time.perf_counter() - began)
    ours, bare, seconds = ours[2:], bare[2:], seconds[2 * len(CASES) :]
    low, _, high = statistics.quantiles(ours, n=4)
    p99_ms = 1000 * statistics.quantiles(seconds, n=100)[98]
    return Row(
        name="math-verdicts",
        value=statistics.median(ours),
        unit=f"verdicts/s on one core (one alone: p99 {p99_ms:.1f} ms)",
        baseline=statistics.median(bare),
        ratio=statistics.median(o / b for o, b in zip(ours, bare, strict=True)),
        goal=GOALS["math-verdicts"],
        n=len(ours),
        spread=high - low,
    )


def _groups(draw: random.Random) -> list[ScoreRequest]:
    """One problem of each case with fresh numbers, half of its samples right; the wrong ones differ."""
    requests = []
    for place, case in enumerate(CASES):
        a, b = draw.randint(2, 99), draw.randint(100, 199)
        for sample in range(SAMPLES):
            gold, right, _ = case(a, b)
            _, _, wrong = case(a, b + sample)
            problem = Problem(str(place), (), "math", gold)
            requests.append(ScoreRequest(problem, right if sample % 2 else wrong))
    return requests


def _bare_rate(requests: Sequence[ScoreRequest]) -> float:
    from math_verify import parse, verify

    began = time.perf_counter()
    for request in requests:
        verify(parse(f"${request.problem.label}$"), parse(request.response))
    return len(requests) / (time.perf_counter() - began)


def _service_row() -> Row:
    requests = [
        {"id": str(place), "response": f"The answer is \\boxed{{{place}}}.", "label": str(place - place % 2)}
        for place in range(BATCH)
    ]
    with serving("math") as service:
        rates = asyncio.run(_service_rates(service.url, requests))
    low, _, high = statistics.quantiles(rates, n=4)
    return Row(
        name="service-verdicts",
        value=statistics.median(rates),
        unit=f"verdicts/s, batches of {BATCH}, 4 at a time",
        baseline=SERVICE_PER_S,
        ratio=statistics.median(rates) / SERVICE_PER_S,
        goal=GOALS["service-verdicts"],
        n=len(rates),
        spread=high - low,
    )


async def _service_rates(url: str, requests: Sequence[dict[str, Any]]) -> list[float]:
    rates = []
    async with AsyncVerifierClient(url) as client:
        for _ in range(ROUNDS + 2):
            began = time.perf_counter()
            answers = await asyncio.gather(*(client.verify_batch(requests) for _ in range(4)))
            elapsed = time.perf_counter() - began
            assert all(verdict.valid for batch in answers for verdict in batch)
            rates.append(sum(map(len, answers)) / elapsed)
    return rates[2:]


_MEASURES: dict[str, Callable[[], Row]] = {"math-verdicts": _math_row, "service-verdicts": _service_row}
