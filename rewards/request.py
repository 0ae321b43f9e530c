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
        tokens: How many tokens the model drew for the response, its thinking and stop token included; None where
            that is not known.
    """

    problem: Problem
    response: str
    seed: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class GroupScoreRequest:
    """All responses to one problem, for verifiers that compare them.

    Attributes:
        problem: What was asked, with its label.
        responses: The texts to score, in the order of their samples.
        seeds: One of each sample, or None.
        tokens: How many of each response, or None; empty where none is known.
    """

    problem: Problem
    responses: tuple[str, ...]
    seeds: tuple[int | None, ...]
    tokens: tuple[int | None, ...] = ()

    def samples(self) -> list[ScoreRequest]:
        """The same responses one by one."""
        tokens = self.tokens or (None,) * len(self.responses)
        return [
            ScoreRequest(self.problem, *sample) for sample in zip(self.responses, self.seeds, tokens, strict=True)
        ]
