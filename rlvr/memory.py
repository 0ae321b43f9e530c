"""How much memory a recipe takes on each GPU, worked out from the model's dimensions.

Sizes are those of what is known to be kept; what frameworks take beside it is a flat reserve. With P parameters of
b bytes each, a learner rank holds

- weights P·b and gradients P·b; AdamW's two moments and the float32 copy of half-precision weights, 12·P bytes.
  ZeRO stage 1 spreads the optimizer over the ranks, 2 also the gradients, 3 also the weights;
- activations of one packed row: its input to every layer and one whole layer with gradient checkpointing, every
  layer without;
- one buffer of logits for the row (the loss is computed slice by slice, and writes its gradient over the logits);
- DeepSpeed's buckets, and at stage 3 the parameters that it has gathered at a time.

A rollout worker's GPU holds the weights, one step's work, and a KV cache in what is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from base_training.errors import InputError
from base_training.models.size import ModelSize
from rlvr.recipe import Recipe

GIB = 2**30

RESERVE = 3 * GIB // 2
"""CUDA's context, NCCL's buffers, and what the allocator cannot hand out again."""

BUCKET, LIVE, PREFETCHED = 500_000_000, 1_000_000_000, 50_000_000
"""DeepSpeed's defaults, in parameters: a reduction bucket, and what stage 3 keeps gathered and gathers ahead."""

STEP_TOKENS, GPU_SHARE = 8192, 0.92
"""vLLM's defaults: tokens that one step computes, and the share of a GPU's memory that it takes."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Bytes on one GPU of each kind.

    Attributes:
        learner: What a learner rank's GPU holds, by name.
        worker: What a rollout worker's GPU holds, by name, with the KV cache of one longest sequence.
        gpu: Memory of a GPU; None where no size was named.
        share: The share of a worker's GPU that vLLM takes.
    """

    learner: Mapping[str, int]
    worker: Mapping[str, int]
    gpu: int | None
    share: float

    @property
    def sequences(self) -> float | None:
        """How many longest sequences a worker's KV cache holds at once; None where no GPU size was named."""
        if self.gpu is None:
            return None
        one = self.worker["kv_cache_of_one"]
        return (self.share * self.gpu - sum(self.worker.values()) + one) / one

    def describe(self) -> list[str]:
        """Lines for people."""
        lines = [f"a learner GPU: {_sum_of(self.learner)}", f"a rollout worker's GPU: {_sum_of(self.worker)}"]
        if self.sequences is not None:
            lines.append(
                f"of GPUs with {_gib(self.gpu or 0)} GiB, learners use "
                f"{sum(self.learner.values()) / (self.gpu or 1):.0%}; a worker's KV cache holds "
                f"{self.sequences:.1f} sequences of the greatest length"
            )
        return lines

    def as_dict(self) -> dict[str, Any]:
        """JSON values, in bytes."""
        return {
            "learner_gpu_bytes": {**self.learner, "total": sum(self.learner.values())},
            "worker_gpu_bytes": {**self.worker, "total": sum(self.worker.values())},
            "gpu_bytes": self.gpu,
            "kv_cache_sequences": self.sequences,
        }

    def check(self) -> None:
        """Refuse what does not fit the GPU that was named; nothing where none was.

        Raises:
            InputError: The message holds the numbers and what to change.
        """
        if self.gpu is None:
            return
        if sum(self.learner.values()) > self.gpu:
            raise InputError(
                f"a learner GPU needs {_sum_of(self.learner)}, and has {_gib(self.gpu)} GiB: raise "
                "learner.engine.zero_stage or learner.engine.ranks, set learner.engine.gradient_checkpointing, or "
                "lower learner.row_tokens and rollouts.max_model_tokens"
            )
        if sum(self.worker.values()) > self.share * self.gpu:
            raise InputError(
                f"a rollout worker's GPU needs {_sum_of(self.worker)}, and vLLM takes {self.share:.0%} of its "
                f"{_gib(self.gpu)} GiB: raise rollouts.tensor_parallel, or lower rollouts.max_model_tokens and "
                "rollouts.max_running"
            )


def plan_memory(recipe: Recipe, size: ModelSize, gpu_gib: float | None = None) -> MemoryPlan:
    """What a recipe takes on each GPU.

    Args:
        recipe: The run's.
        size: Of its model.
        gpu_gib: Memory of a GPU, in GiB.
    """
    share = float(recipe.rollouts.engine_arguments.get("gpu_memory_utilization", GPU_SHARE))
    gpu = None if gpu_gib is None else round(gpu_gib * GIB)
    return MemoryPlan(_learner(recipe, size), _worker(recipe, size), gpu, share)


def _learner(recipe: Recipe, size: ModelSize) -> dict[str, int]:
    engine, learner = recipe.learner.engine, recipe.learner
    stage, ranks, count = engine.zero_stage, engine.ranks, size.parameters
    half, width = _precision(recipe)
    row = max(learner.row_tokens, recipe.rollouts.max_model_tokens)
    one_layer = row * width * _kept_per_token(size)
    layers = size.layers * row * width * size.width + one_layer
    held = {
        "weights": count * width // (ranks if stage == 3 else 1),
        "gradients": count * (width + (4 if half and stage == 0 else 0)) // (ranks if stage >= 2 else 1),
        "optimizer": count * (8 + (4 if half or stage else 0)) // (ranks if stage else 1),
        "activations": layers if engine.gradient_checkpointing else size.layers * one_layer,
        "logits": row * width * size.vocabulary,
        "buckets": width * _bucket_parameters(stage, ranks, count),
        "reserve": RESERVE,
    }
    if learner.attention == "sdpa":
        held["attention_masks"] = size.layer_kinds * row * row * width
    if recipe.algorithm.kl_coefficient > 0:
        held["reference_model"] = count * width
    return held


def _worker(recipe: Recipe, size: ModelSize) -> dict[str, int]:
    rollouts = recipe.rollouts
    _, width = _precision(recipe)
    gpus = rollouts.tensor_parallel
    step = int(rollouts.engine_arguments.get("max_num_batched_tokens", STEP_TOKENS))
    sampled = 3 * 4 * rollouts.max_running * size.vocabulary  # float32 logits, sorted and as log-probs
    return {
        "weights": size.parameters * width // gpus,
        "step": step * width * _kept_per_token(size) // gpus + sampled,
        "kv_cache_of_one": rollouts.max_model_tokens * 2 * size.layers * size.key_width * width // gpus,
        "reserve": RESERVE,
    }


def _precision(recipe: Recipe) -> tuple[bool, int]:
    """Whether weights are in half precision, and the bytes of one."""
    half = recipe.model.dtype == "bfloat16"
    return half, 2 if half else 4


def _kept_per_token(size: ModelSize) -> int:
    """Numbers that one layer keeps of a token for its backward pass: the residual stream, norms and outputs;
    queries, keys and values before and after their norms and rotation; gate, up and product of the MLP."""
    return 8 * size.width + 3 * size.query_width + 5 * size.key_width + 3 * size.feed_forward


def _bucket_parameters(stage: int, ranks: int, parameters: int) -> int:
    bucket = min(BUCKET, parameters)
    if stage == 3:
        return min(LIVE, parameters) + min(PREFETCHED, parameters) + 2 * bucket
    if stage:
        return 3 * bucket
    return bucket if ranks > 1 else 0


def _sum_of(held: Mapping[str, int]) -> str:
    """Such as ``32.1 GiB (weights 13.6, optimizer 10.2)``."""
    parts = ", ".join(f"{name.replace('_', ' ')} {_gib(size)}" for name, size in held.items())
    return f"{_gib(sum(held.values()))} GiB ({parts})"


def _gib(size: float) -> str:
    return f"{size / GIB:.1f}"
