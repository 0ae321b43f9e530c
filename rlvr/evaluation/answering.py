"""Answers suites with a model, or with the checkpoints of a run, unless that was done before."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from base_training.errors import InputError
from base_training.models.build import load_tokenizer
from rlvr.config import ClusterSection, JudgeSection
from rlvr.environment import check_environment, quiet_libraries
from rlvr.evaluation.chosen import chosen_suites
from rlvr.evaluation.engine_section import engine_section
from rlvr.evaluation.held_out import SUITE as HELD_OUT
from rlvr.evaluation.measures import evaluation_of
from rlvr.evaluation.options import EvaluationOptions, Watcher
from rlvr.evaluation.prepared import Prepared, prepare
from rlvr.evaluation.record import Evaluation, read_evaluation, write_evaluation
from rlvr.evaluation.session import fleet_of, taken_weights
from rlvr.evaluation.suite import Suite
from rlvr.evaluation.target import Target, targets_of
from rlvr.recipe import Recipe
from rlvr.run_folder import RunFolder
from rollouts.fleet import RolloutFleet

TICK_S = 1.0


def evaluate(
    model_or_run: str | Path,
    suites: Sequence[str],
    limit: int | None = None,
    *,
    step: int | None = None,
    all_steps: bool = False,
    options: EvaluationOptions | None = None,
    watcher: Watcher | None = None,
) -> list[Evaluation]:
    """Answer suites and keep every answer and verdict; what was answered before is read again.

    Args:
        model_or_run: A run's folder, a checkpoint's, any model's, a model's name, or a hub id.
        suites: Names, paths of YAML files, ``run`` for the run's own held-out problems, ``lm_eval/TASK``.
        limit: At most so many problems of each suite; goes before the options'.
        step: Of a run, this checkpoint; the newest one by default. 0 is what the run started from.
        all_steps: Of a run, what it started from and all its checkpoints.
        options: How suites are answered.
        watcher: Is told how it goes.

    Returns:
        One for each checkpoint and suite, in that order.

    Raises:
        InputError: There is no such model, run or suite, or its data cannot be used.
        VerifierError: A verifier cannot be loaded, or cannot use a label.
        TimeoutError, ProcessError: A worker was not ready in time, or died.
    """
    chosen = options or EvaluationOptions()
    if limit is not None:
        chosen = replace(chosen, limit=limit)
    work = _Work(model_or_run, tuple(suites), step, all_steps, chosen, watcher or Watcher())
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work.done())
    with ThreadPoolExecutor(1) as thread:  # a notebook's own loop is running in this one
        return thread.submit(lambda: asyncio.run(work.done())).result()


class _Work:
    """What one call of `evaluate` has to do."""

    def __init__(
        self,
        model_or_run: str | Path,
        names: Sequence[str],
        step: int | None,
        all_steps: bool,
        options: EvaluationOptions,
        watcher: Watcher,
    ) -> None:
        check_environment()
        quiet_libraries(hub_id=True)
        self._options = options
        self._watcher = watcher
        self._targets = targets_of(model_or_run, step=step, all_steps=all_steps, say=watcher.status)
        run = self._targets[0].run
        self._recipe: Recipe | None = None if run is None else RunFolder.open(run).recipe
        self._seed = 0 if self._recipe is None else self._recipe.seed
        quiet_libraries(hub_id=not Path(self._targets[0].weights).is_dir())
        self._tokenizer = load_tokenizer(self._targets[0].weights)
        self._suites = chosen_suites(names, self._recipe, self._tokenizer, options)
        self._found: dict[tuple[int, int], Evaluation] = {}

    async def done(self) -> list[Evaluation]:
        """All evaluations; those that are missing are made."""
        places = [(t, s) for t in range(len(self._targets)) for s in range(len(self._suites))]
        for t, s in places:
            kept = None if self._options.fresh else _kept(self._targets[t], self._suites[s])
            if kept is not None:
                self._found[t, s] = kept
                self._watcher.evaluated(kept, True)
        missing = [place for place in places if place not in self._found]
        if missing:
            await self._make(missing)
        return [self._found[place] for place in places]

    async def _make(self, missing: Sequence[tuple[int, int]]) -> None:
        self._watcher.status("reading the suites")
        prepared = {
            s: await asyncio.to_thread(prepare, self._suites[s], self._tokenizer, self._seed)
            for s in sorted({s for _, s in missing})
        }
        steps = sorted({t for t, _ in missing})
        first = self._targets[steps[0]]
        section = engine_section(first.weights, self._recipe, list(prepared.values()))
        verifiers = {name: one for p in prepared.values() for name, one in p.verifiers.items()}
        workers, dtype, machines = self._options.workers, self._options.dtype, ClusterSection()
        judge: JudgeSection | None = None
        if self._recipe is not None:
            workers = workers or self._recipe.rollouts.workers
            dtype, machines = self._recipe.model.dtype, self._recipe.cluster
            if any(one.suite.name == HELD_OUT for one in prepared.values()):
                judge = self._recipe.judge
        async with fleet_of(
            first.weights, dtype, section, verifiers, workers, machines, judge, self._watcher.status
        ) as fleet:
            for version, t in enumerate(steps):
                target = self._targets[t]
                taken = taken_weights(fleet, target.weights, version) if version else nullcontext()
                async with taken:
                    for place in missing:
                        if place[0] == t:
                            self._found[place] = await self._answer(fleet, target, prepared[place[1]])

    async def _answer(self, fleet: RolloutFleet, target: Target, prepared: Prepared) -> Evaluation:
        suite = prepared.suite
        step = "" if target.step is None else f" at step {target.step}"
        self._watcher.status(f"answering {suite.name}{step}")
        began = time.monotonic()
        async with self._watched(fleet, prepared):
            answered = await prepared.ask(fleet)
        evaluation = evaluation_of(
            suite,
            answered.answers,
            model=target.weights,
            model_sha256=target.sha256,
            step=target.step,
            version=None,
            seconds=time.monotonic() - began,
        )
        write_evaluation(_place(target, suite), evaluation)
        self._watcher.evaluated(evaluation, False)
        return evaluation

    @asynccontextmanager
    async def _watched(self, fleet: RolloutFleet, prepared: Prepared) -> AsyncIterator[None]:
        """Tell every second how far the workers are; they answer a suite in one call each."""
        before = (await fleet.stats()).evaluation_answers

        async def tell() -> None:
            while True:
                await asyncio.sleep(TICK_S)
                done = (await fleet.stats()).evaluation_answers - before
                self._watcher.answered(prepared.suite.name, done, prepared.total)

        telling = asyncio.create_task(tell())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)


def _kept(target: Target, suite: Suite) -> Evaluation | None:
    """The evaluation of these weights by this suite that was made before.

    A run writes those of its held-out problems before its weights have files.

    Raises:
        InputError: Its file is half-written or foreign.
    """
    for path in target.files_of(suite):
        if path.is_file():
            found = read_evaluation(path)
            if found.suite_sha256 == suite.sha256 and found.model_sha256 in ("", target.sha256):
                return found
    return None


def _place(target: Target, suite: Suite) -> Path:
    """Where an evaluation is written: over the one that it replaces, so that there is one of each."""
    for path in target.files_of(suite):
        try:
            if path.is_file() and read_evaluation(path).suite_sha256 == suite.sha256:
                return path
        except InputError:  # a broken file is replaced where it is in the way, and else left to be looked at
            continue
    return target.file_of(suite)
