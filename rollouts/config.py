"""The recipe's sections for problems, rollouts and the buffer. Importing this imports no framework."""

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from base_training.config import Section
from base_training.text.question_templates import question_template


class SourceSection(Section):
    """Where problems come from: `sums` and other generators, `reasoning_gym`, `jsonl`, or `hub`."""

    kind: str = Field(description="A registered problem source.")
    settings: dict[str, Any] = Field(default_factory=dict, description="The source's own settings.")


class DomainSection(Section):
    """One source of a mix. What it does not say is as for all of them."""

    domain: str = Field(min_length=1, description="What its problems are reported under, and scored by.")
    source: SourceSection
    weight: float = Field(1.0, gt=0, description="Its share of the training groups, against the others' weights.")
    template: str | None = Field(None, description="As for all problems.")
    held_out: int | None = Field(None, ge=1, description="Its share of all that are held out by default.")
    count: int | None = Field(None, ge=1, description="Problems to train on; all the others by default.")

    @field_validator("template")
    @classmethod
    def _resolved(cls, template: str | None) -> str | None:
        return None if template is None else question_template(template)


class DecontaminationSection(Section):
    """Training problems that an evaluation asks too leave the run before it starts.

    One leaves where it is an evaluation's question, whatever the case and spacing; and, where the evaluation is a
    data set, also where its words are the same, or at least `overlap` of its n-grams stand in one question there.
    N-grams that more than one in a hundred training problems share are the wording of the task and do not count.
    """

    ngram: int = Field(8, ge=2, description="Words of an n-gram.")
    overlap: float = Field(0.5, gt=0, le=1, description="The share of a problem's n-grams from which it leaves.")
    against: tuple[SourceSection, ...] = Field(
        (), description="Evaluation sets beside the held-out problems, as sources."
    )


class ProblemsSection(Section):
    """What a run trains on, and what it holds out for evaluation; the two never share a problem."""

    source: SourceSection | None = Field(None, description="Where they come from; or give a mix.")
    mix: tuple[DomainSection, ...] = Field((), description="Several sources, each with its domain.")
    template: str = Field(
        "{question}", description="The text put around a question, with {question} in it; or a template's name."
    )
    chat: bool = Field(True, description="Through the model's chat template (true), or as plain text (false).")
    domain: str = Field("math", min_length=1, description="What a single source is reported under.")
    held_out: int = Field(256, ge=1, description="Problems kept apart for evaluation, in all.")
    split_seed: int = Field(0, ge=0, description="Decides which; apart from the run's seed, so that runs compare.")
    count: int | None = Field(None, ge=1, description="Problems to train on; all the others by default.")
    epochs: int | None = Field(None, ge=1, description="Passes over them before the run ends; endless by default.")
    max_prompt_tokens: int | None = Field(
        None, ge=1, description="Problems with longer prompts are left out; they end the run by default."
    )
    retire_at: float | None = Field(
        0.875,
        gt=0,
        le=1,
        description="A problem that this share of a group solved is not asked again; null asks all for ever.",
    )
    decontaminate: DecontaminationSection | None = Field(
        DecontaminationSection(), description="What training may not share with evaluations; null: anything."
    )

    @field_validator("template")
    @classmethod
    def _resolved(cls, template: str) -> str:
        return question_template(template)

    @model_validator(mode="after")
    def _one_source_or_a_mix(self) -> Self:
        if (self.source is None) == (not self.mix):
            raise ValueError("give one source, or a mix of several")
        if self.mix and self.count is not None:
            raise ValueError("count belongs to the parts of a mix")
        return self

    @property
    def parts(self) -> tuple[DomainSection, ...]:
        """Each source with all that holds for it; one for a recipe without a mix."""
        if self.source is not None:
            return (
                DomainSection(
                    domain=self.domain,
                    source=self.source,
                    template=self.template,
                    held_out=self.held_out,
                    count=self.count,
                ),
            )
        weights = sum(part.weight for part in self.mix)
        return tuple(
            part.model_copy(
                update={
                    "template": part.template or self.template,
                    "held_out": part.held_out or max(1, round(self.held_out * part.weight / weights)),
                }
            )
            for part in self.mix
        )


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
