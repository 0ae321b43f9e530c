"""Writes down what happens in a run: metrics, rollouts, evaluations, the summary and the report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from base_training.errors import InputError
from base_training.run_folder import write_json
from rewards.verdict import Verdict
from rlvr.clock import Times
from rlvr.evaluation.held_out import truncate_evaluations
from rlvr.evaluation.record import Evaluation, evaluation_path, write_evaluation
from rlvr.events import Emit, Evaluated, Stepped
from rlvr.metrics import MetricsLog
from rlvr.report import write_report
from rlvr.run_folder import RunFolder
from rlvr.run_verifiers import RunVerifiers
from rlvr.summary import BothSides, ProblemCounts, Staleness, Summary, WeightUpdates
from rlvr.trackers import open_trackers
from rlvr.training_batch import TrainingBatch
from rollouts.buffer import Taken
from rollouts.fleet import PublishReport
from rollouts.ledger import SampleCounts
from rollouts.log import RolloutLog


@dataclass
class _Sums:
    """What the summary needs of all steps so far; stands in every checkpoint."""

    evaluations: list[dict[str, Any]]
    updates: int = 0
    updates_in_flight: int = 0
    pauses_s: tuple[float, ...] = ()
    stalest: int = 0
    staleness_sum: float = 0.0
    loss_tokens: float = 0.0
    domain_evaluations: list[dict[str, Any]] = field(default_factory=list)


class Journal:
    """The record of one run; a resumed run's is cut back to its checkpoint first."""

    def __init__(self, folder: RunFolder, emit: Emit, step: int, state: Mapping[str, Any] | None) -> None:
        """
        Args:
            folder: The run's.
            emit: Is told what is written.
            step: Steps that are done; what was written of later ones is removed.
            state: As :meth:`state` gave it; None for a new run.

        Raises:
            InputError: The folder cannot be written.
        """
        self._folder = folder
        self._emit = emit
        self._step = step
        self._sums = _Sums(**state) if state else _Sums([])
        self._times = Times()
        self._counts = SampleCounts()
        self._problems = ProblemCounts()
        self._verifiers = RunVerifiers.of(folder.recipe).by_name
        self._rollouts = RolloutLog(folder.path)
        trackers = open_trackers(folder.recipe.tracking, folder.path, folder.recipe.model_dump(mode="json"))
        self._metrics = MetricsLog(folder.path, trackers)
        self._metrics.truncate_after(step)
        self._rollouts.truncate_after(step)
        truncate_evaluations(folder.path, step if state else -1)

    def state(self) -> dict[str, Any]:
        """For the checkpoint, as JSON values."""
        return asdict(self._sums)

    @property
    def last_evaluated(self) -> int | None:
        """Steps that were done at the last evaluation; None where there was none."""
        return self._sums.evaluations[-1]["step"] if self._sums.evaluations else None

    @property
    def evaluations(self) -> Sequence[Mapping[str, Any]]:
        """Those of the main suite so far, as in summary.json."""
        return self._sums.evaluations

    def check_verdicts(self, taken: Taken) -> None:
        """Refuse to go on without rewards.

        Raises:
            InputError: More of a verifier's verdicts in a step are invalid than the recipe allows; the message
                holds a reason.
        """
        verdicts: dict[str, list[Verdict]] = {}
        for group in (*taken.groups, *taken.filtered):
            verdicts.setdefault(group.problem.verifier, []).extend(sample.verdict for sample in group.samples)
        for name, given in verdicts.items():
            invalid = [verdict for verdict in given if not verdict.valid]
            allowed = self._verifiers[name].max_invalid_share
            if len(invalid) > allowed * len(given):
                raise InputError(
                    f"the verifier {name} gave no verdict on {len(invalid)} of {len(given)} samples, more than "
                    f"verifier.max_invalid_share ({allowed:g}) allows; the first reason: {invalid[0].reason}"
                )

    def step(
        self,
        row: Mapping[str, Any],
        taken: Taken,
        batch: TrainingBatch,
        times: Times,
        counts: SampleCounts,
        problems: ProblemCounts,
    ) -> None:
        """Write one training step.

        Raises:
            InputError: The disk is full.
        """
        self._step = row["step"]
        tokens = batch.metrics["tokens/loss"]
        self._sums.stalest = max(self._sums.stalest, int(batch.metrics["staleness/max"]))
        self._sums.staleness_sum += batch.metrics["staleness/mean"] * tokens
        self._sums.loss_tokens += tokens
        self._rollouts.append(row["step"], (*taken.groups, *taken.filtered), batch.advantages)
        self._metrics.append(row)
        self.so_far(times, counts, problems)
        self._emit(Stepped(row))

    def so_far(self, times: Times, counts: SampleCounts, problems: ProblemCounts) -> None:
        """Remember the latest sums, for the summary."""
        self._times, self._counts, self._problems = times, counts, problems

    def published(self, report: PublishReport) -> None:
        """Weights are with every worker."""
        self._sums.updates += 1
        self._sums.updates_in_flight += any(update.in_flight for update in report.workers)
        self._sums.pauses_s += tuple(update.pause_s for update in report.workers)

    def evaluated(self, evaluation: Evaluation, domains: Sequence[Evaluated] = ()) -> None:
        """Write an evaluation.

        Args:
            evaluation: The record.
            domains: Its measures by domain, where there are several.

        Raises:
            InputError: The disk is full.
        """
        write_evaluation(evaluation_path(self._folder.path, evaluation.suite, self._step), evaluation)
        measured = Evaluated(
            step=self._step,
            suite=evaluation.suite,
            metric=evaluation.metric,
            value=evaluation.value,
            ci95=evaluation.ci95 or (0.0, 1.0),
            n=evaluation.n,
        )
        self._sums.evaluations.append(asdict(measured))
        self._sums.domain_evaluations += [asdict(one) for one in domains]
        for one in (measured, *domains):
            self._metrics.track(one.step, {f"{one.suite}/{one.metric}": one.value})
            self._emit(one)

    def end(self, status: str, model: str, error: BaseException | None = None) -> dict[str, Any]:
        """Write summary and report.

        Returns:
            The summary as it stands in summary.json.
        """
        sums, rates = self._sums, self._times.rates(self._folder.recipe.rollouts.workers)
        summary = Summary(
            status=status,
            wall_s=self._times.wall_s,
            model=model,
            steps=self._step,
            evaluations=_as_events(sums.evaluations),
            weight_updates=WeightUpdates(
                sums.updates, sums.updates_in_flight, median(sums.pauses_s) if sums.pauses_s else None
            ),
            staleness=Staleness(
                max=sums.stalest,
                mean=sums.staleness_sum / sums.loss_tokens if sums.loss_tokens else 0.0,
                bound=self._folder.recipe.buffer.max_staleness,
            ),
            tokens_per_s=BothSides(rates["actor_tokens_per_s"], rates["learner_tokens_per_s"]),
            idle_share=BothSides(rates["actor_idle_share"], rates["learner_idle_share"]),
            samples=self._counts,
            problems=self._problems,
            domains=_as_events(sums.domain_evaluations),
        ).as_dict()
        if error is not None:
            summary["error"] = f"{type(error).__name__}: {error}"
        write_json(self._folder.path / "summary.json", summary)
        write_report(self._folder.path)
        return summary

    def close(self) -> None:
        """Close all files."""
        self._metrics.close()


def _as_events(evaluations: Sequence[Mapping[str, Any]]) -> tuple[Evaluated, ...]:
    return tuple(Evaluated(**{**e, "ci95": tuple(e["ci95"])}) for e in evaluations)
