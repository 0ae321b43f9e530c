"""Which machine of a cluster each rollout worker and learner rank can stand on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from base_training.errors import InputError
from rlvr.placement import Placement

LEARNER, WORKER = "learner rank", "rollout worker"


@dataclass(frozen=True, slots=True)
class Seat:
    """One actor's place.

    Attributes:
        role: `LEARNER` or `WORKER`.
        index: Which one, from 0.
        gpus: GPUs that it takes.
    """

    role: str
    index: int
    gpus: int


def seats_by_machine(placement: Placement, gpus: Sequence[int], *, together: bool) -> list[list[Seat]]:
    """Seat learner ranks side by side and then the workers, each on the first machine that has room.

    Args:
        placement: What every actor takes.
        gpus: GPUs of each machine.
        together: On one machine, as actors that share memory must be.

    Returns:
        The seats of each machine, in the order of the machines.

    Raises:
        InputError: There is no room for all; the message holds the numbers.
    """
    seats = [Seat(LEARNER, index, one.gpus) for index, one in enumerate(placement.learners)]
    seats += [Seat(WORKER, index, one.gpus) for index, one in enumerate(placement.workers)]
    wanted = sum(seat.gpus for seat in seats)
    if together and wanted > max(gpus, default=0):
        raise InputError(
            f"rollouts.transfer: shared_memory keeps a run on one machine: it needs {wanted} GPUs, and the "
            f"largest machine has {max(gpus, default=0)}; rollouts.transfer: nccl can use several"
        )
    free = list(gpus)
    machines: list[list[Seat]] = [[] for _ in gpus]
    order = [max(range(len(gpus)), key=lambda place: gpus[place])] if together else range(len(gpus))
    for seat in seats:
        place = next((place for place in order if free[place] >= seat.gpus), None)
        if place is None:
            raise InputError(
                f"no machine has {seat.gpus} GPUs free for {seat.role} {seat.index}: {wanted} GPUs are needed in "
                f"all, and {len(gpus)} machines have {', '.join(map(str, gpus))}"
            )
        free[place] -= seat.gpus
        machines[place].append(seat)
    return machines


def describe_machines(machines: Sequence[Sequence[Seat]]) -> list[str]:
    """Such as ``machines 2-9: 8 rollout workers``; machines that are alike share a line."""
    lines: list[tuple[str, list[int]]] = []
    for number, seats in enumerate(machines, 1):
        counts = Counter(seat.role for seat in seats)
        text = ", ".join(f"{count} {role}{'s' if count > 1 else ''}" for role, count in counts.items()) or "unused"
        if lines and lines[-1][0] == text:
            lines[-1][1].append(number)
        else:
            lines.append((text, [number]))
    return [
        f"machine{'s' if len(numbers) > 1 else ''} {numbers[0]}"
        f"{f'-{numbers[-1]}' if len(numbers) > 1 else ''}: {text}"
        for text, numbers in lines
    ]
