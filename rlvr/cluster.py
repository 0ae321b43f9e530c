"""The Ray cluster of a run: started here, or joined."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray

from base_training.errors import InputError
from rlvr.config import ClusterSection
from rlvr.environment import free_cores


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


def _resources(cores: tuple[int, ...]) -> Resources:
    total = ray.cluster_resources()
    gpus = int(total.get("GPU", 0))
    return Resources(int(total.get("CPU", 0)), gpus, () if gpus else cores)
