"""The reading side of weight transfer through shared memory: what vLLM's worker process adds to itself.

vLLM imports this module in its worker because ``worker_extension_cls`` names a class in it. That registers a
weight-transfer engine and a model loader under the name `BACKEND`.

On the CPU vLLM repacks the weights of linear layers for oneDNN and drops the originals, so that new weights can
only come in by building every layer anew: 0.6 to 0.9 s for 135M parameters in float32. The loader keeps the
originals; an update then copies into them in place and repacks, which takes half of that. It costs the memory of
one more copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from safetensors import safe_open
from vllm.config import ModelConfig, VllmConfig
from vllm.config.load import LoadConfig
from vllm.distributed.weight_transfer import WeightTransferEngineFactory
from vllm.distributed.weight_transfer.base import (
    WeightTransferEngine,
    WeightTransferInitInfo,
    WeightTransferUpdateInfo,
)
from vllm.model_executor.layers.linear import LinearBase, UnquantizedLinearMethod
from vllm.model_executor.layers.utils import dispatch_cpu_unquantized_gemm
from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead, UnquantizedEmbeddingMethod
from vllm.model_executor.model_loader import DefaultModelLoader, register_model_loader
from vllm.model_executor.model_loader.reload import finalize_layerwise_reload, initialize_layerwise_reload
from vllm.platforms import current_platform

BACKEND = "shared_memory"


@dataclass
class SharedMemoryInit(WeightTransferInitInfo):
    """There is nothing to agree on before the first update."""


@dataclass
class SharedMemoryUpdate(WeightTransferUpdateInfo):
    """Where one update lies.

    Attributes:
        path: A complete safetensors file with all weights under their Hugging Face names.
    """

    path: str


class SharedMemoryEngine(WeightTransferEngine[SharedMemoryInit, SharedMemoryUpdate]):
    """Loads each update from a mapped safetensors file, by vLLM's own loading of checkpoints."""

    init_info_cls = SharedMemoryInit
    update_info_cls = SharedMemoryUpdate

    def init_transfer_engine(self, init_info: SharedMemoryInit) -> None:
        pass

    def start_weight_update(self) -> None:
        if not current_platform.is_cpu():
            initialize_layerwise_reload(self.model)

    def receive_weights(self, update_info: SharedMemoryUpdate) -> None:
        model: Any = self.model
        model.load_weights(mapped_weights(update_info.path))

    def finish_weight_update(self) -> None:
        if current_platform.is_cpu():
            pack_linear_layers(self.model)
        else:
            finalize_layerwise_reload(self.model, self.model_config)

    def shutdown(self) -> None:
        pass


class KeepingModelLoader(DefaultModelLoader):
    """Loads a model as vLLM does, and keeps the weights of linear layers beside their packed form."""

    def __init__(self, load_config: LoadConfig) -> None:
        super().__init__(replace(load_config, load_format="auto"))

    def load_model(self, vllm_config: VllmConfig, model_config: ModelConfig, prefix: str = "") -> torch.nn.Module:
        model = super().load_model(vllm_config, model_config, prefix)
        pack_linear_layers(model)
        return model

    def load_weights(self, model: torch.nn.Module, model_config: ModelConfig) -> None:
        for layer in model.modules():
            if isinstance(layer, LinearBase) and type(layer.quant_method) is UnquantizedLinearMethod:
                vars(layer)["_cpu_skip_gemm_dispatch"] = True  # vLLM's own switch against packing and dropping
        super().load_weights(model, model_config)


class SharedMemoryExtension:
    """Adds nothing to vLLM's worker: naming it is how vLLM comes to import this module."""


def pack_linear_layers(model: torch.nn.Module) -> None:
    """Pack the present weights of all unquantized linear layers, the language-model head among them."""
    methods = (UnquantizedLinearMethod, UnquantizedEmbeddingMethod)
    for layer in model.modules():
        if isinstance(layer, (LinearBase, ParallelLMHead)) and type(layer.quant_method) in methods:
            dispatch_cpu_unquantized_gemm(layer, remove_weight=False)


def mapped_weights(path: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield a safetensors file's tensors, views of the mapped file, in the order in which they were written."""
    with safe_open(path, framework="pt", device="cpu") as file:
        for name in file.offset_keys():
            yield name, file.get_tensor(name)


WeightTransferEngineFactory.register_engine(BACKEND, SharedMemoryEngine)
register_model_loader(BACKEND)(KeepingModelLoader)
