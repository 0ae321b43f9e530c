"""Groups of samples for tests, with as little said as the test needs."""

from collections.abc import Sequence

import numpy as np

from rewards.problem import Problem
from rewards.verdict import Verdict
from rollouts.sample import FinishReason, Group, Sample


def sample(
    index: int,
    score: float | None,
    versions: Sequence[int] = (0, 0, 0),
    *,
    finish: FinishReason = "stop",
    loss_mask: Sequence[bool] | None = None,
    tokens: Sequence[int] | None = None,
) -> Sample:
    """A sample with one token per version; without a score its verdict is invalid."""
    length = len(versions)
    return Sample(
        index=index,
        seed=index,
        token_ids=np.array(tokens if tokens is not None else range(10, 10 + length), dtype=np.int32),
        logprobs=np.full(length, -1.0 - index, dtype=np.float32),
        versions=np.array(versions, dtype=np.int32),
        loss_mask=np.array(loss_mask if loss_mask is not None else [True] * length),
        text="",
        finish_reason=finish,
        started_s=0.0,
        finished_s=1.0,
        worker=0,
        verdict=Verdict.invalid("worker_died") if score is None else Verdict(score),
    )


def group(group_id: int, samples: Sequence[Sample], prompt: Sequence[int] = (1, 2)) -> Group:
    """A group of these samples."""
    problem = Problem(str(group_id), ({"role": "user", "content": "?"},), "math", 1)
    return Group(group_id, 0, problem, np.array(prompt, dtype=np.int32), tuple(samples))


def scored(group_id: int, *scores: float | None, length: int = 3) -> Group:
    """A group of fresh samples with these scores."""
    return group(group_id, [sample(i, s, (0,) * length) for i, s in enumerate(scores)])
