"""From the recipe's section to vLLM's engine arguments."""

from difflib import get_close_matches
from typing import Any

from vllm.config.weight_transfer import WeightTransferConfig
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.platforms import current_platform

from base_training.errors import InputError
from rollouts.config import RolloutsSection
from rollouts.transfer import TRANSFERS

CPU_BLOCK_TOKENS = 32
"""The smallest block of KV cache that vLLM's CPU attention runs fast with; small blocks share more of a prompt."""

CPU_BATCH_TOKENS = 2048
"""Tokens that one step of vLLM computes at most, unless a single prompt is longer."""

_OWN_FIELDS = {
    "max_num_seqs": "rollouts.max_running",
    "max_model_len": "rollouts.max_model_tokens",
    "kv_cache_memory_bytes": "rollouts.kv_cache_gib",
    "tensor_parallel_size": "rollouts.tensor_parallel",
    "weight_transfer_config": "rollouts.transfer",
    "worker_extension_cls": "rollouts.transfer",
    "model": "model",
    "dtype": "model.dtype",
}


def engine_arguments(model: str, dtype: str, section: RolloutsSection) -> AsyncEngineArgs:
    """Everything that vLLM is started with.

    Args:
        model: A Hugging Face folder or hub id.
        dtype: ``float32`` or ``bfloat16``.
        section: The recipe's.

    Raises:
        InputError: ``engine_arguments`` holds a name that vLLM does not know, or that the recipe has a field for.
    """
    for name in section.engine_arguments:
        _check_argument(name)
    transfer = TRANSFERS[section.transfer]
    arguments: dict[str, Any] = {
        "model": model,
        "dtype": dtype,
        "max_model_len": section.max_model_tokens,
        "max_num_seqs": section.max_running,
        "tensor_parallel_size": section.tensor_parallel,
        "logprobs_mode": "processed_logprobs",
        "enable_prefix_caching": True,
        "disable_log_stats": True,
        "weight_transfer_config": WeightTransferConfig(backend=transfer.backend),
        "worker_extension_cls": transfer.worker_extension or "",
    }
    if section.tensor_parallel > 1:
        # Within a Ray placement group vLLM would place its processes by Ray; they belong to this actor.
        arguments["distributed_executor_backend"] = "mp"
    if current_platform.is_cpu():
        arguments |= {
            "enforce_eager": True,
            "block_size": CPU_BLOCK_TOKENS,
            # vLLM winds a seeded generator back after a part of a prompt, which generators on the CPU cannot do.
            "enable_chunked_prefill": False,
            "max_num_batched_tokens": max(CPU_BATCH_TOKENS, section.max_model_tokens),
            "kv_cache_memory_bytes": section.kv_cache_gib * 2**30,
            "load_format": transfer.cpu_load_format,
        }
    return AsyncEngineArgs(**{**arguments, **section.engine_arguments})


def _check_argument(name: str) -> None:
    if name in _OWN_FIELDS:
        raise InputError(f"rollouts.engine_arguments.{name} is set by {_OWN_FIELDS[name]}: set that instead")
    known = AsyncEngineArgs.__dataclass_fields__
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"rollouts.engine_arguments.{name} is no engine argument of vLLM{hint}")
