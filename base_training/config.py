"""The recipe's sections for models, data and base stages. Importing this imports no framework."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator


class Section(BaseModel):
    """A part of a recipe: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class ModelSection(Section):
    """Where a policy starts from. Exactly one of ``name`` and ``base`` is given.

    A plain string stands for ``{name: ...}``.
    """

    name: str | None = Field(
        None,
        description="A preset such as olmo3-nano (random weights), a fetched model such as smollm2-135m, "
        "a local Hugging Face folder, or a hub id.",
    )
    base: str | None = Field(
        None,
        description="A pretraining recipe, by path or by name; its model is made when missing and reused after.",
    )
    dtype: Literal["float32", "bfloat16"] = "float32"


def _model_from_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


ModelField = Annotated[ModelSection, BeforeValidator(_model_from_name)]


class OptimizerSection(Section):
    """AdamW with warm-up, a schedule and gradient clipping."""

    lr: float = Field(1e-6, gt=0)
    betas: tuple[float, float] = (0.9, 0.95)
    eps: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    max_grad_norm: float = Field(1.0, gt=0)
    warmup_steps: int = Field(0, ge=0)
    schedule: Literal["constant", "cosine", "linear"] = "constant"
    min_lr_ratio: float = Field(0.0, ge=0, le=1, description="The last learning rate as a share of the peak.")


class EngineSection(Section):
    """How DeepSpeed spreads a model over ranks."""

    ranks: int = Field(1, ge=1)
    zero_stage: Literal[0, 1, 2, 3] = 0
    threads: int = Field(1, ge=1, description="CPU threads of each rank.")
    gradient_checkpointing: bool = False


class DataSection(Section):
    """The corpus of a base stage: generated documents mixed with local text."""

    generator: str | None = Field(None, description="A registered corpus generator, such as arithmetic.")
    settings: dict[str, object] = Field(default_factory=dict, description="The generator's own settings.")
    text: tuple[str, ...] = Field(
        (),
        description="Files or folders of plain text to mix in; stdlib is the running Python's standard library.",
    )
    text_share: float = Field(0.0, ge=0, lt=1, description="The share of characters that comes from the text.")
    text_characters: int = Field(1024, ge=1, description="Longest document that is cut from the text.")


class StageSection(Section):
    """A base training stage."""

    kind: Literal["pretrain"] = "pretrain"
    steps: int = Field(gt=0)
    batch_sequences: int = Field(8, ge=1)
    sequence_length: int = Field(128, ge=8)
    z_loss: float = Field(1e-5, ge=0)
    optimizer: OptimizerSection = OptimizerSection(lr=2e-3, schedule="cosine", warmup_steps=20, weight_decay=0.1)
    engine: EngineSection = EngineSection()
    init_std: float = Field(0.02, gt=0, description="Standard deviation of a preset's random matrices.")
    embedding_init_std: float = Field(
        0.02,
        gt=0,
        description="Standard deviation of a preset's random token embeddings. Olmo 3 normalises what each layer "
        "adds, so that small embeddings are drowned: 1.0 makes a tiny model learn several times faster.",
    )
    vocabulary: Literal["character", "byte_bpe"] = "character"
    vocabulary_size: int = Field(512, ge=64)
    log_every: int = Field(20, ge=1)
    held_out_sequences: int = Field(64, ge=1, description="Sequences that the held-out loss is measured on.")

    @field_validator("engine")
    @classmethod
    def _has_one_rank(cls, engine: EngineSection) -> EngineSection:
        if engine.ranks != 1:
            raise ValueError(f"a base stage runs on one rank, not on {engine.ranks}")
        return engine
