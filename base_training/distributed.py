"""One rank of a group of training processes, and DeepSpeed's import, which has traps on machines without GPUs."""

import atexit
import os
import warnings
from datetime import timedelta
from types import ModuleType

import torch
import torch.distributed as dist


def import_deepspeed() -> ModuleType:
    """DeepSpeed, set up for the devices that are there."""
    if not torch.cuda.is_available():
        os.environ.setdefault("DS_ACCELERATOR", "cpu")
    # DeepSpeed's own calls, at every step.
    warnings.filterwarnings("ignore", r"`torch\.distributed\.\w+` is deprecated", FutureWarning)
    import deepspeed

    # It would be compiled for minutes, and a build that is killed leaves a lock that hangs the next one.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    return deepspeed


def join_process_group(timeout_s: float) -> tuple[int, int]:
    """Join the group that RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT name; without RANK, be a group of one.

    A process joins once and stays until it ends: DeepSpeed keeps hold of the group.

    Args:
        timeout_s: Longest wait for the other ranks, now and in every collective.

    Returns:
        This process's rank, and how many there are.

    Raises:
        TimeoutError: The other ranks did not come in time.
    """
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    wait = timedelta(seconds=timeout_s)
    # DeepSpeed insists on it; a process that sees one device only has that one.
    os.environ.setdefault("LOCAL_RANK", "0")
    if not dist.is_initialized():
        if "RANK" not in os.environ:
            dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1, timeout=wait)
        else:
            _join(backend, wait)
        atexit.register(dist.destroy_process_group)
    import_deepspeed().init_distributed(dist_backend=backend, auto_mpi_discovery=False, timeout=wait)
    return dist.get_rank(), dist.get_world_size()


def _join(backend: str, wait: timedelta) -> None:
    try:
        dist.init_process_group(backend, timeout=wait)
    except dist.DistStoreError as error:
        names = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
        me = ", ".join(f"{name}={os.environ.get(name)}" for name in names)
        raise TimeoutError(f"waited {wait.total_seconds():g} s for the other learner ranks ({me})") from error
