"""What may be said: which arm is better, which improved, by how much, how surely, and which problems flipped."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from rlvr.series.arms import Arm
from rlvr.series.outcomes import is_share, lower_is_better
from rlvr.series.results import Side, SuiteResults
from rlvr.series.simultaneous import RESAMPLES, Contrast, simultaneous_intervals

ALL_PAIRS = 4
"""More arms than these are compared with the first alone, so that corrections stay bearable."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One difference on one suite, over the problems that both sides have a valid verdict of.

    Attributes:
        kind: ``difference`` between two arms, or ``gain`` of one arm between two steps.
        suite: The suite's title.
        metric: What is measured.
        first: The arm that is subtracted.
        first_step: Its training steps.
        second: The other arm; the same for a gain.
        second_step: Its training steps.
        difference: Second minus first, in the metric's unit (a share is in [0, 1]).
        low: Lower end of the interval, which holds together with all others of its family.
        high: Upper end.
        n: Problems.
        seeds: Runs on the two sides.
        gained: Problems that most answers got wrong on the first side and right on the second.
        lost: The other way round.
    """

    kind: Literal["gain", "difference"]
    suite: str
    metric: str
    first: str
    first_step: int
    second: str
    second_step: int
    difference: float
    low: float
    high: float
    n: int
    seeds: tuple[int, int]
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def better(self) -> Literal["first", "second"] | None:
        """Which side is better; None where the interval holds 0."""
        if self.low <= 0 <= self.high:
            return None
        return "second" if (self.difference > 0) != lower_is_better(self.metric) else "first"

    @property
    def text(self) -> str:
        """The verdict in words, such as ``B is better than A on gsm8k by 4.1 points [2.0, 6.3], n = 1319``."""
        return f"{self._words()}, n = {self.n}"

    @property
    def drawn(self) -> tuple[float, float, float]:
        """The difference and its interval's ends as the words tell them: whatever is better lies above 0."""
        if self.kind == "gain" or self.better is None or self.difference > 0:
            return self.difference, self.low, self.high
        return -self.difference, -self.high, -self.low

    def _words(self) -> str:
        span = f"from step {self.first_step} to step {self.second_step}"
        if self.better is None:
            unclear = self._amount(1, "+")
            if self.kind == "gain":
                return f"{self.first} shows no change on {self.suite} {span}: {unclear}"
            return f"{self.first} and {self.second} show no difference on {self.suite}{self._steps()}: {unclear}"
        upwards = 1 if self.difference > 0 else -1
        if self.kind == "gain":
            verb = "improved" if self.better == "second" else "got worse"
            return f"{self.first} {verb} on {self.suite} {span} by {self._amount(upwards)}"
        names = (self.second, self.first) if self.better == "second" else (self.first, self.second)
        return f"{names[0]} is better than {names[1]} on {self.suite}{self._steps()} by {self._amount(upwards)}"

    def _steps(self) -> str:
        if self.first_step == self.second_step:
            return ""
        return f" ({self.second} at step {self.second_step}, {self.first} at step {self.first_step})"

    def _amount(self, sign: int, plus: str = "") -> str:
        low, high = sorted((sign * self.low, sign * self.high))
        if is_share(self.metric):
            return f"{100 * sign * self.difference:{plus}.1f} points [{100 * low:.1f}, {100 * high:.1f}]"
        unit = self.metric.replace("_", " ")
        return f"{sign * self.difference:{plus}.4g} {unit} [{low:.4g}, {high:.4g}]"


def verdicts(
    arms: Sequence[Arm], results: Sequence[SuiteResults], seed: int = 0, resamples: int = RESAMPLES
) -> list[Claim]:
    """Each arm's gain from its first to its last evaluation, and the arms' differences at their last ones.

    All intervals hold together, over all suites.
    """
    drafts = []
    for result in results:
        ends = [(arm, steps) for arm in arms if (steps := result.steps(arm))]
        last = {arm.name: result.side(arm, steps[-1]) for arm, steps in ends}
        drafts += _differences(result, [(last[a.name], last[b.name]) for a, b in _pairs([arm for arm, _ in ends])])
        moved = [(arm, steps) for arm, steps in ends if len(steps) > 1]
        drafts += _gains(result, [(result.side(arm, steps[0]), last[arm.name]) for arm, steps in moved])
    return _settled(drafts, seed, resamples)


def by_checkpoint(
    arms: Sequence[Arm], results: Sequence[SuiteResults], seed: int = 0, resamples: int = RESAMPLES
) -> list[Claim]:
    """The arms' differences at every step that both were evaluated at; of a single arm its gain up to every step.

    All intervals hold together, over all suites.
    """
    drafts = []
    for result in results:
        there = [arm for arm in arms if result.steps(arm)]
        if len(there) == 1:
            [arm] = there
            start, *later = [result.side(arm, step) for step in result.steps(arm)]
            for side in later:
                drafts += _gains(result, [(start, side)])
        for step in sorted({step for arm in there for step in result.steps(arm)}):
            sides = {arm.name: result.side(arm, step) for arm in there if step in result.steps(arm)}
            pairs = [(a, b) for a, b in _pairs(there) if a.name in sides and b.name in sides]
            drafts += _differences(result, [(sides[a.name], sides[b.name]) for a, b in pairs])
    return _settled(drafts, seed, resamples)


_Draft = tuple[Claim, Contrast]
_Pair = tuple[Side | None, Side | None]


def _pairs(arms: Sequence[Arm]) -> Iterable[tuple[Arm, Arm]]:
    return combinations(arms, 2) if len(arms) <= ALL_PAIRS else [(arms[0], other) for other in arms[1:]]


def _settled(drafts: Sequence[_Draft], seed: int, resamples: int) -> list[Claim]:
    intervals = simultaneous_intervals([contrast for _, contrast in drafts], seed=seed, resamples=resamples)
    return [replace(claim, low=low, high=high) for (claim, _), (low, high) in zip(drafts, intervals, strict=True)]


def _differences(result: SuiteResults, pairs: Sequence[_Pair]) -> list[_Draft]:
    complete = _complete(pairs)
    spreads = {side.arm: side.seed_means for pair in complete for side in pair}
    drafts = []
    for first, second in complete:
        counts = (len(first.seed_means), len(second.seed_means))
        drafts += _draft("difference", result, first, second, *_seed_error([*spreads.values()], counts))
    return drafts


def _gains(result: SuiteResults, pairs: Sequence[_Pair]) -> list[_Draft]:
    complete = _complete(pairs)
    spreads = [np.subtract(second.seed_means, first.seed_means).tolist() for first, second in complete]
    drafts = []
    for first, second in complete:
        drafts += _draft("gain", result, first, second, *_seed_error(spreads, (len(first.seed_means),)))
    return drafts


def _complete(pairs: Sequence[_Pair]) -> list[tuple[Side, Side]]:
    return [(first, second) for first, second in pairs if first is not None and second is not None]


def _seed_error(spreads: Sequence[Sequence[float]], counts: Sequence[int]) -> tuple[float, int]:
    """Standard error that seeds add, and its degrees of freedom: the spread within arms, pooled over them."""
    degrees = sum(len(spread) - 1 for spread in spreads)
    if not degrees:
        return 0.0, 0
    squares = sum(float(((np.array(spread) - np.mean(spread)) ** 2).sum()) for spread in spreads)
    return math.sqrt(squares / degrees * sum(1 / count for count in counts)), degrees


def _draft(
    kind: Literal["gain", "difference"],
    result: SuiteResults,
    first: Side,
    second: Side,
    error: float,
    degrees: int,
) -> list[_Draft]:
    problems = [problem for problem in first.outcomes if problem in second.outcomes]
    if not problems:
        return []
    before, after = (
        np.array([side.outcomes[problem] for problem in problems], dtype=np.float64) for side in (first, second)
    )
    share = is_share(result.metric)
    answers = min(first.answers, second.answers)
    span = 1 / answers if share else float(max(before.max(), after.max()) - min(before.min(), after.min()))
    contrast = Contrast((result.title, result.sha256), after - before, span, error, degrees)
    flipped = [(p, a > b) for p, b, a in zip(problems, before, after, strict=True) if (b - 0.5) * (a - 0.5) < 0]
    claim = Claim(
        kind=kind,
        suite=result.title,
        metric=result.metric,
        first=first.arm,
        first_step=first.step,
        second=second.arm,
        second_step=second.step,
        difference=contrast.estimate,
        low=math.nan,
        high=math.nan,
        n=len(problems),
        seeds=(len(first.seed_means), len(second.seed_means)),
        gained=tuple(p for p, upwards in flipped if upwards and share),
        lost=tuple(p for p, upwards in flipped if not upwards and share),
    )
    return [(claim, contrast)]
