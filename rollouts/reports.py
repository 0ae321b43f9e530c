"""What workers and the fleet tell of their work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """One worker's weight update.

    Attributes:
        version: The policy version that it runs now.
        pause_s: Seconds in which it drew no tokens.
        in_flight: Requests under way, that went on under the new weights.
    """

    version: int
    pause_s: float
    in_flight: int


@dataclass(frozen=True, slots=True)
class PublishReport:
    """One publication to all workers.

    Attributes:
        version: The policy version published.
        workers: One report each.
    """

    version: int
    workers: tuple[UpdateReport, ...]


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """One worker's sums since it started. Evaluations count nowhere but in what is named after them.

    Attributes:
        tokens: Tokens sampled for training.
        samples: Samples finished for training.
        in_flight: Training samples under way, those that wait for a slot included.
        busy_s: Seconds with training samples under way, pauses for updates included, evaluations not.
        pause_s: Seconds in weight updates.
        updates: Weight updates.
        evaluation_s: Seconds in evaluations.
        evaluation_tokens: Tokens sampled in evaluations.
        evaluation_answers: Samples and likelihoods finished in evaluations.
    """

    tokens: int = 0
    samples: int = 0
    in_flight: int = 0
    busy_s: float = 0.0
    pause_s: float = 0.0
    updates: int = 0
    evaluation_s: float = 0.0
    evaluation_tokens: int = 0
    evaluation_answers: int = 0


@dataclass(frozen=True, slots=True)
class FleetStats(WorkerStats):
    """The sums over all workers, lost ones included.

    Attributes:
        workers: Workers that there are.
        replaced: Workers that died and were replaced.
        reissued: Samples asked for again because their worker died.
    """

    workers: int = 0
    replaced: int = 0
    reissued: int = 0
