"""A comparison as one page that needs nothing beside itself and asks no network.

Responses of models are shown as text. Should one ever get out of its place, the page's security policy still lets
no other script run than the two it was written with.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from base_training.errors import InputError
from base_training.run_folder import json_value
from rlvr.series.compare import Comparison
from rlvr.series.curves import Figure
from rlvr.series.flips import flips_html
from rlvr.series.interval_bar import interval_bar
from rlvr.series.outcomes import is_share
from rlvr.series.pictures import colours_of
from rlvr.series.verdicts import Claim
from rlvr.series.visible import visible

AXIS_NAMES = {"step": "steps", "tokens": "tokens", "samples": "samples", "seconds": "time"}


def page(comparison: Comparison) -> str:
    """The comparison as HTML.

    Raises:
        InputError: Plotly is not installed.
    """
    plotly, script = _plotly(), files("rlvr.series").joinpath("page.js").read_text(encoding="utf-8")
    names = [_text(arm.name) for arm in comparison.arms]
    title = " and ".join(names) if len(names) < 3 else f"{len(names)} recipes"
    return Template(files("rlvr.series").joinpath("page.html").read_text(encoding="utf-8")).substitute(
        policy=_policy(plotly, script),
        title=f"Comparison of {title}" if len(names) > 1 else title,
        subtitle=_subtitle(comparison),
        notes=_notes([*comparison.refused, *comparison.notes]),
        verdicts=_verdicts(comparison),
        method=_text(comparison.method),
        figures=_figures(comparison.figures),
        checkpoints=_checkpoints(comparison.checkpoints),
        recipes=_recipes(comparison),
        series=_series(comparison),
        data=_data(comparison),
        plotly=plotly,
        script=script,
    )


def _plotly() -> str:
    try:
        source = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise InputError("the page needs plotly, which is not installed: pip install plotly") from error
    # A page's line ends are read as line feeds; the policy's hash is of what is read.
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _policy(*scripts: str) -> str:
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"


def _data(comparison: Comparison) -> str:
    """What the page's script draws, as JSON that cannot end its element."""
    colours = colours_of([arm.name for arm in comparison.arms])
    figures = []
    for figure in comparison.figures:
        lines = [{**asdict(line), "arm": _text(line.arm), "name": _text(line.name)} for line in figure.lines]
        figures.append({"unit": figure.unit, "lines": lines})
    content = {"colours": {_text(arm): colour for arm, colour in colours.items()}, "figures": figures}
    text = json.dumps(json_value(content), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _subtitle(comparison: Comparison) -> str:
    series = [one for arm in comparison.arms for one in arm.series]
    suites = ", ".join(result.title for result in comparison.results) or "no suite"
    checkpoints = sum(len(one.checkpoints) for one in series)
    return _text(
        f"{_count(len(series), 'run')} of {_count(len(comparison.arms), 'recipe')} · "
        f"{_count(checkpoints, 'checkpoint')} · {suites}"
    )


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{_text(note)}</li>" for note in notes)
    return f'<div class="card notes"><b>Mind</b><ul>{items}</ul></div>'


def _verdicts(comparison: Comparison) -> str:
    if not comparison.verdicts:
        return _nothing("no suite was evaluated at two checkpoints or on two sides: there is nothing to judge")
    widest: dict[bool, float] = {}
    for claim in comparison.verdicts:
        share = is_share(claim.metric)
        widest[share] = max(widest.get(share, 0.0), abs(claim.low), abs(claim.high))
    return "".join(_verdict(comparison, claim, widest[is_share(claim.metric)]) for claim in comparison.verdicts)


def _verdict(comparison: Comparison, claim: Claim, widest: float) -> str:
    kind, mark = _mark(claim)
    return (
        f'<div class="card verdict {kind}"><span class="mark">{mark}</span><b>{_text(claim.text)}</b>'
        f"{interval_bar(*claim.drawn, widest)}{flips_html(comparison, claim)}</div>"
    )


def _mark(claim: Claim) -> tuple[str, str]:
    if claim.better is None:
        return "none", "≈"
    if claim.kind == "difference":
        return "better", "◆"
    return ("up", "▲") if claim.better == "second" else ("down", "▼")


def _figures(figures: Sequence[Figure]) -> str:
    if not figures:
        return _nothing("there is nothing to draw")
    buttons = "".join(
        f'<button type="button" data-axis="{axis}" aria-pressed="{str(axis == "step").lower()}">{name}</button>'
        for axis, name in AXIS_NAMES.items()
    )
    plots = "".join(
        f'<figure class="card"><h3>{_text(figure.title)}</h3><div class="plot" id="plot-{place}"></div>'
        f"<figcaption>{_text(figure.caption)}</figcaption></figure>"
        for place, figure in enumerate(figures)
    )
    axes = f'<div class="axes" role="group" aria-label="Horizontal axis">{buttons}</div>'
    return f'{axes}<div class="figures">{plots}</div>'


def _checkpoints(claims: Sequence[Claim]) -> str:
    rows = [(claim.suite, _sides(claim), _interval(claim), str(claim.n), _better(claim)) for claim in claims]
    return _table(("suite", "what", "difference", "n", "better"), rows) if rows else _nothing("no common steps")


def _sides(claim: Claim) -> str:
    if claim.kind == "gain":
        return f"{claim.second}, step {claim.second_step} against step {claim.first_step}"
    return f"step {claim.second_step}: {claim.second} against {claim.first}"


def _interval(claim: Claim) -> str:
    if is_share(claim.metric):
        return f"{100 * claim.difference:+.1f} points [{100 * claim.low:+.1f}, {100 * claim.high:+.1f}]"
    return f"{claim.difference:+.4g} [{claim.low:+.4g}, {claim.high:+.4g}]"


def _better(claim: Claim) -> str:
    if claim.better is None:
        return "open"
    if claim.kind == "gain":
        return "the later" if claim.better == "second" else "the earlier"
    return claim.second if claim.better == "second" else claim.first


def _recipes(comparison: Comparison) -> str:
    arms = [arm.name for arm in comparison.arms if arm.settings]
    if len(arms) < 2:
        return _nothing("one recipe")
    if not comparison.recipe_differences:
        return _nothing("no setting differs")
    rows = [(row.key, *(_setting(row.values, arm) for arm in arms)) for row in comparison.recipe_differences]
    return _table(("setting", *arms), rows)


def _setting(values: Mapping[str, Any], arm: str) -> str:
    value = values[arm]
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)


def _series(comparison: Comparison) -> str:
    rows = [
        (
            series.name,
            arm.name,
            "–" if series.seed is None else str(series.seed),
            series.status,
            str(series.last_step),
            str(len(series.checkpoints)),
            str(series.path),
        )
        for arm in comparison.arms
        for series in arm.series
    ]
    return _table(("series", "recipe of", "seed", "status", "steps", "checkpoints", "folder"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    names = "".join(_cell(name, "th") for name in head)
    body = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
    return f'<div class="card scroll"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str, tag: str = "td") -> str:
    return f"<{tag}{' class=wide' if len(text) > 24 else ''}>{_text(text)}</{tag}>"


def _nothing(text: str) -> str:
    return f'<p class="card soft">{_text(text)}</p>'


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _text(text: str) -> str:
    return escape(visible(text))
