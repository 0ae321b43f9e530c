"""A learning curve: what to draw, against steps, sampled tokens, samples and seconds of training."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rlvr.series.load import Series

AXES = ("step", "tokens", "samples", "seconds")


@dataclass(frozen=True, slots=True)
class Line:
    """One curve.

    Attributes:
        arm: Whose; it decides the colour.
        name: What the legend says.
        x: Values of every axis in :data:`AXES`, one a point; None where it is not known.
        y: One a point.
        low: Lower ends of the band; empty where there is none.
        high: Upper ends.
        faint: Whether it is a single seed behind its arm's mean.
    """

    arm: str
    name: str
    x: Mapping[str, Sequence[float | None]]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """Curves of one measure.

    Attributes:
        key: A name for files.
        title: What is measured.
        unit: Of y: ``share`` is shown in percent.
        lines: The curves.
        caption: What the bands are.
    """

    key: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    caption: str


def axes_of(series: Iterable[Series], steps: Sequence[int]) -> dict[str, list[float | None]]:
    """Where steps lie on every axis; of several seeds the mean."""
    of_seeds = [_progress(one, steps) for one in series]
    axes: dict[str, list[float | None]] = {"step": [float(step) for step in steps]}
    for axis in AXES[1:]:
        columns = zip(*(progress[axis] for progress in of_seeds), strict=True)
        axes[axis] = [_mean(column) for column in columns]
    return axes


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _progress(series: Series, steps: Sequence[int]) -> dict[str, list[float | None]]:
    rows = series.rows
    done = np.array([row["step"] for row in rows])
    places = np.searchsorted(done, steps, side="right") if len(rows) else [0] * len(steps)
    per_step = {
        "tokens": [(row.get("samples") or 0) * (row.get("response/tokens_mean") or 0) for row in rows],
        "samples": [row.get("samples") or 0 for row in rows],
        "seconds": [row.get("time/step_s") or 0 for row in rows],
    }
    progress: dict[str, list[float | None]] = {}
    for axis, values in per_step.items():
        sums = np.concatenate([[0.0], np.cumsum(values)])
        known = [step == 0 or len(rows) > 0 for step in steps]
        progress[axis] = [float(sums[at]) if told else None for at, told in zip(places, known, strict=True)]
    return progress


def figure_key(title: str) -> str:
    """A title as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", title).strip("-.") or "figure"
