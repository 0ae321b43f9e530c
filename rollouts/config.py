"""The recipe's sections for problems, rollouts and the buffer. Importing this imports no framework."""

from typing import Any, Literal

from pydantic import Field, field_validator

from base_training.config import Section


class SourceSection(Section):
    """Where problems come from: `sums` and other generators, `jsonl`, or `hub`."""

    kind: str = Field(description="A registered problem source.")
    settings: dict[str, Any] = Field(default_factory=dict, description="The source's own settings.")


class ProblemsSection(Section):
    """What a run trains on, and what it holds out for evaluation; the two never share a problem."""

    source: SourceSection
    template: str = Field("{question}", description="The text put around a question; it must hold {question}.")
    chat: bool = Field(True, description="Through the model's chat template (true), or as plain text (false).")
    domain: str = "math"
    held_out: int = Field(256, ge=1, description="Problems kept apart for evaluation.")
    split_seed: int = Field(0, ge=0, description="Decides which; apart from the run's seed, so that runs compare.")
    count: int | None = Field(None, ge=1, description="Problems to train on; all the others by default.")
    epochs: int | None = Field(None, ge=1, description="Passes over them before the run ends; endless by default.")

    @field_validator("template")
    @classmethod
    def _holds_the_question(cls, template: str) -> str:
        if "{question}" not in template:
            raise ValueError("the template must hold {question}")
        return template


class SamplingSection(Section):
    """How training samples are drawn: the whole distribution, so top-p 1 and top-k off."""

    samples_per_problem: int = Field(8, ge=2)
    max_tokens: int = Field(256, ge=1, description="Longest response, in tokens.")
    temperature: float = Field(1.0, gt=0)
    stop: tuple[str, ...] = ()


class RolloutsSection(Section):
    """The vLLM workers."""

    workers: int = Field(1, ge=1)
    sampling: SamplingSection = SamplingSection()
    max_running: int = Field(64, ge=1, description="Requests that a worker runs at once (vLLM's max_num_seqs).")
    max_model_tokens: int = Field(2048, ge=16, description="Longest prompt and response together, in tokens.")
    kv_on_update: Literal["keep", "recompute"] = Field(
        "keep",
        description="What becomes of the KV cache of requests in flight when weights change: kept (faster), "
        "or recomputed under the new weights (exact).",
    )
    transfer: Literal["shared_memory", "nccl"] = "shared_memory"
    kv_cache_gib: int = Field(1, ge=1, description="KV cache of a worker on the CPU, in GiB.")
    tensor_parallel: int = Field(1, ge=1, description="GPUs of one worker.")
    timeout_s: float = Field(600.0, gt=0, description="Longest wait for one group of samples.")
    engine_arguments: dict[str, Any] = Field(default_factory=dict, description="More of vLLM's AsyncEngineArgs.")


class BufferSection(Section):
    """Admission control between actors and learner."""

    problems_per_step: int = Field(8, ge=1, description="Groups in one training batch.")
    max_staleness: int = Field(1, ge=0, description="0 is synchronous and bitwise reproducible.")
    on_stale: Literal["wait", "mask_tokens", "drop_sample"] = "mask_tokens"
    filter_no_signal: bool = Field(True, description="Groups whose valid scores are all equal leave the batch.")
    refill: float = Field(4.0, ge=1, description="At most this many times problems_per_step groups a step.")
