"""Tries out a verifier before a run trusts it: right answers, garbage, hostile input, repetition, speed."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.hostile import GARBAGE, hostile
from rewards.pool import VerifierPool
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict

BATCH = 64
BAD_LABELS: tuple[Any, ...] = (None, {}, [], {"no": {"such": "label"}})
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Attributes:
        name: What.
        passed: Whether it went as it should.
        tried: How many requests.
        failures: The first of those that did not, in words.
    """

    name: str
    passed: bool
    tried: int
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What became of all that was tried.

    Attributes:
        verifier: Its name.
        findings: One for each thing that was tried.
        per_s: Verdicts on right answers per second, many asked for together.
        worst_s: The longest wait for one verdict, on a hostile response.
        worst: That response.
    """

    verifier: str
    findings: tuple[Finding, ...]
    per_s: float
    worst_s: float
    worst: str

    @property
    def passed(self) -> bool:
        """Whether the verifier can be trusted with a run."""
        return all(finding.passed for finding in self.findings)


async def check(
    section: VerifierSection,
    samples: Sequence[ScoreRequest],
    base_path: str | Path | None = None,
    measure_s: float = 2.0,
    say: Callable[[str], None] = lambda text: None,
) -> CheckReport:
    """Tries out a verifier.

    Args:
        section: The verifier.
        samples: Right answers to problems.
        base_path: The folder that a relative file path in ``section.name`` starts from.
        measure_s: How long to measure its speed.
        say: Is told what is being tried.

    Raises:
        VerifierError: The verifier cannot be loaded, or there are no samples.
    """
    if not samples:
        raise VerifierError("there are no samples; give at least one right answer")
    async with VerifierPool(section, base_path) as pool:
        say("right answers")
        gold = await _scored(pool, samples)
        garbage = _garbage(samples)
        say("garbage")
        wrong = await _scored(pool, [request for _, _, request in garbage])
        with tempfile.TemporaryDirectory() as folder:
            canary = Path(folder) / "canary"
            say("hostile input")
            attacks, worst_s, worst = await _attack(pool, samples[0], gold[0], canary)
            escaped = canary.exists()
        say("bad labels")
        labels = await _bad_labels(pool, samples[0], gold[0])
        say("speed")
        per_s = await _speed(pool, samples, measure_s)
    async with VerifierPool(section, base_path) as another:
        say("the same again")
        again = await _scored(another, [*samples, *(request for _, _, request in garbage)])
    findings = (
        _finding("right answers score", [_not_right(s, v) for s, v in zip(samples, gold, strict=True)]),
        _finding(
            "garbage does not",
            [
                _not_wrong(what, verdict, gold[place])
                for (what, place, _), verdict in zip(garbage, wrong, strict=True)
            ],
        ),
        _finding("hostile input comes back, unpaid", attacks),
        _finding("hostile code is not run", ["a response wrote a file"] if escaped else [None]),
        _finding("the same input scores the same, in another process", _changed([*gold, *wrong], again)),
        _finding("bad labels become invalid", labels),
    )
    return CheckReport(section.name, findings, per_s, worst_s, worst)


async def _scored(pool: VerifierPool, requests: Sequence[ScoreRequest]) -> list[Verdict]:
    """Verdicts one by one; a verifier of groups gets groups of one."""
    if pool.verifier.scope == "sample":
        return await pool.score(requests)
    groups = [GroupScoreRequest(request.problem, (request.response,), (request.seed,)) for request in requests]
    return [(await pool.score_group(group))[0] for group in groups]


def _garbage(samples: Sequence[ScoreRequest]) -> list[tuple[str, int, ScoreRequest]]:
    """What is wrong, to which sample: fixed texts, and the right answer to the next problem of another label."""
    asked = [
        (f"{name}, to {sample.problem.id}", place, replace(sample, response=text))
        for place, sample in enumerate(samples)
        for name, text in GARBAGE.items()
    ]
    for place, (sample, other) in enumerate(zip(samples, [*samples[1:], samples[0]], strict=True)):
        if other.problem.label != sample.problem.label:
            what = f"the answer of {other.problem.id}, to {sample.problem.id}"
            asked.append((what, place, replace(sample, response=other.response)))
    return asked


async def _attack(
    pool: VerifierPool, sample: ScoreRequest, gold: Verdict, canary: Path
) -> tuple[list[str | None], float, str]:
    problems: list[str | None] = []
    worst_s, worst = 0.0, ""
    for name, text in hostile(canary).items():
        began = time.monotonic()
        [verdict] = await _scored(pool, [replace(sample, response=text)])
        took_s = time.monotonic() - began
        if took_s > worst_s:
            worst_s, worst = took_s, name
        problems.append(_not_wrong(name, verdict, gold))
    return problems, worst_s, worst


async def _bad_labels(pool: VerifierPool, sample: ScoreRequest, gold: Verdict) -> list[str | None]:
    """A label that cannot be used must not become a 0; one that the verifier does not look at may be anything."""
    problems: list[str | None] = []
    for label in BAD_LABELS:
        problem = replace(sample.problem, label=label)
        [verdict] = await _scored(pool, [replace(sample, problem=problem)])
        used = not verdict.valid or verdict.score == gold.score
        problems.append(None if used else f"label {label!r} scored {verdict.score:g} ({verdict.reason})")
    return problems


async def _speed(pool: VerifierPool, samples: Sequence[ScoreRequest], measure_s: float) -> float:
    batch = [samples[place % len(samples)] for place in range(BATCH)]
    await _scored(pool, batch)
    began, scored = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < measure_s:
        scored += len(await _scored(pool, batch))
    return scored / elapsed


def _not_right(sample: ScoreRequest, verdict: Verdict) -> str | None:
    if not verdict.valid:
        return f"{sample.problem.id} is invalid: {verdict.reason}"
    if verdict.correct is False:
        return f"{sample.problem.id} scored {verdict.score:g} ({verdict.reason})"
    return None


def _not_wrong(what: str, verdict: Verdict, gold: Verdict) -> str | None:
    if not verdict.valid:
        return f"{what}: invalid: {verdict.reason}"
    if verdict.correct or (gold.valid and verdict.score >= gold.score):
        return f"{what}: scored {verdict.score:g} ({verdict.reason})"
    return None


def _changed(first: Sequence[Verdict], second: Sequence[Verdict]) -> list[str | None]:
    return [
        None if repr(one) == repr(other) else f"request {place}: {one} and then {other}"
        for place, (one, other) in enumerate(zip(first, second, strict=True))
    ]


def _finding(name: str, problems: Sequence[str | None]) -> Finding:
    failures = [problem for problem in problems if problem is not None]
    more = [f"and {len(failures) - SHOWN} more"] if len(failures) > SHOWN else []
    return Finding(name, not failures, len(problems), (*failures[:SHOWN], *more))
