"""A fleet as the model that lm-eval asks."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import numpy as np
from lm_eval.api.model import LM
from transformers import PreTrainedTokenizerBase

from rewards.problem import Problem
from rlvr.evaluation.asking import shared_tokens
from rlvr.evaluation.harness import UNSCORED
from rlvr.evaluation.suite import Sampling
from rollouts.fleet import RolloutFleet
from rollouts.likelihood import LikelihoodRequest, Likelihoods
from rollouts.problems import sample_seed
from rollouts.sample import Group, GroupRequest

T = TypeVar("T")
MOST_GENERATED = 256
"""Tokens of a response where a task does not say, as lm-eval's own models have it."""


class FleetModel(LM):
    """Answers lm-eval's three kinds of requests; its methods run in a thread beside the fleet's event loop."""

    def __init__(
        self,
        fleet: RolloutFleet,
        tokenizer: PreTrainedTokenizerBase,
        loop: asyncio.AbstractEventLoop,
        most_tokens: int,
    ) -> None:
        """
        Args:
            fleet: Whose policy is asked.
            tokenizer: The model's.
            loop: The fleet's.
            most_tokens: Of prompt and response together; longer prompts lose their beginning.
        """
        super().__init__()
        self._fleet = fleet
        self._tokenizer = tokenizer
        self._loop = loop
        self._most = most_tokens
        self.version = 0

    @property
    def tokenizer_name(self) -> str:
        return str(self._tokenizer.name_or_path).replace("/", "__")

    def chat_template(self, chat_template: bool | str = False) -> str:
        return str(self._tokenizer.chat_template or "")

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                chat_history,
                tokenize=False,
                add_generation_prompt=add_generation_prompt,
                continue_final_message=not add_generation_prompt,
            )
        )

    def loglikelihood(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """For each (context, continuation) the continuation's log-prob, and whether it is what greedy gives."""
        asked = [self._continuation(number, *one.args) for number, one in enumerate(requests)]
        return [(float(one.of[0].logprobs.sum()), one.of[0].greedy) for one in self._likelihoods(asked)]

    def loglikelihood_rolling(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[float]:
        """For each (text,) its log-prob; a long text in pieces, each after the token before it."""
        asked: list[LikelihoodRequest] = []
        owners: list[int] = []
        for owner, one in enumerate(requests):
            tokens = [self._start(), *self._tokenizer.encode(one.args[0], add_special_tokens=False)]
            for start in range(0, len(tokens) - 1, self._most - 2):
                piece = np.asarray(tokens[start : start + self._most - 1], dtype=np.int32)
                asked.append(LikelihoodRequest(len(asked), 0, piece[:1], (piece[1:],)))
                owners.append(owner)
        sums = [0.0] * len(requests)
        for owner, told in zip(owners, self._likelihoods(asked), strict=True):
            sums[owner] += float(told.of[0].logprobs.sum())
        return sums

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """For each (context, settings) a response, up to the first of the strings that end it."""
        kinds: dict[Sampling, list[int]] = {}
        for number, one in enumerate(requests):
            kinds.setdefault(_sampling(one.args[1]), []).append(number)
        texts: dict[int, str] = {}
        for sampling, numbers in kinds.items():
            asked = [self._group(number, requests[number].args[0], sampling.max_tokens) for number in numbers]
            groups: list[Group] = self._wait(self._fleet.evaluate(asked, sampling.section()))
            for number, group in zip(numbers, groups, strict=True):
                texts[number] = group.samples[0].text
                self.version = int(group.samples[0].versions[-1])
        return [texts[number] for number in range(len(requests))]

    def _continuation(self, number: int, context: str, continuation: str) -> LikelihoodRequest:
        if context:
            alone, whole = self._tokenizer.encode(context), self._tokenizer.encode(context + continuation)
            shared = min(shared_tokens(alone, whole), len(whole) - 1)
        else:
            whole = [self._start(), *self._tokenizer.encode(continuation, add_special_tokens=False)]
            shared = 1
        wanted = np.asarray(whole[max(1, shared) :], dtype=np.int32)[: self._most - 2]
        prompt = np.asarray(whole[: max(1, shared)], dtype=np.int32)[-(self._most - 1 - len(wanted)) :]
        return LikelihoodRequest(number, 0, prompt, (wanted,))

    def _group(self, number: int, context: str, max_tokens: int) -> GroupRequest:
        prompt = np.asarray(self._tokenizer.encode(context), dtype=np.int32)
        room = max(1, self._most - max_tokens)
        problem = Problem(str(number), (), UNSCORED, None)
        return GroupRequest(number, 0, problem, prompt[-room:], (sample_seed(0, number, UNSCORED, 0, 0),))

    def _start(self) -> int:
        bos, eos = self._tokenizer.bos_token_id, self._tokenizer.eos_token_id
        return int(eos if bos is None else bos)

    def _likelihoods(self, asked: Sequence[LikelihoodRequest]) -> list[Likelihoods]:
        told: list[Likelihoods] = self._wait(self._fleet.likelihoods(asked))
        self.version = told[-1].version if told else self.version
        return told

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _sampling(settings: dict[str, Any]) -> Sampling:
    until = settings.get("until") or ()
    drawn = settings.get("do_sample") and settings.get("temperature", 1.0)
    return Sampling(
        temperature=float(drawn or 0.0),
        max_tokens=int(settings.get("max_gen_toks") or MOST_GENERATED),
        stop=(until,) if isinstance(until, str) else tuple(until),
    )
