"""Reward functions of users of other systems, in the form that each system's documentation shows."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

Message = dict[str, str]


# verl


def verl_score(data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None) -> float:
    return float(solution_str.rpartition("####")[2].strip() == ground_truth)


def verl_without_source(solution_str: str, ground_truth: str, method: str = "strict", score: float = 1.0) -> float:
    return score if ground_truth in solution_str else 0.0


def verl_dict(data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None) -> dict[str, Any]:
    right = solution_str == ground_truth
    return {"score": 1.0 if right else -1.0, "acc": right, "pred": solution_str, "chars": len(solution_str)}


def verl_tells(data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None) -> dict[str, Any]:
    return {"score": float(data_source == "gsm8k"), "split": float(extra_info["split"] == "train")}


def verl_needs_more(solution_str: str, ground_truth: str, tokenizer: Any) -> float:
    return 0.0


async def verl_async(data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None) -> float:
    await asyncio.sleep(0)
    return float(solution_str == ground_truth)


# TRL


def trl_chat(completions: list[list[Message]], solution: list[str], **kwargs: Any) -> list[float | None]:
    answers = [completion[0]["content"] for completion in completions]
    return [None if s == "?" else float(a == s) for a, s in zip(answers, solution, strict=True)]


def trl_plain(prompts: list[str], completions: list[str], **kwargs: Any) -> list[int]:
    return [len(completion) - len(prompt) for prompt, completion in zip(prompts, completions, strict=True)]


async def trl_async(prompts: list[Any], completions: list[Any], **kwargs: Any) -> list[float]:
    await asyncio.sleep(0)
    return [float(len(completion[0]["content"])) for completion in completions]


def trl_columns(completions: list[Any], answer: list[str], difficulty: list[int]) -> list[float]:
    assert answer == ["42"] * len(completions)
    return [float(level) for level in difficulty]


def trl_logs(completions: list[Any], log_metric: Any, log_extra: Any, **kwargs: Any) -> list[float]:
    log_metric("mean_length", 2.5)
    log_extra("seen", ["x"] * len(completions))
    return [0.5] * len(completions)


def trl_needs_ids(completions: list[Any], completion_ids: list[list[int]]) -> list[float]:
    return [float(len(ids)) for ids in completion_ids]


def trl_distinct(completions: list[list[Message]], **kwargs: Any) -> list[float]:
    """How few others say the same."""
    texts = [completion[0]["content"] for completion in completions]
    return [1 / texts.count(text) for text in texts]


def trl_one_too_many(completions: list[Any], **kwargs: Any) -> list[float]:
    return [1.0] * (len(completions) + 1)


# OpenRLHF


def openrlhf_torch(queries: list[str], prompts: list[str], labels: list[str], **kwargs: Any) -> dict[str, Any]:
    import torch

    answers = [query[len(prompt) :] for query, prompt in zip(queries, prompts, strict=True)]
    right = torch.tensor([float(answer == label) for answer, label in zip(answers, labels, strict=True)])
    return {"rewards": right - 0.5, "scores": right, "extra_logs": {"accuracy": right.mean(), "right": right}}


def openrlhf_list(queries: list[str], prompts: list[str], labels: list[str]) -> list[float]:
    return [float(label in query) for query, label in zip(queries, labels, strict=True)]


def openrlhf_without_rewards(queries: list[str], prompts: list[str], labels: list[str]) -> dict[str, Any]:
    return {"scores": [1.0]}


# Open Instruct


@dataclass
class VerificationResult:
    score: float
    cost: float = 0.0
    reasoning: str | None = None


class VerifierFunction:
    def __init__(self, name: str, weight: float = 1.0, verifier_config: Any = None) -> None:
        self.name = name
        self.weight = weight
        self.verifier_config = verifier_config

    async def async_call(
        self, tokenized_prediction: list[int], prediction: str, label: Any, query: str | None = None
    ) -> VerificationResult:
        raise AssertionError("moves the call to a thread, where signals do not work")


class LastWord(VerifierFunction):
    def __init__(self, verifier_config: Any = None) -> None:
        super().__init__("last_word", weight=2.0, verifier_config=verifier_config)

    def __call__(
        self, tokenized_prediction: list[int], prediction: str, label: Any, query: str | None = None
    ) -> VerificationResult:
        return VerificationResult(score=float(prediction.split()[-1] == label))


class AsksAround(VerifierFunction):
    def __init__(self) -> None:
        super().__init__("asks_around")

    def __call__(self, tokenized_prediction: list[int], prediction: str, label: Any, query: Any = None) -> Any:
        return asyncio.run(self.async_call(tokenized_prediction, prediction, label, query))

    async def async_call(
        self, tokenized_prediction: list[int], prediction: str, label: Any, query: str | None = None
    ) -> VerificationResult:
        await asyncio.sleep(0)
        return VerificationResult(score=float(query == "What is 6 * 7?" and prediction == label))


class CountsTokens(VerifierFunction):
    def __init__(self) -> None:
        super().__init__("counts_tokens")

    def __call__(
        self, tokenized_prediction: list[int], prediction: str, label: Any, query: str | None = None
    ) -> VerificationResult:
        return VerificationResult(score=float(len(tokenized_prediction) < 100))


# reasoning-gym


def score_answer(answer: str | None, entry: dict[str, Any]) -> float:
    return float(int(answer or "") == int(entry["answer"]))


class Sums:
    """A data set with its own scorer."""

    def __init__(self, tolerance: int = 0) -> None:
        self.tolerance = tolerance

    def score_answer(self, answer: str | None, entry: dict[str, Any]) -> float:
        return float(abs(int(answer or "") - int(entry["answer"])) <= self.tolerance)


def draws(response: str) -> float:
    """Another score each time, in each process."""
    return random.random()
