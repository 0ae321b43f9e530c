"""The recipe's sections for the algorithm and the learner. Importing this imports no framework."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from base_training.config import EngineSection, OptimizerSection, Section
from rewards.config import VerifiersField
from rlvr.algorithms import check_name


class AlgorithmSection(Section):
    """GRPO with Olmo 3's settings: no KL term, no division by the standard deviation, token-level normalisation,
    clip-higher, truncated importance sampling."""

    advantage: str = Field("group_mean", description="group_mean, grpo, rloo, score, or a module:function.")
    loss: str = Field("clip", description="clip, gspo, cispo, policy_gradient, or a module:function.")
    clip_low: float = Field(0.2, gt=0, description="The ratio's lower bound is 1 minus this.")
    clip_high: float = Field(0.272, gt=0, description="The ratio's upper bound is 1 plus this.")
    importance: str = Field(
        "truncated",
        description="How the sampler's difference from the learner is weighed: none, truncated, icepop, "
        "sequence_mask, or a module:function.",
    )
    importance_cap: float = Field(2.0, gt=0, description="Largest importance weight.")
    importance_floor: float = Field(0.5, ge=0, description="Smallest one that icepop and sequence_mask keep.")
    normalisation: str = Field(
        "token",
        description="What a token's loss is divided by: token (loss tokens of the batch), sequence (those of its "
        "sample, times samples), constant (samples times the token limit), or a module:function.",
    )
    kl_coefficient: float = Field(0.0, ge=0, description="Weight of KL(policy ‖ starting model), estimated by k3.")
    mask_truncated: bool = Field(
        False,
        description="Responses cut off by the token limit leave the loss; their scores stay in the baseline.",
    )

    @field_validator("advantage", "loss", "importance", "normalisation")
    @classmethod
    def _known(cls, name: str, info: ValidationInfo) -> str:
        return check_name(info.field_name, name)  # type: ignore[arg-type]


class LearnerSection(Section):
    """The DeepSpeed ranks that train the policy."""

    steps: int = Field(ge=0, description="Training steps of the run, one batch of groups each.")
    optimizer: OptimizerSection = OptimizerSection(lr=1e-6)
    engine: EngineSection = EngineSection()
    row_tokens: int = Field(512, ge=16, description="Tokens of a packed row, one micro-batch.")
    epochs: int = Field(1, ge=1, description="Passes over each batch.")
    mini_batches: int = Field(1, ge=1, description="Optimizer steps in each pass.")
    attention: Literal["sdpa", "flex_attention"] = Field(
        "sdpa", description="sdpa holds a mask of row_tokens² numbers; flex_attention (GPU) suits long rows."
    )
    checkpoint_every: int = Field(50, ge=0, description="Steps between checkpoints; 0 keeps only the last one.")
    keep_checkpoints: int | None = Field(
        None, ge=1, description="Older ones are deleted; all are kept by default."
    )
    timeout_s: float = Field(600.0, gt=0, description="Longest wait for any answer of a rank.")


class EvaluationSection(Section):
    """Accuracy on the held-out problems, at the start, during the run, and at the end."""

    verifier: VerifiersField | None = Field(None, description="Scores the answers; the run's own by default.")
    every: int = Field(0, ge=0, description="Steps between evaluations; 0 is only at the start and at the end.")
    at_start: bool = True
    temperature: float = Field(1.0, ge=0)
    max_tokens: int | None = Field(None, ge=1, description="As in training by default.")
    samples_per_problem: int = Field(1, ge=1)


class StopSection(Section):
    """What ends a run before its last step; the summary's status says which of them did."""

    held_out: float | None = Field(
        None, gt=0, le=1, description="A held-out accuracy of at least this ends it (target_reached)."
    )
    patience: int | None = Field(
        None, ge=1, description="So many evaluations in a row without a new best end it (no_improvement)."
    )
    min_gain: float = Field(0.0, ge=0, description="What an evaluation must be better by to be a new best.")
    wall_s: float | None = Field(
        None, gt=0, description="Seconds after which no step begins, over all sittings (time_limit)."
    )


class ClusterSection(Section):
    """The Ray cluster."""

    address: str = Field("local", description="local starts one here, auto joins the one here, HOST:PORT another.")
    pin_cores: bool = Field(True, description="Each process on a core of its own, on one machine without GPUs.")
    object_store_mib: int = Field(256, ge=80, description="Ray's object store when a local cluster is started.")


class TrackingSection(Section):
    """Where metrics go beside metrics.jsonl."""

    tensorboard: bool = True
    wandb: bool = False
    project: str = Field("rlvr", description="The Weights & Biases project.")


class JudgeSection(Section):
    """A chat model that the run serves itself, beside its workers: verifiers `judge` without a base_url ask it."""

    model: str = Field(description="A fetched model such as smollm2-135m, a Hugging Face folder, or a hub id.")
    dtype: Literal["float32", "bfloat16"] = "float32"
    max_running: int = Field(16, ge=1, description="Requests that run at once.")
    max_model_tokens: int = Field(2048, ge=16, description="Longest prompt and reply together, in tokens.")
    kv_cache_gib: int = Field(1, ge=1, description="KV cache on the CPU, in GiB.")
