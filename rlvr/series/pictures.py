"""The figures of a comparison as PNG, against training steps."""

from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.ticker import PercentFormatter

from rlvr.plots import COLOURS, STYLE, canvas, png
from rlvr.series.curves import Figure
from rlvr.series.visible import visible


def colours_of(arms: Sequence[str]) -> dict[str, str]:
    """A colour for each arm."""
    return {arm: COLOURS[place % len(COLOURS)] for place, arm in enumerate(arms)}


def figure_png(figure: Figure, colours: Mapping[str, str]) -> bytes:
    """A figure as it stands on the page.

    Args:
        figure: What to draw.
        colours: By arm.
    """
    with matplotlib.rc_context(STYLE):
        picture, axes = canvas(visible(figure.title))
        for line in figure.lines:
            steps = [step for step in line.x["step"] if step is not None]
            colour = colours[line.arm]
            if len(line.low):
                axes.fill_between(steps, line.low, line.high, color=colour, alpha=0.15, linewidth=0)
            marker = "o" if len(steps) <= 40 else ""
            if line.faint:
                axes.plot(steps, line.y, color=colour, alpha=0.45, linewidth=1)
            else:
                name = visible(line.name)
                axes.plot(steps, line.y, color=colour, linewidth=2, marker=marker, markersize=4, label=name)
        if figure.unit == "share":
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        elif figure.unit:
            axes.set_ylabel(visible(figure.unit))
        axes.legend(frameon=False, labelcolor="#334155")
        return png(picture)
