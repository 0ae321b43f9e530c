"""Verdicts per second: the math verifier against bare math-verify, and the HTTP service.

Both kinds of math verdicts run on one core: bare math-verify in this process, ours in a pool with one worker
process, pinned with it. The service is asked from this process for numbers, in batches, over the loopback.
"""

import asyncio
import os
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

CASES = [
    ("42", r"So it is \boxed{42}."),
    ("42", r"So it is \boxed{43}."),
    ("0.5", r"The probability is $\frac{1}{2}$."),
    (r"\frac{3}{4}", r"\boxed{\frac{6}{8}}"),
    ("1000", r"We get \boxed{1{,}000}."),
    ("(1, 2)", r"\boxed{(1, 2)}"),
    (r"\{1, 2, 3\}", r"\boxed{\{3, 2, 1\}}"),
    ("72", r"Answer: 72"),
    ("x^2+3x+2", r"$\boxed{(x+1)(x+2)}$"),
    (r"2\sqrt{3}", r"\boxed{\sqrt{12}}"),
    (r"\frac{\pi}{4}", r"\boxed{\frac{2\pi}{8}}"),
    ("17", "There are 17 of them, so the final answer is 17."),
]
"""Gold answers and responses: two thirds numbers and rows of them, a third algebra."""


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
    requests = [
        ScoreRequest(Problem(str(place), (), "math", gold), f"Round {{}}. {response}")
        for place, (gold, response) in enumerate(CASES)
    ]
    ours, bare, seconds = [], [], []
    async with VerifierPool(VerifierSection(name="math", timeout_s=20)) as pool:
        for number in range(ROUNDS + 2):
            fresh = [_numbered(request, number) for request in requests for _ in range(8)]
            began = time.perf_counter()
            await pool.score(fresh)
            ours.append(len(fresh) / (time.perf_counter() - began))
            bare.append(_bare_rate(fresh))
            for request in fresh[::8]:
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


def _numbered(request: ScoreRequest, number: int) -> ScoreRequest:
    """The same with another text, so that no cache of whole responses helps."""
    return ScoreRequest(request.problem, request.response.replace("{}", str(number), 1))


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
