"""How the learner's weights reach the rollout workers, chosen by name in the recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Transfer:
    """What vLLM needs to be told for one way of transfer.

    Attributes:
        backend: The name of vLLM's weight-transfer engine.
        worker_extension: A class whose module vLLM imports in its workers, where the engine is our own.
        cpu_load_format: The model loader to use on the CPU, where updates need one of our own.
    """

    backend: str
    worker_extension: str | None = None
    cpu_load_format: str = "auto"


TRANSFERS: Mapping[str, Transfer] = MappingProxyType(
    {
        "shared_memory": Transfer(
            "shared_memory",
            worker_extension="rollouts.transfer.shared_memory_engine.SharedMemoryExtension",
            cpu_load_format="shared_memory",
        ),
        "nccl": Transfer("nccl"),
    }
)
"""Each way of transfer by its name in the recipe. A new one is a line here and a vLLM weight-transfer engine."""
