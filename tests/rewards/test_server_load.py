"""The service under load, with workers killed under it."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import psutil
import pytest

from rewards.client import AsyncVerifierClient
from rewards.verdict import Verdict
from tests.rewards.serving import FILE, Running, serving

REQUESTS = 10_000
BATCH = 50
KILLS = 5


def mixed(draw: random.Random) -> list[tuple[dict[str, Any], Verdict]]:
    """Numbers, algebra and a plug-in, half of them wrong, each with the verdict that it must get."""
    cases = []
    for place in range(REQUESTS):
        right, a, b = bool(draw.getrandbits(1)), draw.randint(1, 99), draw.randint(1, 99)
        match draw.choices(("number", "algebra", "plug-in"), (70, 5, 25))[0]:
            case "number":
                body = {
                    "verifier": "math",
                    "response": f"So \\boxed{{{a + b + (not right)}}}",
                    "label": str(a + b),
                }
            case "algebra":
                answer = f"$(x+{a})(x+{b + (not right)})$"
                body = {"verifier": "math", "response": answer, "label": f"$x^2+{a + b}x+{a * b}$"}
            case _:
                body = {"verifier": f"{FILE}:exact", "response": str(a), "label": str(a if right else -a)}
        cases.append(({"id": str(place), **body}, Verdict.of_correctness(right)))
    return cases


async def ask_all(service: Running, cases: Sequence[tuple[dict[str, Any], Verdict]]) -> list[Verdict]:
    batches = [[body for body, _ in cases[start : start + BATCH]] for start in range(0, len(cases), BATCH)]
    killed: set[int] = set()

    async def kill_some() -> None:
        while len(killed) < KILLS:
            workers = [child for child in psutil.Process(service.pid).children() if child.pid not in killed]
            if workers:
                oldest = min(workers, key=lambda worker: worker.create_time())
                oldest.kill()
                killed.add(oldest.pid)
            await asyncio.sleep(0.5)

    async with AsyncVerifierClient(service.url, timeout_s=300, tries=100) as client:
        killing = asyncio.create_task(kill_some())
        answers = await asyncio.gather(*(client.verify_batch(batch) for batch in batches))
        assert killing.done(), f"only {len(killed)} workers were killed before the last answer"
    return [verdict for batch in answers for verdict in batch]


@pytest.mark.slow
def test_none_lost_none_wrong_with_killed_workers() -> None:
    """10,000 mixed requests in 200 batches side by side through a queue of 2,000, and five workers killed."""
    cases = mixed(random.Random(0))
    arguments = ("math", f"{FILE}:exact", "--workers", "2", "--waiting", "2000", "--timeout-s", "20")
    with serving(*arguments) as service:
        verdicts = asyncio.run(ask_all(service, cases))
    assert len(verdicts) == REQUESTS
    wrong = [(body, verdict) for (body, right), verdict in zip(cases, verdicts, strict=True) if verdict != right]
    assert wrong == []
