"""From the answers to a suite to its measure with an interval, and to the further measures beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from rlvr.evaluation.majority import majority
from rlvr.evaluation.record import Answer, Evaluation
from rlvr.evaluation.statistics import Interval, bootstrap_mean_interval, wilson_interval
from rlvr.evaluation.suite import Suite


@dataclass(frozen=True, slots=True)
class Measured:
    """What answers come to.

    Attributes:
        metric: What the value is.
        value: None where no answer tells anything.
        ci95: Its 95% interval.
        n: Answers behind it.
        metrics: Further measures by name.
    """

    metric: str
    value: float | None
    ci95: Interval | None
    n: int
    metrics: dict[str, float | None]


def evaluation_of(
    suite: Suite,
    answers: Sequence[Answer],
    *,
    model: str,
    model_sha256: str,
    step: int | None,
    version: int | None,
    seconds: float,
) -> Evaluation:
    """The record of a suite that was answered."""
    measured = measure(suite, answers)
    return Evaluation(
        suite=suite.name,
        suite_sha256=suite.sha256,
        model=model,
        model_sha256=model_sha256,
        step=step,
        version=version,
        metric=measured.metric,
        value=measured.value,
        ci95=measured.ci95,
        n=measured.n,
        seconds=seconds,
        metrics=measured.metrics,
        answers=tuple(answers),
    )


def measure(suite: Suite, answers: Sequence[Answer]) -> Measured:
    """The mean over all answers that tell it, with its 95% interval.

    Accuracy where verdicts tell of correctness: over several answers to each problem it is average@k. Wilson's
    interval where every problem has one answer, a bootstrap over problems otherwise. Where no verdict tells of
    correctness it is the mean score.
    """
    told = [answer for answer in answers if answer.correct is not None]
    if told or not any(answer.score is not None for answer in answers):
        metric, values = suite.metric, np.array([bool(answer.correct) for answer in told], dtype=np.float64)
    else:
        told = [answer for answer in answers if answer.score is not None]
        metric = suite.score if suite.score == "bits_per_byte" else "score"
        values = np.array([answer.score for answer in told], dtype=np.float64)
    return Measured(
        metric=metric,
        value=float(values.mean()) if len(values) else None,
        ci95=_interval(told, values) if len(values) else None,
        n=len(values),
        metrics=_further(suite, answers, told, values, metric),
    )


def pass_at_k(n: int, correct: int, k: int) -> float:
    """The chance that at least one of k answers, drawn without replacement from n of which some are correct, is.

    Unbiased for the chance with k fresh answers (Chen et al. 2021, arXiv 2107.03374, equation 1).

    Raises:
        ValueError: k or the correct ones are more than n, or k is less than 1.
    """
    if not 1 <= k <= n or not 0 <= correct <= n:
        raise ValueError(f"pass@{k} of {correct} correct answers among {n}")
    return 1 - comb(n - correct, k) / comb(n, k)


def _interval(told: Sequence[Answer], values: np.ndarray) -> Interval:
    problems = [answer.problem for answer in told]
    if told[0].correct is not None and len(set(problems)) == len(problems):
        return wilson_interval(int(values.sum()), len(values))
    return bootstrap_mean_interval(values, clusters=problems)


def _further(
    suite: Suite, answers: Sequence[Answer], told: Sequence[Answer], values: np.ndarray, metric: str
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    if suite.sampling.samples > 1 and told and told[0].correct is not None:
        found |= _of_groups(suite, told)
    domains = list(dict.fromkeys(answer.domain for answer in answers))
    if len(domains) > 1:
        for domain in domains:
            mine = [value for value, answer in zip(values, told, strict=True) if answer.domain == domain]
            found[f"{metric}/{domain}"] = float(np.mean(mine)) if mine else None
    found |= _of_verdicts(answers, suite.parts)
    if answers:
        found["tokens/mean"] = float(np.mean([answer.tokens for answer in answers]))
        found["truncated_share"] = float(np.mean([answer.truncated for answer in answers]))
        found["invalid_share"] = float(np.mean([answer.score is None for answer in answers]))
    return found


def _of_groups(suite: Suite, told: Sequence[Answer]) -> dict[str, float | None]:
    """pass@k at powers of two, and majority@n, over problems whose answers all tell."""
    samples = suite.sampling.samples
    groups: dict[str, list[Answer]] = {}
    for answer in told:
        groups.setdefault(answer.problem, []).append(answer)
    whole = [group for group in groups.values() if len(group) == samples]
    if not whole:
        return {}
    right = [sum(bool(answer.correct) for answer in group) for group in whole]
    sizes = sorted({samples, *(2**power for power in range(samples.bit_length()))})
    found: dict[str, float | None] = {
        f"pass@{k}": float(np.mean([pass_at_k(samples, count, k) for count in right])) for k in sizes
    }
    votes = [vote for group in whole if (vote := majority(suite, group)) is not None]
    if len(votes) == len(whole):
        found[f"majority@{samples}"] = float(np.mean(votes))
    return found


def _of_verdicts(answers: Sequence[Answer], parts: str) -> dict[str, float | None]:
    """Means of the numbers that verdicts hold, such as the parts of a composite or single instructions."""
    numbers: dict[str, list[float]] = {}
    for answer in answers:
        for name, value in answer.metrics.items():
            if isinstance(value, int | float):
                numbers.setdefault(name, []).append(float(value))
    found: dict[str, float | None] = (
        {parts: float(np.mean(np.concatenate([*numbers.values()])))} if parts and numbers else {}
    )
    return found | {f"verdict/{name}": float(np.mean(values)) for name, values in sorted(numbers.items())}
