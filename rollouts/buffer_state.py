"""What a checkpoint keeps of the buffer."""

from dataclasses import dataclass

from rewards.problem import Problem
from rollouts.sample import Group


@dataclass(frozen=True, slots=True)
class Admitted:
    """A group in flight.

    Attributes:
        group_id: Its admission number within the run.
        attempt: As in ``GroupRequest``.
        problem: What is asked.
        version: Weights published when it was admitted.
    """

    group_id: int
    attempt: int
    problem: Problem
    version: int


@dataclass(frozen=True, slots=True)
class BufferState:
    """All that a buffer needs to go on from a checkpoint.

    Attributes:
        next_group_id: The next admission number.
        version: Weights published.
        ledger: As ``SampleLedger.state()``.
        in_flight: Groups to be issued again.
        finished: Groups that are not trained on yet, in the order in which they are to be examined.
    """

    next_group_id: int
    version: int
    ledger: dict[str, int]
    in_flight: tuple[Admitted, ...]
    finished: tuple[Group, ...]
