"""Small groups with exact contents."""

import math
from collections.abc import Sequence

import numpy as np

from rewards.problem import Problem
from rewards.verdict import Verdict
from rollouts.sample import Group, Sample

A_PROBLEM = Problem("1+2", ({"role": "user", "content": "What is 1 + 2?"},), "math", "3", "math")


def build_sample(
    index: int, score: float | None, tokens: int = 3, version: int = 0, finish_reason: str = "stop"
) -> Sample:
    """A sample whose verdict is invalid where the score is None."""
    verdict = (
        Verdict.invalid("dead worker") if score is None else Verdict(float(score), correct=score > 0, reason="x")
    )
    return Sample(
        index=index,
        seed=2**62 + index,
        token_ids=np.arange(tokens, dtype=np.int32) + index,
        logprobs=np.full(tokens, -math.pi, dtype=np.float32) / np.float32(index + 1),
        versions=np.full(tokens, version, dtype=np.int32),
        loss_mask=np.arange(tokens) != 1,
        text=f"answer {index} ✓",
        finish_reason="length" if finish_reason == "length" else "stop",
        started_s=1_700_000_000.125 + index,
        finished_s=1_700_000_001.1 + index,
        worker=index % 2,
        verdict=verdict,
    )


def build_group(
    group_id: int,
    scores: Sequence[float | None] = (1.0, 0.0),
    attempt: int = 0,
    problem: Problem = A_PROBLEM,
    tokens: int = 3,
    version: int = 0,
) -> Group:
    """A group with one sample per score."""
    samples = tuple(build_sample(i, score, tokens, version) for i, score in enumerate(scores))
    return Group(group_id, attempt, problem, np.array([7, 8, 9], dtype=np.int32), samples)
