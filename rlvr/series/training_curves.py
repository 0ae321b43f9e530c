"""Curves of training: what metrics.jsonl tells of every step."""

import re
from collections.abc import Sequence

import numpy as np

from rlvr.plots import running_mean
from rlvr.series.arms import Arm
from rlvr.series.curves import Figure, Line, axes_of, figure_key

_MOST_POINTS = 400
_WINDOWS = 20

_TRAINING = {
    "reward/mean": ("Training reward", ""),
    "reward/accuracy": ("Training accuracy", "share"),
    "response/tokens_mean": ("Length of training responses", "tokens"),
    "samples/truncated_share": ("Training responses that the token limit cut off", "share"),
    "policy/entropy": ("Entropy", "nats per token"),
    "policy/kl_reference": ("KL to the first checkpoint", "nats per token"),
}
_PARTS = re.compile(r"verdict/.+|domain/.+/(?:reward|accuracy)")


def training_figures(arms: Sequence[Arm]) -> list[Figure]:
    """Reward, length, entropy, KL and the verifier's parts, as far as the runs have logged them."""
    keys = dict.fromkeys(key for arm in arms for series in arm.series for row in series.rows for key in row)
    figures = []
    for key in [*(key for key in _TRAINING if key in keys), *(key for key in keys if _PARTS.fullmatch(key))]:
        title, unit = _TRAINING.get(key) or (f"Training: {key.replace('/', ' ')}", "")
        lines = tuple(line for arm in arms for line in _training_lines(arm, key))
        caption = "Running mean. Band: its 95% interval, or from the lowest to the highest seed."
        figures.append(Figure(figure_key(f"training-{key}"), title, unit, lines, caption))
    return figures


def _training_lines(arm: Arm, key: str) -> list[Line]:
    by_series = [
        {row["step"]: float(row[key]) for row in series.rows if isinstance(row.get(key), int | float)}
        for series in arm.series
    ]
    by_series = [values for values in by_series if values]
    steps = sorted(set.intersection(*(set(values) for values in by_series))) if by_series else []
    if not steps:
        return []
    window = max(1, len(steps) // _WINDOWS)
    smooth, spread = zip(
        *(_running([values[step] for step in steps], window) for values in by_series), strict=True
    )
    middle = np.mean(smooth, axis=0)
    if len(by_series) > 1:
        bands = (np.min(smooth, axis=0), np.max(smooth, axis=0))
    else:
        bands = (middle - 1.96 * spread[0], middle + 1.96 * spread[0])
    kept = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), _MOST_POINTS)).round().astype(int))
    x = axes_of(arm.series, [steps[place] for place in kept])
    low, high = ([], []) if window == len(by_series) == 1 else (band[kept].tolist() for band in bands)
    return [Line(arm.name, arm.name, x, middle[kept].tolist(), low, high)]


def _running(values: Sequence[float], window: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the last ``window`` values at every place, of fewer at the beginning, and its standard error."""
    numbers = np.asarray(values)
    means = running_mean(numbers, window)
    variances = np.maximum(0.0, running_mean(numbers**2, window) - means**2)
    counts = np.minimum(window, np.arange(1, len(numbers) + 1))
    return means, np.sqrt(variances / np.maximum(1, counts - 1))
