"""A run's report: plots as PNG, and one page that needs nothing beside itself."""

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from base_training.errors import InputError
from base_training.run_folder import write_atomically
from rlvr.metrics import read_rows
from rlvr.plots import accuracy_png, reward_png
from rlvr.summary import duration, evaluation_text, gain_of, main_evaluations, summary_rows

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
  :root { color-scheme: light; --ink: #0f172a; --soft: #64748b; --line: #e2e8f0; --accent: #2563eb; }
  body { margin: 0 auto; max-width: 64rem; padding: 2.5rem 1.25rem; color: var(--ink); background: #f8fafc;
         font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
  h1 { margin: 0; font-size: 1.75rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.1rem; }
  .soft { color: var(--soft); margin: .25rem 0 1.5rem; }
  .tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); }
  .tile, figure, table { background: #fff; border: 1px solid var(--line); border-radius: .75rem; }
  .tile { padding: 1rem 1.25rem; } .tile b { display: block; font-size: 1.6rem; font-weight: 650; }
  .tile span { color: var(--soft); font-size: .85rem; }
  .tile.gain b { color: var(--accent); }
  figure { margin: 1rem 0; padding: 1rem; } img { display: block; width: 100%; height: auto; }
  table { border-collapse: separate; border-spacing: 0; width: 100%; }
  th, td { padding: .55rem 1rem; text-align: left; border-top: 1px solid var(--line); vertical-align: top; }
  tr:first-child > * { border-top: 0; } th { font-weight: 500; color: var(--soft); width: min(14rem, 34%); }
  td { font-variant-numeric: tabular-nums; }
</style>
<h1>$title</h1>
<p class="soft">$subtitle</p>
<div class="tiles">$tiles</div>
<figure><img alt="Held-out accuracy by step" src="data:image/png;base64,$accuracy"></figure>
<figure><img alt="Training reward by step" src="data:image/png;base64,$reward"></figure>
<h2>Summary</h2>
<table>$summary</table>
<h2>Evaluations</h2>
<table>$evaluations</table>
</html>
""")


def write_report(run: Path) -> Path:
    """Write ``report/reward.png``, ``report/accuracy.png`` and ``report/index.html`` of a run.

    Args:
        run: A run's folder that has metrics.jsonl and summary.json.

    Returns:
        The page.

    Raises:
        InputError: One of the two cannot be read, or the report cannot be written.
    """
    path = run / "summary.json"
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a summary: {error}") from error
    reward, accuracy = reward_png(read_rows(run / "metrics.jsonl")), accuracy_png(summary["evaluations"])
    folder = run / "report"
    write_atomically(folder / "reward.png", reward)
    write_atomically(folder / "accuracy.png", accuracy)
    write_atomically(folder / "index.html", page(run.name, summary, reward, accuracy))
    return folder / "index.html"


def page(name: str, summary: Mapping[str, Any], reward: bytes, accuracy: bytes) -> str:
    """The report as HTML, with both pictures in it.

    Args:
        name: The run's.
        summary: Its summary.json.
        reward: A PNG.
        accuracy: A PNG.
    """
    evaluations = [
        (f"step {e['step']} · {e['suite']} {e['metric']}", evaluation_text(e)) for e in summary["evaluations"]
    ]
    return _PAGE.substitute(
        title=escape(name),
        subtitle=escape(f"{summary['model']} · {summary['status']}"),
        tiles="".join(_tile(*tile) for tile in _tiles(summary)),
        accuracy=base64.b64encode(accuracy).decode(),
        reward=base64.b64encode(reward).decode(),
        summary=_rows(summary_rows(summary)),
        evaluations=_rows(evaluations or [("none", "")]),
    )


def _tiles(summary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Text, caption and kind of each."""
    tiles = []
    main = [e for e in main_evaluations(summary["evaluations"]) if e["value"] is not None]
    if main:
        tiles.append((f"{main[-1]['value']:.1%}", f"{main[-1]['suite']} {main[-1]['metric']} at the end", ""))
    if (gain := gain_of(summary["evaluations"])) is not None:
        tiles.append((f"{100 * gain:+.1f} points", "gain", "gain"))
    return [
        *tiles,
        (str(summary["steps"]), "training steps", ""),
        (duration(summary["wall_s"]), "wall clock", ""),
    ]


def _tile(text: str, caption: str, kind: str) -> str:
    return f'<div class="tile {kind}"><b>{escape(text)}</b><span>{escape(caption)}</span></div>'


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows)
