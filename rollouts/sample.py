"""The records that cross from rollout workers to the learner and the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rewards.problem import Problem
from rewards.verdict import Verdict

FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class GroupRequest:
    """Asks a worker for all samples of one problem.

    Attributes:
        group_id: Admission number within the run, from 0; it never repeats.
        attempt: 0 at first, one more each time the problem is issued again.
        problem: What is asked.
        prompt_ids: The tokenized prompt, int32 of shape [P].
        seeds: One per sample.
    """

    group_id: int
    attempt: int
    problem: Problem
    prompt_ids: np.ndarray
    seeds: tuple[int, ...]

    @property
    def size(self) -> int:
        """Samples that it asks for."""
        return len(self.seeds)


@dataclass(frozen=True, slots=True)
class Sample:
    """One response to a problem, token by token.

    Attributes:
        index: Position within its group, from 0.
        seed: The request's own seed.
        token_ids: The response, int32 of shape [T]; a stop token counts as its last one.
        logprobs: Behaviour log-probs μ of the tokens at the sampling temperature, float32 of shape [T], in nats.
        versions: Policy version that sampled each token, int32 of shape [T].
        loss_mask: Which tokens the policy itself sampled, bool of shape [T].
        text: The response as text, special tokens left out.
        finish_reason: ``"length"`` where the token limit cut it off.
        started_s: When the request was handed to the engine, seconds since the epoch.
        finished_s: When its last token came, seconds since the epoch.
        worker: Index of the worker that made it.
        verdict: What the verifier said.
    """

    index: int
    seed: int
    token_ids: np.ndarray
    logprobs: np.ndarray
    versions: np.ndarray
    loss_mask: np.ndarray
    text: str
    finish_reason: FinishReason
    started_s: float
    finished_s: float
    worker: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """All samples of one problem, in the order of their index."""

    group_id: int
    attempt: int
    problem: Problem
    prompt_ids: np.ndarray
    samples: tuple[Sample, ...]

    @property
    def valid_scores(self) -> np.ndarray:
        """Scores of the samples whose verdict is valid, float64 of shape [≤ n]."""
        return np.array([s.verdict.score for s in self.samples if s.verdict.valid], dtype=np.float64)

    @property
    def solved_share(self) -> float:
        """The share of all samples that a valid verdict calls correct; 0 where verdicts do not tell."""
        solved = sum(s.verdict.valid and bool(s.verdict.correct) for s in self.samples)
        return solved / len(self.samples)

    @property
    def has_signal(self) -> bool:
        """Whether at least two valid scores differ, so that a group baseline leaves something to learn."""
        scores = self.valid_scores
        return len(scores) >= 2 and bool(np.any(scores != scores[0]))


@dataclass(frozen=True, slots=True)
class WeightUpdate:
    """Names one publication of the learner's weights.

    Attributes:
        version: The policy version that the weights make, from 1; version 0 is the model the run started from.
        source: What the transfer backend needs to find them, such as the path of a file in shared memory.
    """

    version: int
    source: Mapping[str, object]
