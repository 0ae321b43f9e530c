"""`make bench [ROW=name]`: measures against named baselines and merges the rows into runs/bench/latest.json.

Each module beside this one has ``NAMES``, the rows that it can measure, and ``rows(names)``, which measures
those at least.
A row is ``{name, value, unit, baseline, ratio, goal, n, spread}``; ratio ≥ goal means pass.
"""

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from base_training.run_folder import write_json

MODULES = ("learner", "rollouts", "evaluation", "rewards", "code", "compare", "run", "peer")
LATEST = Path("runs/bench/latest.json")


def main() -> int:
    """Measure, merge, print; 1 where a row misses its goal."""
    modules = {name: importlib.import_module(f"tests.benchmarks.{name}") for name in MODULES}
    known = {row: module for module in modules.values() for row in module.NAMES}
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--row", choices=sorted(known), help="measure this row alone")
    chosen = parser.parse_args().row
    wanted = [chosen] if chosen else list(known)
    merged = json.loads(LATEST.read_text()) if LATEST.is_file() else []
    measured = []
    for module in dict.fromkeys(known[row] for row in wanted):
        names = tuple(name for name in module.NAMES if name in wanted)
        print(f"measuring {', '.join(names)}", flush=True)
        for row in map(asdict, module.rows(names)):
            measured.append(row)
            merged = [other for other in merged if other["name"] != row["name"]] + [row]
            write_json(LATEST, merged)
    Console().print(_table(measured))
    return int(any(row["ratio"] < row["goal"] for row in measured))


def _table(rows: list[dict[str, object]]) -> Table:
    table = Table("row", "value", "unit", "baseline", "ratio", "goal", "n", "spread")
    for row in rows:
        table.add_row(*(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()))
    return table


if __name__ == "__main__":
    sys.exit(main())
