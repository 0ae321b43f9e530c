"""Which cores and GPUs each actor of a run gets; a layout that cannot be placed is refused before it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from base_training.errors import InputError
from rlvr.recipe import Recipe


@dataclass(frozen=True, slots=True)
class ActorResources:
    """What one actor asks Ray for.

    Attributes:
        cpus: CPU cores asked for.
        gpus: GPUs asked for.
        cores: Cores that it pins itself to; empty where nothing is pinned.
        scheduling: Ray's scheduling strategy, once its place is reserved.
    """

    cpus: int
    gpus: int
    cores: tuple[int, ...] = ()
    scheduling: Any = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The resources of every worker and learner rank, in order."""

    workers: tuple[ActorResources, ...]
    learners: tuple[ActorResources, ...]

    def describe(self) -> str:
        """One line for people."""

        def of(actors: Sequence[ActorResources], word: str) -> str:
            cores = [str(core) for actor in actors for core in actor.cores]
            gpus = sum(actor.gpus for actor in actors)
            where = (
                f"{gpus} GPU{'s' if gpus != 1 else ''}"
                if gpus
                else f"core {', '.join(cores)}"
                if cores
                else "not pinned"
            )
            return f"{len(actors)} {word}{'s' if len(actors) != 1 else ''} ({where})"

        return f"{of(self.workers, 'rollout worker')}, {of(self.learners, 'learner rank')}"


def plan_placement(recipe: Recipe, cpus: int, gpus: int, cores: Sequence[int] = ()) -> Placement:
    """Place a recipe's actors on what a cluster has.

    Args:
        recipe: Says how many workers and learner ranks there are.
        cpus: CPU cores of the whole cluster.
        gpus: GPUs of the whole cluster; with any, workers and learners take GPUs.
        cores: Core numbers to pin to, on a single machine without GPUs; empty pins nothing.

    Raises:
        InputError: The recipe asks for more than there is.
    """
    workers, ranks = recipe.rollouts.workers, recipe.learner.engine.ranks
    threads = recipe.learner.engine.threads
    if recipe.rollouts.transfer == "nccl" and gpus == 0:
        raise InputError("rollouts.transfer: nccl goes from GPU to GPU, and there is none: use shared_memory")
    if gpus > 0:
        wanted = workers * recipe.rollouts.tensor_parallel + ranks
        if wanted > gpus:
            raise InputError(
                f"{workers} rollout workers × {recipe.rollouts.tensor_parallel} GPUs and {ranks} learner ranks "
                f"need {wanted} GPUs, the cluster has {gpus}: lower rollouts.workers or learner.engine.ranks"
            )
        return Placement(
            (ActorResources(1, recipe.rollouts.tensor_parallel),) * workers, (ActorResources(1, 1),) * ranks
        )
    wanted = workers + ranks * threads
    if wanted > cpus:
        raise InputError(
            f"{workers} rollout workers and {ranks} learner ranks × {threads} threads need {wanted} "
            f"cores, there are {cpus}: lower rollouts.workers, learner.engine.ranks or learner.engine.threads"
        )
    pin = len(cores) >= wanted
    rest = iter(cores)

    def take(count: int) -> ActorResources:
        return ActorResources(count, 0, tuple(next(rest) for _ in range(count)) if pin else ())

    return Placement(tuple(take(1) for _ in range(workers)), tuple(take(threads) for _ in range(ranks)))
