"""Every sample of a run, as Parquet: one row a sample, one file a step.

A file reads with anything that reads Parquet, such as
``duckdb.sql("select problem_id, avg(score) from 'rollouts/*.parquet' group by 1")``. Prompts, labels and metadata
stand in it as JSON; the score of an invalid verdict is null, and so is the advantage of what was not trained on.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from base_training.errors import InputError
from base_training.run_folder import write_atomically
from rewards.problem import Problem
from rewards.verdict import Verdict
from rollouts.sample import Group, Sample

SCHEMA = pa.schema(
    [
        ("group_id", pa.int64()),
        ("attempt", pa.int32()),
        ("problem_id", pa.string()),
        ("domain", pa.string()),
        ("verifier", pa.string()),
        ("messages", pa.string()),
        ("label", pa.string()),
        ("metadata", pa.string()),
        ("prompt_ids", pa.list_(pa.int32())),
        ("index", pa.int32()),
        ("seed", pa.int64()),
        ("text", pa.string()),
        ("token_ids", pa.list_(pa.int32())),
        ("logprobs", pa.list_(pa.float32())),
        ("versions", pa.list_(pa.int32())),
        ("loss_mask", pa.list_(pa.bool_())),
        ("finish_reason", pa.string()),
        ("score", pa.float64()),
        ("valid", pa.bool_()),
        ("correct", pa.bool_()),
        ("reason", pa.string()),
        ("metrics", pa.map_(pa.string(), pa.float64())),
        ("started_s", pa.float64()),
        ("finished_s", pa.float64()),
        ("worker", pa.int32()),
    ]
)
_ARRAYS = {
    "prompt_ids": np.int32,
    "token_ids": np.int32,
    "logprobs": np.float32,
    "versions": np.int32,
    "loss_mask": bool,
}


class RolloutLog:
    """The ``rollouts`` folder of a run."""

    def __init__(self, run: Path) -> None:
        self.folder = run / "rollouts"

    def append(self, step: int, groups: Sequence[Group], advantages: Mapping[tuple[int, int], float]) -> Path:
        """Write the samples of one training step.

        Args:
            step: From 1.
            groups: All that the step examined, trained on or not.
            advantages: By group id and sample index, of every sample that has one.

        Returns:
            The file.

        Raises:
            InputError: The disk is full or the folder cannot be written.
        """
        table = table_of(groups)
        numbers = [advantages.get((group.group_id, one.index)) for group in groups for one in group.samples]
        table = table.add_column(0, "step", pa.array([step] * table.num_rows, pa.int64()))
        table = table.append_column("advantage", pa.array(numbers, pa.float64()))
        path = self.folder / f"step-{step:06d}.parquet"
        _write(path, table)
        return path

    def steps(self) -> list[tuple[int, Path]]:
        """The files that are there, by step."""
        found = [(re.fullmatch(r"step-(\d{6,})", path.stem), path) for path in self.folder.glob("step-*.parquet")]
        return sorted((int(match[1]), path) for match, path in found if match)

    def truncate_after(self, step: int) -> None:
        """Remove the files of later steps, which a resumed run will make again."""
        for later, path in self.steps():
            if later > step:
                path.unlink()


def write_groups(path: Path, groups: Sequence[Group]) -> None:
    """Write groups so that ``read_groups`` gives back the same.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    _write(path, table_of(groups))


def read_groups(path: Path) -> list[Group]:
    """The groups of a file, in the order in which they were written.

    Raises:
        InputError: It is missing, no Parquet, or lacks a column.
    """
    try:
        table = pq.read_table(path, columns=SCHEMA.names)
        return groups_of(table)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise InputError(f"{path}: cannot be read as rollouts: {' '.join(str(error).split())}") from error


def table_of(groups: Sequence[Group]) -> pa.Table:
    """One row a sample, by ``SCHEMA``."""
    rows = [_row(group, sample) for group in groups for sample in group.samples]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def groups_of(table: pa.Table) -> list[Group]:
    """The groups of a table; each group's rows stand together."""
    return [
        Group(
            group_id=rows[0]["group_id"],
            attempt=rows[0]["attempt"],
            problem=_problem(rows[0]),
            prompt_ids=rows[0]["prompt_ids"],
            samples=tuple(_sample(row) for row in rows),
        )
        for _, these in groupby(_rows(table), key=lambda row: (row["group_id"], row["attempt"]))
        for rows in [list(these)]
    ]


def _row(group: Group, sample: Sample) -> dict[str, Any]:
    problem, verdict = group.problem, sample.verdict
    return {
        "group_id": group.group_id,
        "attempt": group.attempt,
        "problem_id": problem.id,
        "domain": problem.domain,
        "verifier": problem.verifier,
        "messages": json.dumps([dict(message) for message in problem.messages]),
        "label": json.dumps(problem.label),
        "metadata": json.dumps(dict(problem.metadata)),
        "prompt_ids": group.prompt_ids,
        "index": sample.index,
        "seed": sample.seed,
        "text": sample.text,
        "token_ids": sample.token_ids,
        "logprobs": sample.logprobs,
        "versions": sample.versions,
        "loss_mask": sample.loss_mask,
        "finish_reason": sample.finish_reason,
        "score": None if math.isnan(verdict.score) else verdict.score,
        "valid": verdict.valid,
        "correct": verdict.correct,
        "reason": verdict.reason,
        "metrics": list(verdict.metrics.items()),
        "started_s": sample.started_s,
        "finished_s": sample.finished_s,
        "worker": sample.worker,
    }


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows as ``_row`` makes them: token columns as arrays of their exact type."""
    columns = {
        name: _arrays(table[name], _ARRAYS[name]) if name in _ARRAYS else table[name].to_pylist()
        for name in SCHEMA.names
    }
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _arrays(column: pa.ChunkedArray, dtype: Any) -> list[np.ndarray]:
    lists = column.combine_chunks()
    lengths = lists.value_lengths().to_numpy()
    flat = lists.flatten().to_numpy(zero_copy_only=False).astype(dtype)
    return np.split(flat, np.cumsum(lengths)[:-1]) if len(lengths) else []


def _problem(row: Mapping[str, Any]) -> Problem:
    return Problem(
        id=row["problem_id"],
        messages=tuple(json.loads(row["messages"])),
        verifier=row["verifier"],
        label=json.loads(row["label"]),
        domain=row["domain"],
        metadata=json.loads(row["metadata"]),
    )


def _sample(row: Mapping[str, Any]) -> Sample:
    verdict = Verdict(
        score=math.nan if row["score"] is None else row["score"],
        valid=row["valid"],
        correct=row["correct"],
        reason=row["reason"],
        metrics=dict(row["metrics"]),
    )
    return Sample(
        index=row["index"],
        seed=row["seed"],
        token_ids=row["token_ids"],
        logprobs=row["logprobs"],
        versions=row["versions"],
        loss_mask=row["loss_mask"],
        text=row["text"],
        finish_reason=row["finish_reason"],
        started_s=row["started_s"],
        finished_s=row["finished_s"],
        worker=row["worker"],
        verdict=verdict,
    )


def _write(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_atomically(path, sink.getvalue().to_pybytes())
