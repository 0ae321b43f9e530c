"""What every series scored on one suite, and an arm at one step as its seeds together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rlvr.series.arms import Arm
from rlvr.series.load import Series
from rlvr.series.outcomes import Measured, measured


@dataclass(frozen=True, slots=True)
class Side:
    """An arm at one step.

    Attributes:
        arm: Its name.
        step: Training steps done.
        outcomes: By problem, the mean over its seeds; problems that lack a valid verdict of a seed are not in it.
        seed_means: The measure of each seed alone, over the same problems.
        answers: To each problem, of all seeds together.
    """

    arm: str
    step: int
    outcomes: Mapping[str, float]
    seed_means: tuple[float, ...]
    answers: int


@dataclass(frozen=True, slots=True)
class SuiteResults:
    """Everything that was measured on one suite, as far as it may be compared.

    Attributes:
        title: The suite's name; with a part of its hash where the name means several things.
        suite: The suite's name.
        sha256: The suite's hash.
        metric: What is measured.
        by_series: By a series' name and step.
    """

    title: str
    suite: str
    sha256: str
    metric: str
    by_series: Mapping[str, Mapping[int, Measured]]

    def members(self, arm: Arm) -> list[Series]:
        """The arm's series that were evaluated on this suite."""
        return [series for series in arm.series if series.name in self.by_series]

    def steps(self, arm: Arm) -> list[int]:
        """Those at which all members of the arm were evaluated."""
        seen = [set(self.by_series[series.name]) for series in self.members(arm)]
        return sorted(set.intersection(*seen)) if seen else []

    def side(self, arm: Arm, step: int) -> Side | None:
        """The arm at one of its :meth:`steps`; None where no problem has a valid verdict of every seed."""
        of_seeds = [self.by_series[series.name][step] for series in self.members(arm)]
        problems = [p for p in of_seeds[0].outcomes if all(p in seed.outcomes for seed in of_seeds)]
        if not problems:
            return None
        values = np.array([[seed.outcomes[problem] for problem in problems] for seed in of_seeds])
        means = dict(zip(problems, values.mean(axis=0).tolist(), strict=True))
        answers = sum(seed.answers for seed in of_seeds)
        return Side(arm.name, step, means, tuple(values.mean(axis=1).tolist()), answers)


def suite_results(series: Sequence[Series], suites: Sequence[str] = ()) -> tuple[list[SuiteResults], list[str]]:
    """All evaluations by what may be compared: the same problems, prompts, verifiers and sampling.

    Args:
        series: With their evaluations.
        suites: Only these; all by default.

    Returns:
        The results, and a sentence for each suite that does not mean the same in all series.
    """
    found: dict[tuple[str, str, str], dict[str, dict[int, Measured]]] = {}
    for one in series:
        for evaluation in one.evaluations:
            if not suites or evaluation.suite in suites:
                key = (evaluation.suite, evaluation.suite_sha256, evaluation.metric)
                found.setdefault(key, {}).setdefault(one.name, {})[evaluation.step or 0] = measured(evaluation)
    variants: dict[str, list[tuple[str, str, str]]] = {}
    for key in found:
        variants.setdefault(key[0], []).append(key)
    results = []
    for key, by_series in found.items():
        suite, digest, metric = key
        results.append(SuiteResults(_title(key, variants[suite]), suite, digest, metric, by_series))
    notes = [
        f"{suite} is not the same suite in all series (other problems, prompts, verifiers or sampling: "
        + "; ".join(f"{key[1][:8]} in {', '.join(found[key])}" for key in keys)
        + "): only series that share one are compared. `rlvr compare --suite` asks all of them the same."
        for suite, keys in variants.items()
        if len(keys) > 1
    ]
    return results, notes


def _title(key: tuple[str, str, str], variants: Sequence[tuple[str, str, str]]) -> str:
    """The suite's name, and what tells it from others of that name."""
    suite, digest, metric = key
    if len(variants) == 1:
        return suite
    alone = sum(other == digest for _, other, _ in variants) == 1
    return f"{suite} ({digest[:8]})" if alone else f"{suite} ({digest[:8]}, {metric})"
