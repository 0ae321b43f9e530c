"""Rows of one problem, for verifiers that score all samples of a problem at once."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict

Key = tuple[str, str]
"""A verifier's name, and what the rows of a group share."""


class RowGroups:
    """Gathers rows until no more will come, as the last line may belong to any group, and has them scored."""

    def __init__(self) -> None:
        self._members: dict[Key, list[ScoreRequest]] = {}
        self._scored: dict[Key, asyncio.Task[list[Verdict]]] = {}
        self._complete = asyncio.Event()

    def __len__(self) -> int:
        return len(self._members)

    def add(self, key: Key, request: ScoreRequest) -> int:
        """Takes a row in; returns its place in its group."""
        members = self._members.setdefault(key, [])
        members.append(request)
        return len(members) - 1

    def close(self) -> None:
        """No more rows will come."""
        self._complete.set()

    async def verdict(self, key: Key, place: int, pool: VerifierPool) -> Verdict:
        """What the pool says of one row, once all are there.

        Raises:
            ValueError: The rows of its group don't fit together.
        """
        await self._complete.wait()
        if key not in self._scored:
            self._scored[key] = asyncio.create_task(pool.score_group(group_request(self._members[key])))
        return (await self._scored[key])[place]


def group_key(row: Mapping[str, Any], problem: Problem) -> Key:
    """What tells a row's group: the field ``group``, or else the prompt with the label.

    Raises:
        ValueError: The row has neither.
    """
    if row.get("group") is not None:
        shared = {"group": row["group"]}
    elif problem.messages:
        shared = {"prompt": row["prompt"], "label": problem.label}
    else:
        raise ValueError(
            f"verifier {problem.verifier} scores all samples of a problem at once: rows need a field "
            '"group", or a prompt that those of one problem share'
        )
    return problem.verifier, json.dumps(shared, sort_keys=True)


def group_request(requests: Sequence[ScoreRequest]) -> GroupScoreRequest:
    """All rows of one problem as one request; its columns are those on which all rows agree.

    Raises:
        ValueError: Their labels differ.
    """
    first = requests[0].problem
    if any(request.problem.label != first.label for request in requests):
        raise ValueError("the rows of its group have different labels")
    columns = {
        name: value
        for name, value in first.metadata.items()
        if all(request.problem.metadata.get(name) == value for request in requests)
    }
    return GroupScoreRequest(
        replace(first, metadata=columns),
        tuple(request.response for request in requests),
        tuple(request.seed for request in requests),
        tuple(request.tokens for request in requests),
    )
