"""A suite of one's own: a YAML file that names problems, a form, a verifier and how answers are drawn."""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from base_training.config import Section
from base_training.errors import InputError
from rewards.config import VerifierField, VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Score, Suite
from rlvr.evaluation.suites.prompts import Form, said
from rlvr.recipe import read_yaml
from rlvr.recipe_errors import explain
from rollouts.config import SourceSection
from rollouts.problems.question import Question
from rollouts.problems.registry import read_questions


class ExampleSection(Section):
    """One few-shot example."""

    question: str
    answer: str


class OwnSampling(Section):
    """How answers are drawn."""

    temperature: float = Field(0.0, ge=0)
    max_tokens: int = Field(512, ge=1)
    samples: int = Field(1, ge=1, description="Answers to each problem.")
    stop: tuple[str, ...] = ()


class OwnSuite(Section):
    """A suite's file."""

    name: str = Field(min_length=1, pattern=r"^\w[\w.@+-]*(/\w[\w.@+-]*)?$")
    source: SourceSection = Field(description="As in a recipe's problems.")
    score: Score = "verdict"
    verifier: VerifierField | None = Field(None, description="Scores answers; the score verdict needs one.")
    choices: str | None = Field(None, description="The score choice: the column that holds the choices' texts.")
    template: str = Field("{question}", description="The text put around a question.")
    lead: str = Field("", description="In plain text, stands before a question.")
    cue: str = Field("", description="In plain text, stands below a question; answers are written to it.")
    gap: str = Field(" ", description="Stands between a cue and its answer.")
    examples: tuple[ExampleSection, ...] = Field((), description="Asked and answered before every question.")
    chat: bool | None = Field(None, description="Through the model's chat template; where it has one by default.")
    domain: str = "own"
    sampling: OwnSampling = OwnSampling()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if "{question}" not in self.template:
            raise ValueError("the template must hold {question}")
        if (self.score == "verdict") != (self.verifier is not None):
            raise ValueError("give a verifier where the score is verdict, and only there")
        if (self.score == "choice") != (self.choices is not None):
            raise ValueError("give choices, a column, where the score is choice, and only there")
        return self


def read_suite(path: Path, chat: bool) -> Suite:
    """Read a suite's file; relative files in it lie beside it.

    Args:
        path: The file.
        chat: Whether the model takes conversations, where the file does not say.

    Raises:
        InputError: The file, or its problems, cannot be used.
    """
    if not path.is_file():
        raise InputError(f"there is no suite file {path}")
    content = read_yaml(path)
    try:
        section = OwnSuite.model_validate(content)
    except ValidationError as error:
        raise InputError(explain(error, OwnSuite, str(path))) from error
    questions = read_questions(section.source, path.parent)
    chat = (chat if section.chat is None else section.chat) and section.score == "verdict"
    form = Form(
        lead=section.lead,
        cue=section.cue,
        gap=section.gap,
        examples=[(section.template.replace("{question}", e.question), e.answer) for e in section.examples],
    )
    verifiers = {section.verifier.name: _beside(path, section.verifier)} if section.verifier else {}
    return Suite(
        name=section.name,
        problems=tuple(_problem(path, section, form, question, chat) for question in questions),
        chat=chat,
        sampling=Sampling(**section.sampling.model_dump()),
        verifiers=verifiers,
        score=section.score,
    )


def _problem(path: Path, section: OwnSuite, form: Form, question: Question, chat: bool) -> Problem:
    text = section.template.replace("{question}", question.text)
    plain = not (chat or form.examples or form.cue or form.lead)
    messages = (said(text),) if plain else form.messages(text, chat)
    metadata = dict(question.metadata)
    label: Any = question.label
    if section.score == "choice":
        choices = metadata.get(str(section.choices))
        if not isinstance(choices, list) or len(choices) < 2 or not all(isinstance(one, str) for one in choices):
            raise InputError(
                f"{path}: problem {question.id} has no list of texts in the column {section.choices!r}; "
                "name the column in the source's metadata too"
            )
        if label in choices:
            label = choices.index(label)
        if not isinstance(label, int) or not 0 <= label < len(choices):
            raise InputError(f"{path}: problem {question.id}: the label {label!r} is none of its choices")
        metadata["choices"] = [f"{section.gap}{one}" for one in choices]
    elif section.score == "bits_per_byte":
        label = f"{section.gap}{label}"
    verifier = section.verifier.name if section.verifier else ""
    return Problem(question.id, messages, verifier, label, section.domain, metadata)


def _beside(path: Path, section: VerifierSection) -> VerifierSection:
    """A verifier in a file beside the suite's, by its absolute path."""
    file, colon, name = section.name.rpartition(":")
    beside = (path.parent / file).resolve()
    if not file.endswith(".py") or not beside.is_file():
        return section
    return section.model_copy(update={"name": f"{beside}{colon}{name}"})
