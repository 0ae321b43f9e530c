"""What can be chosen about an evaluation, and what is told of it as it goes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from base_training.errors import InputError
from rlvr.evaluation.record import Evaluation
from rlvr.evaluation.suite import Sampling


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """How suites are answered.

    Attributes:
        limit: At most so many problems of each suite, always the same ones; all by default.
        samples: Answers to each problem; the suite's own number by default.
        temperature: Of the draws; the suite's own by default.
        max_tokens: Longest answer; the suite's own by default.
        chat: Through the model's chat template, or as plain text; by default the former where it has one.
        data: The folder that data sets are looked for in first; by default the one that RLVR_DATA names.
        workers: vLLM workers side by side; by default one on each GPU, or on each core but one.
        dtype: ``float32`` or ``bfloat16``.
        fresh: Answer again what was answered before.
    """

    limit: int | None = None
    samples: int | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    chat: bool | None = None
    data: Path | None = None
    workers: int | None = None
    dtype: str = "float32"
    fresh: bool = False

    def sampling(self, suite: str, given: Sampling) -> Sampling:
        """A suite's own with what was chosen in its place.

        Raises:
            InputError: Several answers to each problem at temperature 0, where all of them are the same.
        """
        chosen: dict[str, Any] = {
            name: value
            for name, value in (
                ("samples", self.samples),
                ("temperature", self.temperature),
                ("max_tokens", self.max_tokens),
            )
            if value is not None
        }
        sampling = replace(given, **chosen)
        if sampling.samples > 1 and sampling.temperature == 0:
            raise InputError(
                f"suite {suite}: {sampling.samples} answers to each problem at temperature 0 are all the same; "
                "give --temperature too, such as 0.8"
            )
        return sampling


class Watcher:
    """Is told how an evaluation goes. This one says nothing."""

    def status(self, text: str) -> None:
        """What is done from now on, as a short phrase."""

    def answered(self, suite: str, done: int, total: int) -> None:
        """How many of a suite's answers are there; told about every second."""

    def evaluated(self, evaluation: Evaluation, cached: bool) -> None:
        """A suite is answered, or was before."""
