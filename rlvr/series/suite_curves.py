"""Curves of evaluations: suites, their domains, the parts of their verdicts, the length of answers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rlvr.evaluation.record import Answer
from rlvr.series.arms import Arm
from rlvr.series.curves import Figure, Line, axes_of, figure_key
from rlvr.series.load import Series
from rlvr.series.outcomes import is_share, mean_interval
from rlvr.series.results import SuiteResults

_MOST_PARTS = 12
_OF_SEVERAL = re.compile(r"(?:pass|majority)@\d+")
_CUT = "truncated_share"


def suite_figures(arms: Sequence[Arm], result: SuiteResults) -> list[Figure]:
    """The suite's measure, then by domain, by part of the verdicts, and the length of answers."""
    unit = "share" if is_share(result.metric) else result.metric.replace("_", " ")
    band = "Band: 95% interval over problems, of each point alone."
    several = band + " Thin lines are single seeds." if any(len(arm.series) > 1 for arm in arms) else band
    figures = [
        Figure(
            figure_key(result.title),
            f"{result.title}: {result.metric}",
            unit,
            tuple(line for arm in arms for line in _measure_lines(arm, result)),
            several,
        )
    ]
    domains = _domains(result)
    if len(set(domains.values())) > 1:
        for domain in dict.fromkeys(domains.values()):
            problems = {problem for problem, other in domains.items() if other == domain}
            lines = tuple(line for arm in arms for line in _outcome_lines(arm, result, problems))
            title = f"{result.title}, {domain}: {result.metric}"
            figures.append(Figure(figure_key(f"{result.title}-{domain}"), title, unit, lines, band))
    for part in _parts(result):
        lines = tuple(line for arm in arms for line in _answer_lines(arm, result, _part_reader(part)))
        figures.append(
            Figure(figure_key(f"{result.title}-part-{part}"), f"{result.title}: part {part}", "", lines, band)
        )
    lengths = tuple(
        line for arm in arms for line in _answer_lines(arm, result, lambda answer: float(answer.tokens))
    )
    if any(value for line in lengths for value in line.y):
        title = f"{result.title}: length of answers"
        figures.append(Figure(figure_key(f"{result.title}-length"), title, "tokens", lengths, band))
    for key, title in _further(result).items():
        lines = tuple(line for arm in arms for line in _further_lines(arm, result, key))
        key = figure_key(f"{result.title}-{key}")
        figures.append(Figure(key, f"{result.title}: {title}", "share", lines, "As the evaluations tell it."))
    return figures


def _measure_lines(arm: Arm, result: SuiteResults) -> list[Line]:
    members = result.members(arm)
    if len(members) != 1:
        seeds = [_recorded_line(arm, series, result, faint=True) for series in members]
        return _outcome_lines(arm, result, None) + seeds
    return [_recorded_line(arm, members[0], result, faint=False)]


def _recorded_line(arm: Arm, series: Series, result: SuiteResults, faint: bool) -> Line:
    """A series as its evaluations say."""
    by_step = result.by_series[series.name]
    steps = [step for step in sorted(by_step) if by_step[step].evaluation.value is not None]
    told = [by_step[step].evaluation for step in steps]
    low, high = [], []
    for step, evaluation in zip(steps, told, strict=True):
        ends = evaluation.ci95 or mean_interval(list(by_step[step].outcomes.values()))
        low.append(ends[0])
        high.append(ends[1])
    values = [float(evaluation.value) for evaluation in told if evaluation.value is not None]
    line = Line(arm.name, series.name, axes_of([series], steps), values, low, high)
    return replace(line, low=(), high=(), faint=True) if faint else line


def _outcome_lines(arm: Arm, result: SuiteResults, problems: set[str] | None) -> list[Line]:
    """The arm's mean over seeds, over some of the problems."""
    points = []
    for step in result.steps(arm):
        side = result.side(arm, step)
        outcomes = [y for p, y in side.outcomes.items() if problems is None or p in problems] if side else []
        if outcomes:
            points.append((step, float(np.mean(outcomes)), mean_interval(outcomes)))
    return _line(arm, result.members(arm), points)


def _answer_lines(arm: Arm, result: SuiteResults, read: Callable[[Answer], float | None]) -> list[Line]:
    """The mean of a number that every answer has, with an interval by its standard error over problems."""
    points = []
    for step in result.steps(arm):
        by_problem: dict[str, list[float]] = {}
        for series in result.members(arm):
            for answer in result.by_series[series.name][step].evaluation.answers:
                if (value := read(answer)) is not None:
                    by_problem.setdefault(answer.problem, []).append(value)
        if by_problem:
            means = np.array([sum(values) / len(values) for values in by_problem.values()])
            half = 1.96 * float(means.std()) / len(means) ** 0.5
            points.append((step, float(means.mean()), (float(means.mean()) - half, float(means.mean()) + half)))
    return _line(arm, result.members(arm), points)


def _further_lines(arm: Arm, result: SuiteResults, key: str) -> list[Line]:
    """A further measure of the evaluations, the mean over seeds."""
    members = result.members(arm)
    points = []
    for step in result.steps(arm):
        told = [result.by_series[series.name][step].evaluation.metrics.get(key) for series in members]
        values = [value for value in told if value is not None]
        if len(values) == len(members):
            points.append((step, sum(values) / len(values)))
    if not points:
        return []
    steps, y = zip(*points, strict=True)
    return [Line(arm.name, arm.name, axes_of(members, steps), y)]


def _line(
    arm: Arm, series: Sequence[Series], points: Sequence[tuple[int, float, tuple[float, float]]]
) -> list[Line]:
    if not points:
        return []
    steps, y, bands = zip(*points, strict=True)
    low, high = zip(*bands, strict=True)
    return [Line(arm.name, arm.name, axes_of(series, steps), y, low, high)]


def _domains(result: SuiteResults) -> dict[str, str]:
    """Of every problem."""
    return {
        answer.problem: answer.domain
        for by_step in result.by_series.values()
        for measured in by_step.values()
        for answer in measured.evaluation.answers
    }


def _parts(result: SuiteResults) -> list[str]:
    """Names of the verdicts' numbers, the most frequent ones first."""
    counts: dict[str, int] = {}
    for by_step in result.by_series.values():
        for measured in by_step.values():
            for answer in measured.evaluation.answers:
                for name, value in answer.metrics.items():
                    if isinstance(value, int | float):
                        counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])[:_MOST_PARTS]


def _further(result: SuiteResults) -> dict[str, str]:
    """Further measures that are worth a curve, with their titles."""
    told = [one.evaluation.metrics for by_step in result.by_series.values() for one in by_step.values()]
    titles = {key: key for metrics in told for key in sorted(metrics) if _OF_SEVERAL.fullmatch(key)}
    if any(metrics.get(_CUT) for metrics in told):
        titles[_CUT] = "answers that the token limit cut off"
    return titles


def _part_reader(name: str) -> Callable[[Answer], float | None]:
    def read(answer: Answer) -> float | None:
        value = answer.metrics.get(name)
        return float(value) if isinstance(value, int | float) else None

    return read
