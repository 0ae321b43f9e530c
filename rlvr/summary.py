"""What a run came to: summary.json, and the same as a table for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from base_training.run_folder import json_value
from rlvr.events import Evaluated
from rlvr.stop_rules import ENDED_WELL
from rollouts.ledger import SampleCounts


@dataclass(frozen=True, slots=True)
class WeightUpdates:
    """Publications of the learner's weights.

    Attributes:
        count: How many.
        in_flight: How many of them reached a worker while requests were running.
        pause_s_median: Median pause of a worker, in seconds; None where there was no update.
    """

    count: int
    in_flight: int
    pause_s_median: float | None


@dataclass(frozen=True, slots=True)
class Staleness:
    """Learner's version minus sampling version, over the tokens that were trained on.

    Attributes:
        max: Of any token.
        mean: Over tokens.
        bound: The recipe's ``max_staleness``.
    """

    max: int
    mean: float
    bound: int


@dataclass(frozen=True, slots=True)
class BothSides:
    """One number for the actors, all together, and one for the learner."""

    actors: float
    learner: float


@dataclass(frozen=True, slots=True)
class ProblemCounts:
    """What became of the training problems.

    Attributes:
        train: Problems to train on.
        retired: Those of them that were solved and are not asked again.
        removed: Those that never were among them, because an evaluation asks them.
    """

    train: int = 0
    retired: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """All of summary.json.

    Attributes:
        status: ``completed``; by a stop rule ``target_reached``, ``no_improvement`` or ``time_limit``; without
            problems left ``all_retired`` or ``exhausted``; else ``stopped`` or ``failed``.
        wall_s: Seconds from launch to end, over all sittings.
        model: What the run started from.
        steps: Training steps done.
        evaluations: In order; the first and the last are of the main suite.
        weight_updates: How weights went to the workers.
        staleness: How old the tokens were that were trained on.
        tokens_per_s: Tokens per second of work.
        idle_share: Shares of the training time without work, in [0, 1].
        samples: What became of every sample.
        problems: What became of the training problems.
        domains: Evaluations of each domain on its own, as ``held_out/DOMAIN``; none where there is only one.
    """

    status: str
    wall_s: float
    model: str
    steps: int
    evaluations: tuple[Evaluated, ...]
    weight_updates: WeightUpdates
    staleness: Staleness
    tokens_per_s: BothSides
    idle_share: BothSides
    samples: SampleCounts
    problems: ProblemCounts = ProblemCounts()
    domains: tuple[Evaluated, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON values; numbers that are not finite become None."""
        plain: dict[str, Any] = json_value(asdict(self))
        return plain


def gain_of(evaluations: Sequence[Mapping[str, Any]]) -> float | None:
    """Last minus first value of the main suite; None where there are not two of it."""
    main = main_evaluations(evaluations)
    if len(main) < 2 or main[0]["value"] is None or main[-1]["value"] is None:
        return None
    return float(main[-1]["value"] - main[0]["value"])


def main_evaluations(evaluations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the same suite and metric as the first."""
    return [
        e for e in evaluations if (e["suite"], e["metric"]) == (evaluations[0]["suite"], evaluations[0]["metric"])
    ]


def summary_rows(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A summary.json as names and texts for people."""
    updates, staleness, samples = summary["weight_updates"], summary["staleness"], summary["samples"]
    rates, idle = summary["tokens_per_s"], summary["idle_share"]
    fates = (f"{samples[name]} {name}" for name in samples if name != "generated" and samples[name])
    pause = updates["pause_s_median"]
    return [
        ("status", summary["status"]),
        ("model", summary["model"]),
        ("steps", f"{summary['steps']} in {duration(summary['wall_s'])}"),
        *_evaluation_rows(summary["evaluations"]),
        *_domain_rows(summary["domains"]),
        (
            "weight updates",
            f"{updates['count']}, {updates['in_flight']} with requests in flight"
            + (f", median pause {pause:.2f} s" if pause is not None else ""),
        ),
        ("staleness", f"mean {staleness['mean']:.2f}, most {staleness['max']}, bound {staleness['bound']}"),
        ("tokens/s", f"actors {rates['actors']:,.0f}, learner {rates['learner']:,.0f}"),
        ("idle", f"actors {idle['actors']:.0%}, learner {idle['learner']:.0%}"),
        ("samples", ": ".join(filter(None, (f"{samples['generated']} generated", ", ".join(fates))))),
        *_problem_rows(summary["problems"]),
    ]


def summary_table(summary: Mapping[str, Any]) -> Table:
    """A summary.json for the terminal."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, text in summary_rows(summary):
        style = _style(text) if name == "status" else ""
        table.add_row(name, f"{style}{escape(text)}")
    return table


def evaluation_text(evaluation: Mapping[str, Any]) -> str:
    """Such as ``54.7% [48.6%, 60.7%], n = 256``."""
    if evaluation["value"] is None:
        return "no valid verdict"
    low, high = evaluation["ci95"]
    return f"{evaluation['value']:.1%} [{low:.1%}, {high:.1%}], n = {evaluation['n']}"


def duration(seconds: float) -> str:
    """Such as ``1 h 02 min``, ``3 min 20 s`` or ``12.5 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _evaluation_rows(evaluations: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    if not evaluations:
        return []
    main = main_evaluations(evaluations)
    name = f"{main[0]['suite']} {main[0]['metric']}"
    shown = [main[0], main[-1]] if len(main) > 1 else main
    rows = [(name, f"{evaluation_text(e)} at step {e['step']}") for e in shown]
    gain = gain_of(evaluations)
    return rows if gain is None else [*rows, ("gain", f"{100 * gain:+.1f} points")]


def _domain_rows(evaluations: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The first and the last measure of each domain, on one line."""
    rows = []
    for suite in dict.fromkeys(e["suite"] for e in evaluations):
        own = [e for e in evaluations if e["suite"] == suite]
        shown = [own[0], own[-1]] if len(own) > 1 else own
        rows.append((suite, " → ".join(evaluation_text(e) for e in shown)))
    return rows


def _problem_rows(problems: Mapping[str, int]) -> list[tuple[str, str]]:
    if not problems["train"]:
        return []
    return [
        (
            "problems",
            f"{problems['train']:,} to train on, {problems['retired']:,} retired as solved, "
            f"{problems['removed']:,} removed that evaluations ask",
        )
    ]


def _style(status: str) -> str:
    if status == "failed":
        return "[red]"
    return "[green]" if status in ENDED_WELL else ""
