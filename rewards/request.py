"""What a verifier is asked to score."""

from dataclasses import dataclass

from rewards.problem import Problem


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """One response to one problem.

    Attributes:
        problem: What was asked, with its label.
        response: The text to score.
        seed: The sample's own seed, for verifiers that draw (they ask for it by the parameter name ``seed``).
            The same request always gets the same score.
    """

    problem: Problem
    response: str
    seed: int | None = None
