"""How a learner's ranks hand out the policy's weights: one class for each way of transfer."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from base_training.engine import TrainEngine
from rlvr.publication_folder import PublicationFolder
from rollouts.transfer.nccl import NcclGroup, NcclSender, weights_source
from rollouts.transfer.shared_memory import write_weights


class Publisher(Protocol):
    """Every rank has one, and all are called together: sharded weights are gathered from all of them."""

    def join(self, group: NcclGroup) -> None:
        """Meet the workers, which connect meanwhile."""

    def publish(self, version: int) -> dict[str, Any]:
        """Make the present weights a policy version; gives the ``source`` of its `WeightUpdate`."""

    def send(self) -> None:
        """Bring what was published to workers that are taking it now."""

    def close(self) -> None:
        """Leave nothing behind."""


class SharedMemoryPublisher:
    """Writes files that workers of the same machine read when they like: there is nobody to meet or to send to."""

    def __init__(self, engine: TrainEngine) -> None:
        self._engine = engine
        self._folder = PublicationFolder() if engine.rank == 0 else None

    def join(self, group: NcclGroup) -> None:
        pass

    def publish(self, version: int) -> dict[str, Any]:
        weights = self._engine.gather_weights()
        source = {}
        if self._folder is not None:
            path = self._folder.file(version)
            write_weights(path, weights)
            self._folder.drop_before(version)
            source = {"path": str(path)}
        for _ in weights:
            pass
        return source

    def send(self) -> None:
        pass

    def close(self) -> None:
        if self._folder is not None:
            self._folder.close()


class NcclPublisher:
    """Broadcasts from rank 0's GPU to those of all workers."""

    def __init__(self, engine: TrainEngine) -> None:
        self._engine = engine
        self._sender: NcclSender | None = None

    def join(self, group: NcclGroup) -> None:
        if self._engine.rank == 0:
            self._sender = NcclSender(group)

    def publish(self, version: int) -> dict[str, Any]:
        return weights_source(self._engine.describe_weights())

    def send(self) -> None:
        weights = self._engine.gather_weights()
        if self._sender is not None:
            self._sender.send(weights)
        for _ in weights:
            pass

    def close(self) -> None:
        pass


PUBLISHERS: Mapping[str, Callable[[TrainEngine], Publisher]] = {
    "shared_memory": SharedMemoryPublisher,
    "nccl": NcclPublisher,
}
"""By the name in the recipe, as in ``rollouts.transfer.TRANSFERS``."""
