"""The problems that flipped between two sides, with what was answered before and after."""

from collections.abc import Sequence
from html import escape

from rlvr.evaluation.record import Answer
from rlvr.series.compare import Comparison
from rlvr.series.results import SuiteResults
from rlvr.series.verdicts import Claim
from rlvr.series.visible import response_html, visible

SHOWN = 5
"""Examples in each direction; compare.json names all problems."""


def flips_html(comparison: Comparison, claim: Claim) -> str:
    """What can be unfolded below a verdict; empty where no problem flipped."""
    if not claim.gained and not claim.lost:
        return ""
    [result] = [result for result in comparison.results if result.title == claim.suite]
    right, wrong = ("now right", "now wrong")
    summary = f"{_problems(len(claim.gained))} turned right, {len(claim.lost)} turned wrong"
    if claim.kind == "difference":
        right, wrong = (f"only {name} is right" for name in (claim.second, claim.first))
        summary = f"{_problems(len(claim.gained))} that {right} on, {len(claim.lost)} that {wrong} on"
    shown = [
        *(_flip(comparison, result, claim, problem, right) for problem in claim.gained[:SHOWN]),
        *(_flip(comparison, result, claim, problem, wrong) for problem in claim.lost[:SHOWN]),
    ]
    hidden = len(claim.gained) + len(claim.lost) - len(shown)
    more = f'<p class="soft small">{hidden} more in compare.json</p>' if hidden else ""
    return f"<details><summary>{_text(summary)}</summary>{''.join(shown)}{more}</details>"


def _problems(count: int) -> str:
    return f"{count} problem{'' if count == 1 else 's'}"


def _flip(comparison: Comparison, result: SuiteResults, claim: Claim, problem: str, kind: str) -> str:
    sides = (
        _side(comparison, result, claim.first, claim.first_step, problem),
        _side(comparison, result, claim.second, claim.second_step, problem),
    )
    head = f'<p><b>{_text(problem)}</b> <span class="soft">{_text(kind)}</span></p>'
    return f'<div class="flip">{head}{"".join(sides)}</div>'


def _side(comparison: Comparison, result: SuiteResults, arm_name: str, step: int, problem: str) -> str:
    [arm] = [arm for arm in comparison.arms if arm.name == arm_name]
    series = result.members(arm)[0]
    answers = [a for a in result.by_series[series.name][step].evaluation.answers if a.problem == problem]
    head = f"{series.name}, step {step}: {_verdict(answers)}"
    text = response_html(answers[0].response)
    return f'<div><span class="small soft">{_text(head)}</span>{text}</div>'


def _verdict(answers: Sequence[Answer]) -> str:
    first = answers[0]
    said = first.reason[:200] or {True: "right", False: "wrong", None: "no verdict"}[first.correct]
    right = sum(answer.correct is True for answer in answers)
    return said if len(answers) == 1 else f"{said} ({right} of {len(answers)} right)"


def _text(text: str) -> str:
    return escape(visible(text))
