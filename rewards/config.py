"""The recipe's section for verifiers. Importing this imports no framework."""

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Convention = Literal["native", "verl", "trl", "openrlhf", "open_instruct", "reasoning_gym", "http"]


class VerifierSection(BaseModel):
    """Which verifier scores a run's samples, with its settings. A plain string stands for ``{name: ...}``, and a
    list for a composite whose parts weigh the same."""

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


class PartSection(VerifierSection):
    """One part of a composite verifier; limits that it does not name are those of the whole."""

    name: str = Field(validation_alias=AliasChoices("name", "verifier"), description="As in a verifier's section.")
    weight: float | None = Field(
        None, allow_inf_nan=False, description="1 by default, and 0 for a gate, which then only opens or shuts."
    )
    gate: bool = Field(False, description="Whether all parts after it score 0 where it fails.")
    threshold: float = Field(1.0, allow_inf_nan=False, description="The score from which a gate is passed.")
    called: str | None = Field(
        None, min_length=1, description="The name it is reported under; its own by default."
    )
    label: Any = Field(None, description="Its label for every problem; the problem's own by default.")
    column: str | None = Field(None, description="The problem's column that holds its label.")
    inside: str | None = Field(
        None,
        pattern=r"^[A-Za-z][\w.-]{0,63}$",
        description="The tag, such as `answer`, whose content is the answer that it sees; all of it by default.",
    )

    @model_validator(mode="after")
    def _one_label(self) -> Self:
        if self.has_label and self.column is not None:
            raise ValueError("give label or column, not both")
        return self

    @property
    def has_label(self) -> bool:
        """Whether it has a label of its own."""
        return "label" in self.model_fields_set

    @property
    def share(self) -> float:
        """Its weight."""
        return (0.0 if self.gate else 1.0) if self.weight is None else self.weight


def _resolved(value: object) -> object:
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, list):
        if not value or not all(isinstance(part, str | dict) for part in value):
            raise ValueError("a list of verifiers holds at least one, each a name or {name, settings, ...}")
        return {"name": "composite", "settings": {"parts": value}}
    return value


VerifierField = Annotated[VerifierSection, BeforeValidator(_resolved)]


class VerifiersSection(VerifierSection):
    """The verifier of a run, or one for each domain of its problems."""

    name: str = Field("", description="As in a verifier's section; empty where there is one for each domain.")
    by_domain: dict[str, VerifierField] = Field(
        default_factory=dict, description="Verifiers by domain, or by the name that a problem's own row gives."
    )

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if bool(self.name) == bool(self.by_domain):
            raise ValueError("give one verifier, or by_domain with one for each domain")
        return self

    @property
    def by_name(self) -> dict[str, VerifierSection]:
        """Each verifier by the name that problems know it by."""
        return dict(self.by_domain) or {self.name: self}


VerifiersField = Annotated[VerifiersSection, BeforeValidator(_resolved)]
