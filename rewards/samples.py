"""Scores samples that stand in a JSON Lines file, each row naming its own verifier."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.grouping import RowGroups, group_key
from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict

Row = dict[str, Any]

IN_FLIGHT = 256
"""Rows that are scored at the same time; the memory needed does not grow with the file."""


def verdict_row(id: Any, verdict: Verdict) -> Row:
    """One row of output; the score is null where the verdict is invalid."""
    return {
        "id": id,
        "score": verdict.score if verdict.valid else None,
        "valid": verdict.valid,
        "reason": verdict.reason,
        "metrics": dict(verdict.metrics),
    }


class SampleScorer:
    """Scores rows ``{id, verifier, prompt?, response, label}``, with one pool for each verifier that they name.

    A row that cannot be scored (no JSON, a field missing, an unknown verifier) gets an invalid verdict whose
    reason names the file and line; the others are not held up. Rows of a verifier that scores all samples of a
    problem at once wait for the end of the file; `group_key` tells which belong together.

    Args:
        source: The name of the file, for reasons, and the folder that verifiers' paths may start from.
        defaults: Settings and limits of every verifier; its name stands in where a row names none.
    """

    def __init__(self, source: Path, defaults: VerifierSection) -> None:
        self._source = source
        self._defaults = defaults
        self._pools: dict[str, VerifierPool | VerifierError] = {}
        self._groups = RowGroups()

    async def score(self, lines: Iterable[bytes]) -> AsyncIterator[Row]:
        """One row of output for each line that is not empty, in their order."""
        under_way: deque[asyncio.Task[Row]] = deque()
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    under_way.append(asyncio.create_task(self._begun(number, line)))
                if len(under_way) >= IN_FLIGHT and not self._groups:
                    yield await under_way.popleft()
            self._groups.close()
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()

    async def close(self) -> None:
        """Ends all worker processes."""
        for pool in self._pools.values():
            if isinstance(pool, VerifierPool):
                await pool.close()

    def _begun(self, number: int, line: bytes) -> Coroutine[Any, Any, Row]:
        """Reads a line now, so that its group knows of it; what it returns gives its row of output."""
        place = f"{self._source.name} line {number}"
        id: Any = None
        try:
            row = _parsed(line)
            id = row.get("id")
            request = request_from_row(row, self._defaults.name)
            pool = self._pool(request.problem.verifier)
            if pool.verifier.scope == "sample":
                return _output(place, id, partial(_alone, pool, request))
            key = group_key(row, request.problem)
            return _output(place, id, partial(self._groups.verdict, key, self._groups.add(key, request), pool))
        except (ValueError, VerifierError) as error:
            return _output(place, id, partial(_refused, error))

    def _pool(self, name: str) -> VerifierPool:
        if name not in self._pools:
            section = self._defaults.model_copy(update={"name": name})
            try:
                self._pools[name] = VerifierPool(section, self._source.parent)
            except VerifierError as error:
                self._pools[name] = error
        pool = self._pools[name]
        if isinstance(pool, VerifierError):
            raise pool
        return pool


def request_from_row(row: Mapping[str, Any], verifier: str) -> ScoreRequest:
    """What a row asks to be scored.

    Args:
        row: ``{id, verifier, prompt?, response, label, seed?, tokens?}`` and further columns of the problem.
        verifier: Stands in where the row names none.

    Raises:
        ValueError: A field is missing or of the wrong type.
    """
    _check_fields(row)
    problem = Problem(
        id=str(row.get("id")),
        messages=_messages(row.get("prompt")),
        verifier=verifier if row.get("verifier") is None else str(row["verifier"]),
        label=row["label"],
        metadata={key: value for key, value in row.items() if key not in _FIELDS},
    )
    return ScoreRequest(problem, row["response"], row.get("seed"), row.get("tokens"))


def read_samples(path: Path, verifier: str) -> list[ScoreRequest]:
    """All rows of a file, for one verifier, whatever they name; a row without an id is known by its line.

    Raises:
        VerifierError: It cannot be read, or a row is none; the message names the line.
    """
    requests = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        row = {"id": f"line {number}", **_parsed(line), "verifier": verifier}
                        requests.append(request_from_row(row, verifier))
                    except ValueError as error:
                        raise VerifierError(f"{path} line {number}: {error}") from error
    except OSError as error:
        raise VerifierError(f"{path} cannot be read: {error.strerror}") from error
    return requests


async def _output(place: str, id: Any, score: Callable[[], Awaitable[Verdict]]) -> Row:
    try:
        verdict = await score()
    except (ValueError, VerifierError) as error:
        verdict = Verdict.invalid(f"{place}: {error}")
    return verdict_row(id, verdict)


async def _alone(pool: VerifierPool, request: ScoreRequest) -> Verdict:
    [verdict] = await pool.score([request])
    return verdict


async def _refused(error: Exception) -> Verdict:
    raise error


_FIELDS = frozenset({"id", "verifier", "prompt", "response", "label", "seed", "tokens"})


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError(f"expected an object, got {type(row).__name__}")
    return row


def _check_fields(row: Mapping[str, Any]) -> None:
    for field in ("response", "label"):
        if field not in row:
            raise ValueError(f'the field "{field}" is missing; the row has {", ".join(row) or "none"}')
    if not isinstance(row["response"], str):
        raise ValueError(f'"response" must be a string, got {type(row["response"]).__name__}')
    tokens = row.get("tokens")
    if tokens is not None and (isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 0):
        raise ValueError(f'"tokens" must be the number of tokens of the response, got {tokens!r}'[:200])


def _messages(prompt: Any) -> tuple[Mapping[str, str], ...]:
    """A prompt is a text, or a conversation as a list of messages."""
    if prompt is None:
        return ()
    if isinstance(prompt, list):
        if not all(isinstance(message, dict) for message in prompt):
            raise ValueError('"prompt" must be a text or a list of messages, each {role, content}')
        return tuple(prompt)
    return ({"role": "user", "content": str(prompt)},)
