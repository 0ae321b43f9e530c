"""What an evaluation leaves behind: its measure, and every answer that it rests on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from base_training.errors import InputError
from base_training.run_folder import json_value, write_json

FOLDER = "evaluations"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response to a problem of a suite.

    Attributes:
        problem: The problem's id.
        domain: The problem's domain.
        sample: Position among the responses to the problem, from 0.
        response: What the model said; where likelihoods were asked for, the choice or the text they are of.
        correct: Whether it is right; None where the verdict is invalid or does not tell.
        score: The verdict's score; None where it is invalid.
        reason: The verdict's reason.
        metrics: The verdict's further numbers.
        tokens: Of the response.
        truncated: Whether the token limit cut it off.
    """

    problem: str
    domain: str
    sample: int
    response: str
    correct: bool | None
    score: float | None
    reason: str
    metrics: Mapping[str, float | int | str | bool | None] = field(default_factory=dict)
    tokens: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A suite answered by one model.

    Attributes:
        suite: The suite's name.
        suite_sha256: Of its problems, prompts, verifiers with settings and sampling; it says nothing of the model.
        model: Path or id of what answered; of the model that the run started from where that has no folder of its
            own.
        model_sha256: Of the weights' files; empty where the weights have none.
        step: Training steps done before it, within a run.
        version: Policy version that answered, within a run.
        metric: What ``value`` is, such as ``accuracy``.
        value: None where no verdict told anything.
        ci95: 95% interval of the value.
        n: Answers behind the value.
        seconds: Wall clock of answering.
        metrics: Further measures, such as ``pass@8``, ``accuracy/algebra`` or ``tokens/mean``.
        answers: In the order of problems and samples.
    """

    suite: str
    suite_sha256: str
    model: str
    model_sha256: str
    step: int | None
    version: int | None
    metric: str
    value: float | None
    ci95: tuple[float, float] | None
    n: int
    seconds: float
    metrics: Mapping[str, float | None]
    answers: tuple[Answer, ...]


_EVALUATION = TypeAdapter(Evaluation)


def evaluation_path(run: Path, suite: str, step: int) -> Path:
    """Where a run keeps an evaluation, such as ``evaluations/held_out-000012.json``."""
    return run / FOLDER / f"{file_name(suite)}-{step:06d}.json"


def file_name(suite: str) -> str:
    """A suite's name as a part of a file's name."""
    return suite.replace("/", ".")


def write_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Write an evaluation as JSON, all or nothing.

    Raises:
        InputError: The disk is full or the folder cannot be written.
    """
    write_json(path, json_value(asdict(evaluation)))


def read_evaluation(path: Path) -> Evaluation:
    """
    Raises:
        InputError: The file is missing, half-written, or no evaluation.
    """
    try:
        return _EVALUATION.validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{path} is no evaluation, or only a part of one: {where + ': ' if where else ''}{first['msg']}. "
            "Remove it, and `rlvr eval` makes it again."
        ) from error


def evaluations_of(run: Path) -> list[Evaluation]:
    """All evaluations of a run, in the order of suite and step.

    Raises:
        InputError: One of the files is none.
    """
    found = [read_evaluation(path) for path in sorted((run / FOLDER).glob("*.json"))]
    return sorted(found, key=lambda one: (one.suite, one.suite_sha256, -1 if one.step is None else one.step))
