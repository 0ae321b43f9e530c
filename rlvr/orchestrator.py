"""The loop of a run: groups in, a step of the learner, weights out, everything written down.

    producer → workers → buffer → batching → learners → publication → workers
                                                  ↘ metrics, rollouts, evaluations, checkpoints

In synchronous mode a step is over, its checkpoint written, before the next groups are asked for. Otherwise weights
are sent while the learner works on the next batch, and generation never stops.
"""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

from rlvr.actors import Actors, started
from rlvr.batching import build_batch
from rlvr.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from rlvr.clock import Clock, Times
from rlvr.evaluation.asking import ask, requests_of
from rlvr.evaluation.domains import measure_domains
from rlvr.evaluation.held_out import held_out_suite
from rlvr.evaluation.measures import evaluation_of
from rlvr.events import Emit, Note, Status
from rlvr.journal import Journal
from rlvr.producer import Producer
from rlvr.root_cause import root_cause
from rlvr.run_folder import RunFolder
from rlvr.step_metrics import step_row, step_times
from rlvr.stop_rules import early_end
from rlvr.summary import ProblemCounts
from rollouts.buffer import RolloutBuffer, Taken
from rollouts.sample import WeightUpdate
from rollouts.waiting import all_of

T = TypeVar("T")


class Stopped(Exception):
    """The user asked the run to end."""


class Orchestrator:
    """One run, from its folder."""

    def __init__(self, folder: RunFolder, emit: Emit, stop: asyncio.Event) -> None:
        """
        Args:
            folder: A new run's, or that of one to go on with.
            emit: Is told what happens.
            stop: Ends the run after the step it is in.
        """
        self._folder = folder
        self._recipe = folder.recipe
        self._emit = emit
        self._stop = stop
        self._synchronous = folder.recipe.buffer.max_staleness == 0

    async def run(self) -> Mapping[str, Any]:
        """Run to the end.

        Returns:
            The summary, as in summary.json.

        Raises:
            InputError: Something the user gave cannot be used.
            TimeoutError: A peer did not answer in time.
        """
        path = self._folder.newest_checkpoint()
        checkpoint = read_checkpoint(path) if path else None
        self._clock = Clock(checkpoint.times if checkpoint else {})
        self._step = checkpoint.step if checkpoint else 0
        self._checkpointed = self._step if checkpoint else None
        self._journal = Journal(self._folder, self._emit, self._step, checkpoint.journal if checkpoint else None)
        model = str(self._recipe.model.name or self._recipe.model.base)
        try:
            async with started(
                self._recipe, path, checkpoint.buffer.version if checkpoint else 0, self._say
            ) as actors:
                return self._journal.end(await self._run(actors, checkpoint), model)
        except BaseException as error:
            cause = root_cause(error)
            if self._folder.is_new and not self._folder.has_steps:
                self._folder.discard()
            else:
                self._journal.end("failed", model, cause)
            if cause is error:
                raise
            raise cause from error
        finally:
            self._journal.close()

    async def _run(self, actors: Actors, checkpoint: Checkpoint | None) -> str:
        """The sitting between start-up and summary; says how it ended."""
        self._actors = actors
        self._emit(Note(actors.problems.describe()))
        section = self._recipe.buffer
        self._buffer = RolloutBuffer.restored(section, checkpoint.buffer) if checkpoint else RolloutBuffer(section)
        if checkpoint:
            actors.problems.train.load_state(checkpoint.problems)
        self._version = self._buffer.version
        self._producer = Producer(
            actors.problems.train,
            actors.encode,
            self._buffer,
            actors.fleet,
            samples=self._recipe.rollouts.sampling.samples_per_problem,
            seed=self._recipe.seed,
            timeout_s=self._recipe.rollouts.timeout_s + self._recipe.learner.timeout_s,
        )
        self._publication: asyncio.Task[None] = asyncio.create_task(asyncio.sleep(0))
        self._stopping = asyncio.create_task(self._stop.wait())
        self._producing: asyncio.Task[None] | None = None
        try:
            status = await self._train()
            await self._publication
            await self._checkpoint()
        finally:
            tasks = [task for task in (self._producing, self._stopping, self._publication) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._journal.so_far(await self._times(), self._buffer.counts, self._problem_counts())
        return status

    async def _train(self) -> str:
        """The loop itself; says how it ended."""
        learner, evaluation = self._recipe.learner, self._recipe.evaluation
        status = "completed"
        try:
            if self._step == 0 and evaluation.at_start:
                await self._unless_stopped(self._evaluate())
            self._clock.begin_training()
            self._producing = asyncio.create_task(self._producer.run())
            while self._step < learner.steps:
                if ended := early_end(self._recipe.stop, self._journal.evaluations, self._clock.wall_s):
                    status = ended
                    break
                self._say("training")
                began = time.monotonic()
                taken = await self._unless_stopped(self._buffer.take(self._recipe.rollouts.timeout_s))
                if self._buffer.drained and not taken.groups and not taken.filtered:
                    train = self._actors.problems.train
                    status = "all_retired" if train.retired == len(train) else "exhausted"
                    break
                with self._producer.held() if self._synchronous else nullcontext():
                    await self._learn(taken, began)
                    if evaluation.every and self._step % evaluation.every == 0:
                        await self._unless_stopped(self._evaluate())
                    if learner.checkpoint_every and self._step % learner.checkpoint_every == 0:
                        await self._checkpoint()
            if self._journal.last_evaluated != self._step:
                await self._unless_stopped(self._evaluate())
        except Stopped:
            return "stopped"
        return status

    async def _learn(self, taken: Taken, began: float) -> None:
        waited = time.monotonic() - began
        self._journal.check_verdicts(taken)
        batch = build_batch(
            taken.groups,
            algorithm=self._recipe.algorithm,
            buffer=self._recipe.buffer,
            version=self._version,
            row_tokens=self._recipe.learner.row_tokens,
            ranks=self._recipe.learner.engine.ranks,
            max_tokens=self._recipe.rollouts.sampling.max_tokens,
            mini_batches=self._recipe.learner.mini_batches,
        )
        learned: Mapping[str, float] = {}
        if batch.mini_batches:
            learned = await self._actors.learners.step(batch)
            update = await self._actors.learners.publish(self._version + 1)
        self._buffer.settle(batch.fates)
        self._step += 1
        if self._step == self._recipe.learner.steps:
            self._buffer.close_admission()
        self._clock.learned(time.monotonic() - began - waited, batch.forwarded_tokens)
        if batch.mini_batches:
            await self._publish(update)
        else:
            self._buffer.discarded()
        times = await self._times()
        spent = step_times(self._clock.since_last_step(times), self._recipe.rollouts.workers, waited)
        problems = self._problem_counts()
        row = step_row(
            self._step,
            self._version,
            taken,
            batch,
            learned,
            spent,
            domains=self._actors.problems.domains,
            retired=problems.retired,
        )
        self._journal.step(row, taken, batch, times, self._buffer.counts, problems)

    async def _publish(self, update: WeightUpdate) -> None:
        await self._publication
        self._version = update.version
        self._publication = asyncio.create_task(self._send(update))
        if self._synchronous:
            await self._publication

    async def _send(self, update: WeightUpdate) -> None:
        async def take() -> None:
            self._journal.published(await self._actors.fleet.publish(update))

        await all_of([take(), self._actors.learners.sent()])
        self._buffer.published()

    async def _evaluate(self) -> None:
        await self._publication
        suite = held_out_suite(self._recipe, self._actors.problems.held_out)
        self._say(f"evaluating {len(suite.problems)} held-out problems")
        with self._producer.held(), self._clock.evaluating():
            began = time.monotonic()
            requests = requests_of(suite, self._actors.encode, self._recipe.seed)
            answered = await ask(self._actors.fleet, suite, requests)
        evaluation = evaluation_of(
            suite,
            answered.answers,
            model=self._actors.model,
            model_sha256="",
            step=self._step,
            version=answered.version,
            seconds=time.monotonic() - began,
        )
        self._journal.evaluated(evaluation, measure_domains(suite, evaluation))

    async def _checkpoint(self) -> None:
        if self._step == self._checkpointed:
            return
        self._say("writing a checkpoint")
        await self._publication
        await write_checkpoint(
            self._folder,
            self._actors,
            Checkpoint(
                step=self._step,
                buffer=self._buffer.state(),
                problems=self._actors.problems.train.state(),
                times=(await self._times()).as_dict(),
                journal=self._journal.state(),
            ),
        )
        self._checkpointed = self._step

    def _problem_counts(self) -> ProblemCounts:
        problems = self._actors.problems
        return ProblemCounts(len(problems.train), problems.train.retired, sum(problems.removed.values()))

    async def _times(self) -> Times:
        stats = await self._actors.fleet.stats()
        return self._clock.times(stats.busy_s, stats.tokens)

    async def _unless_stopped(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for something, unless the user stops the run, or the producer or a publication fails meanwhile.

        Raises:
            Stopped: The user did.
            Exception: What ended the producer or the publication.
        """
        task = asyncio.create_task(coroutine)
        watched: set[asyncio.Task[Any]] = {task, self._stopping, self._publication}
        if self._producing is not None:
            watched.add(self._producing)
        try:
            while True:
                done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
                if self._stopping in done:
                    raise Stopped
                if task in done:
                    return task.result()
                for finished in done:
                    finished.result()
        finally:
            task.cancel()

    def _say(self, text: str) -> None:
        self._emit(Status(text))
