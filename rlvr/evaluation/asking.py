"""Has a fleet answer a suite, all of it by one policy version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from transformers import PreTrainedTokenizerBase

from base_training.errors import InputError
from base_training.text.templates import encode_prompt
from rewards.problem import Problem
from rlvr.evaluation.record import Answer
from rlvr.evaluation.suite import Suite
from rollouts.fleet import RolloutFleet
from rollouts.likelihood import Likelihood, LikelihoodRequest, Likelihoods
from rollouts.problems import sample_seed
from rollouts.sample import Group, GroupRequest, Sample

Encode = Callable[[Problem], np.ndarray]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a suite.

    Attributes:
        version: The policy version that answered.
        answers: In the order of problems and samples.
    """

    version: int
    answers: tuple[Answer, ...]


def encoder(tokenizer: PreTrainedTokenizerBase, chat: bool) -> Encode:
    """Gives a problem's prompt as token ids, int32 of shape [P]."""

    def encode(problem: Problem) -> np.ndarray:
        return encode_prompt(tokenizer, problem.messages, chat)

    return encode


def continuations(tokenizer: PreTrainedTokenizerBase, suite: Suite, problem: Problem) -> LikelihoodRequest:
    """What is asked for the likelihoods of one problem.

    Prompt and continuation are tokenized together; what differs from the prompt's own tokens is the continuation.

    Raises:
        InputError: A continuation that is empty.
    """
    texts = list(problem.metadata["choices"]) if suite.score == "choice" else [problem.label]
    prompt = "\n".join(message["content"] for message in problem.messages)
    alone = tokenizer.encode(prompt)
    wholes = [tokenizer.encode(prompt + text) for text in texts]
    shared = min(shared_tokens(alone, whole) for whole in wholes)
    if shared == 0 or any(len(whole) == shared for whole in wholes):
        raise InputError(f"suite {suite.name}, problem {problem.id}: the prompt or an answer has no tokens")
    return LikelihoodRequest(
        group_id=0,
        attempt=0,
        prompt_ids=np.asarray(alone[:shared], dtype=np.int32),
        continuations=tuple(np.asarray(whole[shared:], dtype=np.int32) for whole in wholes),
    )


def shared_tokens(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts begin with together."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def requests_of(suite: Suite, encode: Encode, seed: int) -> list[GroupRequest]:
    """A suite's problems as requests, each sample with a seed of its own that never changes."""
    return [
        GroupRequest(
            group_id=number,
            attempt=0,
            problem=problem,
            prompt_ids=encode(problem),
            seeds=tuple(
                sample_seed(seed, number, f"{suite.name}/{problem.id}", sample, 0)
                for sample in range(suite.sampling.samples)
            ),
        )
        for number, problem in enumerate(suite.problems)
    ]


async def ask(fleet: RolloutFleet, suite: Suite, requests: Sequence[GroupRequest]) -> Answered:
    """Generate and score the answers to a suite.

    Args:
        fleet: Whose policy is asked.
        suite: Scored by verdicts.
        requests: By :func:`requests_of`.

    Raises:
        RuntimeError: More than one version answered.
        TimeoutError: A worker did not answer in time.
    """
    groups = await fleet.evaluate(requests, suite.sampling.section())
    versions = {int(v) for group in groups for sample in group.samples for v in np.unique(sample.versions)}
    return Answered(
        _only(versions), tuple(_generated(group, sample) for group in groups for sample in group.samples)
    )


async def ask_likelihoods(fleet: RolloutFleet, suite: Suite, requests: Sequence[LikelihoodRequest]) -> Answered:
    """Score a suite by the likelihoods of given answers; raises as `ask`.

    Args:
        fleet: Whose policy is asked.
        suite: Scored by ``choice`` or ``bits_per_byte``.
        requests: By :func:`continuations`, one for each problem, numbered in their order.
    """
    told = await fleet.likelihoods(requests)
    score = _chosen if suite.score == "choice" else _bits_per_byte
    pairs = zip(suite.problems, told, strict=True)
    return Answered(_only({one.version for one in told}), tuple(score(problem, one) for problem, one in pairs))


def _only(versions: set[int]) -> int:
    if len(versions) != 1:
        raise RuntimeError(f"an evaluation was answered by policy versions {sorted(versions)}, expected one")
    return versions.pop()


def _generated(group: Group, sample: Sample) -> Answer:
    verdict = sample.verdict
    return Answer(
        problem=group.problem.id,
        domain=group.problem.domain,
        sample=sample.index,
        response=sample.text,
        correct=verdict.correct if verdict.valid else None,
        score=verdict.score if verdict.valid else None,
        reason=verdict.reason,
        metrics=dict(verdict.metrics),
        tokens=len(sample.token_ids),
        truncated=sample.finish_reason == "length",
    )


def _chosen(problem: Problem, told: Likelihoods) -> Answer:
    """The choice with the highest log-likelihood per byte; by the log-likelihood alone under ``accuracy_raw``."""
    choices: Sequence[str] = problem.metadata["choices"]
    sums = [float(one.logprobs.sum()) for one in told.of]
    by_byte = [total / len(text.encode()) for total, text in zip(sums, choices, strict=True)]
    place = int(np.argmax(by_byte))
    right = place == problem.label
    return Answer(
        problem=problem.id,
        domain=problem.domain,
        sample=0,
        response=choices[place],
        correct=right,
        score=float(right),
        reason="correct" if right else "wrong",
        metrics={
            "accuracy_raw": float(int(np.argmax(sums)) == problem.label),
            "bits_per_byte": -by_byte[problem.label] / log(2),
        },
        tokens=len(told.of[place].logprobs),
    )


def _bits_per_byte(problem: Problem, told: Likelihoods) -> Answer:
    likelihood: Likelihood = told.of[0]
    size = len(problem.label.encode())
    return Answer(
        problem=problem.id,
        domain=problem.domain,
        sample=0,
        response=problem.label,
        correct=None,
        score=-float(likelihood.logprobs.sum()) / log(2) / size,
        reason="scored",
        metrics={"greedy": float(likelihood.greedy)},
        tokens=len(likelihood.logprobs),
    )
