"""An interval as a small drawing beside its words."""

WIDTH, HEIGHT = 224, 20


def interval_bar(estimate: float, low: float, high: float, widest: float) -> str:
    """An SVG of the interval around 0, the estimate marked.

    Args:
        estimate: Of the difference.
        low: Lower end.
        high: Upper end.
        widest: What reaches the edge; the same for all bars that are read together.
    """

    def place(value: float) -> float:
        return round(WIDTH / 2 + value / (widest or 1.0) * (WIDTH / 2 - 6), 1)

    middle = HEIGHT / 2
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="interval">'
        f'<line x1="0" x2="{WIDTH}" y1="{middle}" y2="{middle}" stroke="#e2e8f0"/>'
        f'<line x1="{WIDTH / 2}" x2="{WIDTH / 2}" y1="2" y2="{HEIGHT - 2}" stroke="#94a3b8"/>'
        f'<line x1="{place(low)}" x2="{place(high)}" y1="{middle}" y2="{middle}" '
        'stroke="#475569" stroke-width="4"/>'
        f'<circle cx="{place(estimate)}" cy="{middle}" r="5" fill="#2563eb"/></svg>'
    )
