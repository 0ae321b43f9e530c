"""Weight transfer from GPU to GPU by vLLM's own NCCL backend: what both sides agree on, and the learner's side.

The workers' side is in vLLM and selected by ``transfer: nccl``. Rank 0 of the NCCL group is the learner's first
rank; the GPUs of the workers follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class NcclGroup:
    """One learner rank and all GPUs of all workers.

    Attributes:
        address: Of the learner's machine.
        port: A free port there.
        workers: Rollout workers.
        gpus_per_worker: Their tensor parallelism.
    """

    address: str
    port: int
    workers: int
    gpus_per_worker: int = 1

    @property
    def world_size(self) -> int:
        return 1 + self.workers * self.gpus_per_worker

    def worker_init(self, worker: int) -> dict[str, Any]:
        """What `RolloutEngine.connect` is given on a worker."""
        return {
            "master_address": self.address,
            "master_port": self.port,
            "rank_offset": 1 + worker * self.gpus_per_worker,
            "world_size": self.world_size,
            "packed": True,
        }


def weights_source(weights: Sequence[tuple[str, torch.dtype, Sequence[int]]]) -> dict[str, Any]:
    """The ``source`` of a `WeightUpdate`: names, types and shapes in the order in which they will be sent."""
    return {
        "names": [name for name, _, _ in weights],
        "dtype_names": [str(dtype).removeprefix("torch.") for _, dtype, _ in weights],
        "shapes": [list(shape) for _, _, shape in weights],
    }


class NcclSender:
    """The learner's first rank in the group; construct it while the workers connect."""

    def __init__(self, group: NcclGroup) -> None:
        from vllm.distributed.weight_transfer.nccl_common import trainer_init

        self._communicator = trainer_init(
            {"master_address": group.address, "master_port": group.port, "world_size": group.world_size}
        )

    def send(self, weights: Iterable[tuple[str, torch.Tensor]]) -> None:
        """Broadcast full tensors on the GPU, as announced; meanwhile the workers take the update."""
        from vllm.distributed.weight_transfer.packed_tensor import packed_nccl_broadcast_producer

        packed_nccl_broadcast_producer(
            iterator=iter(weights), group=self._communicator, src=0, post_iter_func=lambda one: one[1]
        )
