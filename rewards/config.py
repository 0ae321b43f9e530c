"""The recipe's section for verifiers. Importing this imports no framework."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Convention = Literal["native", "verl", "trl", "openrlhf", "open_instruct", "reasoning_gym", "http"]


class VerifierSection(BaseModel):
    """Which verifier scores a run's samples, with its settings. A plain string stands for ``{name: ...}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        description="A registered name, or `path/to/file.py:function`, or `package.module:function`; for the "
        "convention `http`, an address."
    )
    convention: Convention = Field(
        "native", description="How its function is called: as rlvr's own, or as another system calls it."
    )
    scope: Literal["sample", "group"] | None = Field(
        None,
        description="Whether a function of another convention that takes lists gets one sample or all of a "
        "problem; verifiers of our own declare theirs.",
    )
    settings: dict[str, Any] = Field(default_factory=dict, description="Keyword arguments of the verifier.")
    timeout_s: float = Field(
        5.0,
        gt=0,
        description="Wall clock of one verdict, n times that for n of a group; its process is killed after it.",
    )
    memory_mb: int = Field(
        1024, ge=64, description="Memory one verdict may take in its process, in MiB, beside what is loaded."
    )
    workers: int = Field(1, ge=1, description="Processes that verify side by side.")
    max_invalid_share: float = Field(
        0.5, gt=0, le=1, description="A run stops when more than this share of a step's verdicts is invalid."
    )


def _verifier_from_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


VerifierField = Annotated[VerifierSection, BeforeValidator(_verifier_from_name)]
