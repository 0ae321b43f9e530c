"""A suite: fixed problems in a fixed form, with what scores the answers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal, Self

from rewards.config import VerifierSection
from rewards.problem import Problem
from rollouts.config import SamplingSection

Score = Literal["verdict", "choice", "bits_per_byte"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are drawn.

    Attributes:
        temperature: 0 takes the likeliest token each time.
        max_tokens: Longest answer.
        samples: Answers to each problem.
        stop: An answer ends before the first of these. Single ASCII characters end it at once; longer ones are cut
            off afterwards, as when vLLM ends a request for one depends on the clock.
    """

    temperature: float = 0.0
    max_tokens: int = 512
    samples: int = 1
    stop: tuple[str, ...] = ()

    def section(self) -> SamplingSection:
        """The same for the rollout engine; training's own bounds don't hold here."""
        return SamplingSection().model_copy(
            update={
                "temperature": self.temperature,
                "max_tokens": self.max_tokens,
                "samples_per_problem": self.samples,
                "stop": self.stop,
            }
        )


@dataclass(frozen=True, slots=True)
class Suite:
    """What a model is asked, and how its answers are scored.

    Attributes:
        name: Of the suite.
        problems: With few-shot examples in their messages.
        chat: Whether prompts go through the model's chat template, or are plain text.
        sampling: How answers are drawn; likelihoods draw none.
        verifiers: By the name that problems know them by (``Problem.verifier``).
        score: ``verdict`` of a verifier on a generated answer; ``choice``: which of ``metadata["choices"]`` has
            the highest log-likelihood per byte, where the label is the right one's place; ``bits_per_byte`` of the
            label, a text (lower is better).
        metric: What the value is called where answers are right or wrong.
        parts: What the mean over all that verdicts count, such as single instructions, is called; none where it
            has no name.
    """

    name: str
    problems: tuple[Problem, ...]
    chat: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    verifiers: Mapping[str, VerifierSection] = field(default_factory=dict)
    score: Score = "verdict"
    metric: str = "accuracy"
    parts: str = ""

    @property
    def sha256(self) -> str:
        """Of everything that decides the answers and their scores but the model and the seed's draws."""
        digest = hashlib.sha256()
        rows = ([p.id, list(p.messages), p.verifier, p.label, p.domain, dict(p.metadata)] for p in self.problems)
        head = [
            self.name,
            self.chat,
            asdict(self.sampling),
            {name: section.model_dump(mode="json") for name, section in self.verifiers.items()},
            self.score,
            self.metric,
        ]
        for row in (head, *rows):
            digest.update(json.dumps(row, sort_keys=True, ensure_ascii=False, default=repr).encode() + b"\n")
        return digest.hexdigest()

    def limited(self, count: int | None) -> Self:
        """The same with at most ``count`` problems: always the same ones, and those of a smaller count among them.

        They are spread over the suite, whatever it is sorted by, and keep their order.
        """
        if count is None or count >= len(self.problems):
            return self
        ranked = sorted(self.problems, key=lambda p: hashlib.sha256(p.id.encode()).digest())[:count]
        chosen = {problem.id for problem in ranked}
        return replace(self, problems=tuple(p for p in self.problems if p.id in chosen))
