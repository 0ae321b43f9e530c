"""metrics.jsonl: one line a training step, and the same numbers for the trackers.

Everything that depends on the machine stands under keys that begin with ``time/``; in synchronous mode all else is
the same in every run of the recipe.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from base_training.errors import InputError
from base_training.run_folder import json_value, write_atomically, writing
from rlvr.trackers import Tracker

WALL_CLOCK = "time/"

Row = dict[str, Any]


class MetricsLog:
    """Appends rows to a run's metrics.jsonl and shows their numbers on its trackers."""

    def __init__(self, run: Path, trackers: Sequence[Tracker] = ()) -> None:
        """
        Raises:
            InputError: The file cannot be written.
        """
        self._path = run / "metrics.jsonl"
        self._trackers = trackers
        with writing(self._path):
            self._file = self._path.open("a", encoding="utf-8")

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one step's row; it is in the file when this returns.

        Args:
            row: ``step``, and numbers, texts or None by name. Numbers that are not finite become null.

        Raises:
            InputError: The disk is full.
        """
        line = json.dumps(json_value(row), ensure_ascii=False, allow_nan=False)
        with writing(self._path):
            self._file.write(line + "\n")
            self._file.flush()
        self.track(row["step"], row)

    def track(self, step: int, values: Mapping[str, Any]) -> None:
        """Show numbers on the trackers alone, such as those of an evaluation."""
        numbers = {name: float(value) for name, value in values.items() if name != "step" and _is_number(value)}
        for tracker in self._trackers:
            tracker.track(step, numbers)

    def truncate_after(self, step: int) -> None:
        """Forget later steps, and a line that a crash cut short; a resumed run makes them again.

        Raises:
            InputError: The file cannot be written.
        """
        rows = [row for row in read_rows(self._path) if row["step"] <= step]
        write_atomically(self._path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        self._file.close()
        self._file = self._path.open("a", encoding="utf-8")
        for tracker in self._trackers:
            tracker.rewind(step)

    def close(self) -> None:
        """Close the file and the trackers."""
        self._file.close()
        for tracker in self._trackers:
            tracker.close()


def read_rows(path: Path) -> list[Row]:
    """The rows of a metrics.jsonl; a last line that was cut short is left out.

    Raises:
        InputError: The file is missing, or another line is not a row.
    """
    refusal = f"{path}: cannot be read as metrics"
    try:
        *lines, _cut_short = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{refusal}: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{refusal}: line {number} is not JSON: {error}") from error
        if not isinstance(row, dict) or not isinstance(row.get("step"), int):
            raise InputError(f"{refusal}: line {number} is no object with a whole number as its step")
        rows.append(row)
    return rows


def without_wall_clock(row: Mapping[str, Any]) -> Row:
    """What the recipe alone decides, in synchronous mode."""
    return {name: value for name, value in row.items() if not name.startswith(WALL_CLOCK)}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
