"""Writes down what happens in a run: metrics, rollouts, evaluations, the summary and the report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from base_training.errors import InputError
from base_training.run_folder import write_json
from rlvr.clock import Times
from rlvr.evaluation.held_out import truncate_evaluations
from rlvr.evaluation.record import Evaluation, evaluation_path, write_evaluation
from rlvr.events import Emit, Evaluated, Stepped
from rlvr.metrics import MetricsLog
from rlvr.report import write_report
from rlvr.run_folder import RunFolder
from rlvr.summary import BothSides, Staleness, Summary, WeightUpdates
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

    def check_verdicts(self, taken: Taken) -> None:
        """Refuse to go on without rewards.

        Raises:
            InputError: More verdicts of a step are invalid than the recipe allows; the message holds a reason.
        """
        verdicts = [sample.verdict for group in (*taken.groups, *taken.filtered) for sample in group.samples]
        invalid = [verdict for verdict in verdicts if not verdict.valid]
        allowed = self._folder.recipe.verifier.max_invalid_share
        if verdicts and len(invalid) > allowed * len(verdicts):
            raise InputError(
                f"the verifier {self._folder.recipe.verifier.name} gave no verdict on {len(invalid)} of "
                f"{len(verdicts)} samples, more than verifier.max_invalid_share ({allowed:g}) allows; "
                f"the first reason: {invalid[0].reason}"
            )

    def step(
        self, row: Mapping[str, Any], taken: Taken, batch: TrainingBatch, times: Times, counts: SampleCounts
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
        self.so_far(times, counts)
        self._emit(Stepped(row))

    def so_far(self, times: Times, counts: SampleCounts) -> None:
        """Remember the latest sums, for the summary."""
        self._times, self._counts = times, counts

    def published(self, report: PublishReport) -> None:
        """Weights are with every worker."""
        self._sums.updates += 1
        self._sums.updates_in_flight += any(update.in_flight for update in report.workers)
        self._sums.pauses_s += tuple(update.pause_s for update in report.workers)

    def evaluated(self, evaluation: Evaluation) -> None:
        """Write an evaluation.

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
        self._metrics.track(measured.step, {f"{measured.suite}/{measured.metric}": measured.value})
        self._emit(measured)

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
            evaluations=tuple(Evaluated(**{**e, "ci95": tuple(e["ci95"])}) for e in sums.evaluations),
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
        ).as_dict()
        if error is not None:
            summary["error"] = f"{type(error).__name__}: {error}"
        write_json(self._folder.path / "summary.json", summary)
        write_report(self._folder.path)
        return summary

    def close(self) -> None:
        """Close all files."""
        self._metrics.close()
