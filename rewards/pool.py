"""Scores many responses at once: what is cheap in process, the rest in processes that can be killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import UNCLEAR, Verdict
from rewards.verifier import load_section
from rewards.wire import Message, group_to_message, pack, request_to_message, verdict_from_message
from rewards.worker_process import WorkerDied, WorkerProcess, WorkerTimeout


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Counts since the pool was made.

    Attributes:
        scored: Verdicts given.
        in_process: Those of them that needed no worker process.
        invalid: Those of them that are invalid.
        timeouts: Requests that a worker did not answer in time, the first tries of retried ones included.
        deaths: Workers that ended while they had a request.
        processes: Worker processes started.
    """

    scored: int
    in_process: int
    invalid: int
    timeouts: int
    deaths: int
    processes: int


class VerifierPool:
    """One verifier behind ``section.workers`` supervised processes, which start when they are first needed.

    A request that a worker does not answer within ``section.timeout_s`` costs the worker its life. If the worker
    had computed all that time, the response is to blame: a valid 0 with the reason ``timeout``. If it had not
    (the machine was busy), or if the verifier itself calls its time-out `UNCLEAR`, the request is tried once more
    with no other beside it, and then counts as the response's. A worker that dies is replaced and its request
    tried once more; if that dies too, the verdict is invalid. A verifier that bounds its own time gets all of it
    (``longest_s``).

    A group that is scored together has ``section.timeout_s`` for each of its responses. When that is over, all are
    invalid, as nothing tells which of them is to blame.

    Use it within one event loop, as ``async with VerifierPool(section) as pool``, or call `close` in the end.

    Raises:
        VerifierError: The verifier cannot be found or does not take these settings.
    """

    def __init__(self, section: VerifierSection, base_path: str | Path | None = None) -> None:
        self.verifier = load_section(section, base_path)
        self.verifier.bind(section)
        self._section = section
        self._timeout_s = max(section.timeout_s, self.verifier.longest_s)
        self._base_path = base_path
        self._counts: Counter[str] = Counter()
        self._workers: list[WorkerProcess | None] = [None] * section.workers
        self._idle: asyncio.LifoQueue[int] = (
            asyncio.LifoQueue()
        )  # last in, first out: a warm worker before a new one
        for slot in range(section.workers):
            self._idle.put_nowait(slot)
        self._alone = asyncio.Lock()
        self._closed = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Makes sure that the verifier loads in a process too, where every request will need one.

        Raises:
            VerifierError: It does not.
        """
        await self.verifier.start()
        if self.verifier.isolated and not self.verifier.has_quick:
            async with self._slots(1) as (slot,):
                await self._worker(slot)

    async def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        """One verdict for each request, in their order. Calls may overlap.

        Raises:
            VerifierError: The pool is closed, or the verifier scores whole groups.
        """
        self._check_open()
        if self.verifier.scope == "group":
            raise VerifierError(
                f"verifier {self.verifier.name} scores whole groups; it needs all responses to a problem together"
            )
        return self._counted(await asyncio.gather(*(self._verdict(request) for request in requests)))

    async def score_group(self, request: GroupScoreRequest) -> list[Verdict]:
        """One verdict for each response to a problem, in their order, whatever the verifier's scope.

        Raises:
            VerifierError: The pool is closed.
        """
        if self.verifier.scope == "sample":
            return await self.score(request.samples())
        self._check_open()
        if self.verifier.isolated:
            return self._counted(await self._verify_group_in_worker(request))
        self._counts["in_process"] += len(request.responses)
        return self._counted(await self._verify_group_here(request))

    def stats(self) -> PoolStats:
        names = ("scored", "in_process", "invalid", "timeouts", "deaths", "processes")
        return PoolStats(**{name: self._counts[name] for name in names})

    async def close(self) -> None:
        """Kills all workers. Requests that are still under way become invalid."""
        self._closed = True
        await self.verifier.close()
        for worker in self._workers:
            if worker is not None:
                worker.kill()
        self._workers = [None] * len(self._workers)

    def _check_open(self) -> None:
        if self._closed:
            raise VerifierError("the verifier pool is closed")

    def _counted(self, verdicts: list[Verdict]) -> list[Verdict]:
        self._counts["scored"] += len(verdicts)
        self._counts["invalid"] += sum(not verdict.valid for verdict in verdicts)
        return verdicts

    async def _verdict(self, request: ScoreRequest) -> Verdict:
        verdict = self.verifier.quick(request)
        if verdict is None and self.verifier.isolated:
            return await self._verify_in_worker(request)
        self._counts["in_process"] += 1
        return verdict or await self._verify_here(request)

    async def _verify_in_worker(self, request: ScoreRequest) -> Verdict:
        try:
            answer = await self._answer(request_to_message(request), self._timeout_s)
        except WorkerTimeout:
            return Verdict.of_correctness(False, "timeout")
        except VerifierError as error:
            return Verdict.invalid(str(error))
        return verdict_from_message(answer)

    async def _verify_group_in_worker(self, request: GroupScoreRequest) -> list[Verdict]:
        count = len(request.responses)
        try:
            answer = await self._answer(group_to_message(request), self._section.timeout_s * max(count, 1))
        except WorkerTimeout as error:
            return [Verdict.invalid(f"timeout: the verifier of a group of {count} gave {error}")] * count
        except VerifierError as error:
            return [Verdict.invalid(str(error))] * count
        return [verdict_from_message(message) for message in answer["verdicts"]]

    async def _verify_here(self, request: ScoreRequest) -> Verdict:
        if self.verifier.keeps_time:
            return await self.verifier.verify(request)
        try:
            async with asyncio.timeout(self._section.timeout_s):
                return await self.verifier.verify(request)
        except TimeoutError:
            return Verdict.invalid(f"timeout: verifier {self.verifier.name} took over {self._section.timeout_s} s")

    async def _verify_group_here(self, request: GroupScoreRequest) -> list[Verdict]:
        limit_s = self._section.timeout_s * max(len(request.responses), 1)
        try:
            async with asyncio.timeout(limit_s):
                return await self.verifier.verify_group(request)
        except TimeoutError:
            verdict = Verdict.invalid(f"timeout: verifier {self.verifier.name} took over {limit_s} s")
            return [verdict] * len(request.responses)

    async def _answer(self, message: Message, timeout_s: float) -> Message:
        """What a worker answers, at the second try at the latest.

        Raises:
            WorkerTimeout: Nothing within ``timeout_s``, and the message is to blame.
            VerifierError: There is no answer for a reason that the response did not cause.
        """
        try:
            frame = pack(message)
        except (TypeError, ValueError) as error:
            raise VerifierError(f"problem {message['id']} cannot be written as JSON: {error}") from error
        try:
            answer = await self._ask(frame, timeout_s, alone=False)
            if not answer.get("metrics", {}).get(UNCLEAR):
                return answer
        except WorkerTimeout as error:
            if error.busy:
                raise
        except WorkerDied:
            pass
        except VerifierError as error:
            raise VerifierError(f"no worker process: {error}") from error
        try:
            return await self._ask(frame, timeout_s, alone=True)
        except WorkerDied as error:
            raise VerifierError(f"its worker process died twice: {error}") from error
        except VerifierError as error:
            raise VerifierError(f"no worker process: {error}") from error

    async def _ask(self, frame: bytes, timeout_s: float, alone: bool) -> Message:
        """Has one worker answer, with the others at rest if ``alone``."""
        async with self._slots(len(self._workers) if alone else 1) as slots:
            worker = await self._worker(slots[0])
            try:
                return await worker.ask(frame, timeout_s)
            except BaseException as error:
                self._workers[slots[0]] = None
                self._counts["timeouts"] += isinstance(error, WorkerTimeout)
                self._counts["deaths"] += isinstance(error, WorkerDied)
                raise

    @asynccontextmanager
    async def _slots(self, count: int) -> AsyncIterator[list[int]]:
        """Holds ``count`` slots. Those who want several queue up, so that no two wait for each other."""
        held: list[int] = []
        try:
            if count == 1:
                held.append(await self._idle.get())
            else:
                async with self._alone:
                    while len(held) < count:
                        held.append(await self._idle.get())
            yield held
        finally:
            for slot in held:
                self._idle.put_nowait(slot)

    async def _worker(self, slot: int) -> WorkerProcess:
        worker = self._workers[slot]
        self._check_open()
        if worker is None:
            worker = self._workers[slot] = await WorkerProcess.start(self._section, self._base_path)
            self._counts["processes"] += 1
        return worker
