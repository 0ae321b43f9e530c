"""The Ray cluster of a run: started here, or joined."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ray
from ray.util.placement_group import placement_group, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from base_training.errors import InputError
from rlvr.config import ClusterSection
from rlvr.environment import free_cores
from rlvr.placement import Placement

RESERVATION_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Resources:
    """What a cluster has in all.

    Attributes:
        cpus: CPU cores.
        gpus: GPUs.
        cores: Core numbers of the one machine that the cluster is; empty where it may be several.
    """

    cpus: int
    gpus: int
    cores: tuple[int, ...]


@contextmanager
def cluster(section: ClusterSection) -> Iterator[Resources]:
    """Start a cluster, or join one; one that was started here ends with the block.

    Raises:
        InputError: There is no cluster at the address.
    """
    if ray.is_initialized():
        yield _resources(())
        return
    local = section.address == "local"
    cores = free_cores()
    started_here: dict[str, Any] = {
        "num_cpus": len(cores),
        "object_store_memory": section.object_store_mib * 2**20,
    }
    try:
        ray.init(
            address=section.address,
            include_dashboard=False if local else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **(started_here if local else {}),
        )
    except (ConnectionError, ValueError) as error:
        raise InputError(
            f"cluster.address: no Ray cluster at {section.address!r} ({error}); "
            "start one with `ray start --head`, or use local"
        ) from error
    try:
        yield _resources(cores if local and section.pin_cores else ())
    finally:
        ray.shutdown()


def gpus_by_machine() -> tuple[int, ...]:
    """GPUs of each machine of the cluster that this process has joined, largest first."""
    alive = (node for node in ray.nodes() if node["Alive"])
    return tuple(sorted((int(node["Resources"].get("GPU", 0)) for node in alive), reverse=True))


@asynccontextmanager
async def reserved(
    placement: Placement, *, together: bool, timeout_s: float = RESERVATION_TIMEOUT_S
) -> AsyncIterator[Placement]:
    """Hold the resources of all workers and learner ranks until the block ends.

    Args:
        placement: What to reserve.
        together: On one machine, as actors that share memory must be.
        timeout_s: Longest wait for others to free what is needed.

    Yields:
        The same with a place for each actor.

    Raises:
        InputError: There was no room in time.
    """
    actors = [*placement.workers, *placement.learners]
    bundles = [{"CPU": one.cpus, **({"GPU": one.gpus} if one.gpus else {})} for one in actors]
    group = placement_group(bundles, strategy="STRICT_PACK" if together else "PACK")
    try:
        if not await asyncio.to_thread(group.wait, timeout_s):
            where = "no single machine of the cluster has" if together else "the cluster does not have"
            hint = "; rollouts.transfer: nccl can use several" if together else ""
            raise InputError(
                f"{where} {sum(one.cpus for one in actors)} cores and {sum(one.gpus for one in actors)} GPUs free "
                f"for {placement.describe()}, waited {timeout_s:g} s{hint}"
            )
        placed = [
            replace(one, scheduling=PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=index))
            for index, one in enumerate(actors)
        ]
        workers = len(placement.workers)
        yield Placement(tuple(placed[:workers]), tuple(placed[workers:]))
    finally:
        remove_placement_group(group)


def _resources(cores: tuple[int, ...]) -> Resources:
    total = ray.cluster_resources()
    gpus = int(total.get("GPU", 0))
    return Resources(int(total.get("CPU", 0)), gpus, () if gpus else cores)
