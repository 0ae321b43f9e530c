"""The pictures of a run's report, as PNG."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

REWARD = "reward/mean"
COLOURS = ("#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#475569")
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,
    "axes.edgecolor": "#94a3b8",
    "axes.labelcolor": "#475569",
    "xtick.color": "#475569",
    "ytick.color": "#475569",
}


def reward_png(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Mean reward over all groups of every step, and its running mean.

    Args:
        rows: Of metrics.jsonl.
    """
    points = [(row["step"], row[REWARD]) for row in rows if row.get(REWARD) is not None]
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas("Training reward")
        if points:
            steps, rewards = (np.array(side, dtype=float) for side in zip(*points, strict=True))
            window = max(1, len(rewards) // 10)
            axes.plot(
                steps, rewards, color=COLOURS[0], alpha=0.3, linewidth=1.2, marker="." if window == 1 else ""
            )
            name = "each step" if window == 1 else f"mean of {window} steps"
            axes.plot(steps, running_mean(rewards, window), color=COLOURS[0], linewidth=2, label=name)
            axes.legend(frameon=False, labelcolor="#334155")
        else:
            _say(axes, "no step has a reward yet")
        return png(figure)


def accuracy_png(evaluations: Sequence[Mapping[str, Any]]) -> bytes:
    """Every suite's measure over the steps, in its 95% interval.

    Args:
        evaluations: Of summary.json.
    """
    suites: dict[str, list[Mapping[str, Any]]] = {}
    for evaluation in evaluations:
        if evaluation["value"] is not None:
            suites.setdefault(f"{evaluation['suite']} {evaluation['metric']}", []).append(evaluation)
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas("Held-out accuracy, with its 95% interval")
        for number, (name, measured) in enumerate(suites.items()):
            colour = COLOURS[number % len(COLOURS)]
            steps = [evaluation["step"] for evaluation in measured]
            values = np.array([evaluation["value"] for evaluation in measured])
            low, high = np.array([evaluation["ci95"] for evaluation in measured]).T
            axes.fill_between(steps, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.errorbar(steps, values, yerr=[values - low, high - values], color=colour, linewidth=2, marker="o",
                          markersize=4, elinewidth=1, capsize=3, label=name)  # fmt: skip
        if suites:
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
            axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
            axes.legend(frameon=False, labelcolor="#334155")
        else:
            _say(axes, "nothing was evaluated yet")
        return png(figure)


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of the last ``window`` values at every place; of fewer at the beginning. Shape [n] to [n]."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    means: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def canvas(title: str) -> tuple[Figure, Axes]:
    """An empty picture with steps below it."""
    figure = Figure(figsize=(7.2, 3.4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color="#0f172a", pad=12)
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color="#e2e8f0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    return figure, axes


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#64748b")
    axes.set_yticks([])
    axes.set_xticks([])


def png(figure: Figure) -> bytes:
    """The same bytes for the same picture."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()
