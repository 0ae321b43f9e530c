"""A suite with its prompts tokenized for one model, ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from transformers import PreTrainedTokenizerBase

from rewards.config import VerifierSection
from rlvr.evaluation.asking import Answered, ask, ask_likelihoods, continuations, encoder, requests_of
from rlvr.evaluation.harness import MOST_TOKENS, PREFIX, PreparedTask
from rlvr.evaluation.longest import longest_sequence
from rlvr.evaluation.suite import Suite
from rollouts.fleet import RolloutFleet
from rollouts.likelihood import LikelihoodRequest
from rollouts.sample import GroupRequest


class Prepared(Protocol):
    """What can be asked of a fleet."""

    @property
    def suite(self) -> Suite:
        """What it is of."""

    @property
    def verifiers(self) -> Mapping[str, VerifierSection]:
        """What the reward service must know, by names that no other suite has."""

    @property
    def longest(self) -> int:
        """Tokens that the model must take: the longest prompt and a token of its answer."""

    @property
    def needed(self) -> int:
        """Tokens of the longest prompt with room for the longest answer."""

    @property
    def total(self) -> int:
        """Answers that there will be; 0 where that is not known."""

    async def ask(self, fleet: RolloutFleet) -> Answered:
        """Have it answered."""


@dataclass(frozen=True, slots=True)
class PreparedGroups:
    """A suite whose answers are generated."""

    suite: Suite
    verifiers: Mapping[str, VerifierSection]
    requests: tuple[GroupRequest, ...]

    @property
    def longest(self) -> int:
        return max(len(request.prompt_ids) for request in self.requests) + 1

    @property
    def needed(self) -> int:
        return self.longest - 1 + self.suite.sampling.max_tokens

    @property
    def total(self) -> int:
        return sum(request.size for request in self.requests)

    async def ask(self, fleet: RolloutFleet) -> Answered:
        return await ask(fleet, self.suite, self.requests)


@dataclass(frozen=True, slots=True)
class PreparedLikelihoods:
    """A suite whose answers are given."""

    suite: Suite
    requests: tuple[LikelihoodRequest, ...]

    @property
    def verifiers(self) -> Mapping[str, VerifierSection]:
        return {}

    @property
    def longest(self) -> int:
        return 1 + max(len(one.prompt_ids) + max(map(len, one.continuations)) for one in self.requests)

    @property
    def needed(self) -> int:
        return self.longest

    @property
    def total(self) -> int:
        return sum(request.size for request in self.requests)

    async def ask(self, fleet: RolloutFleet) -> Answered:
        return await ask_likelihoods(fleet, self.suite, self.requests)


def prepare(suite: Suite, tokenizer: PreTrainedTokenizerBase, seed: int) -> Prepared:
    """Tokenize a suite.

    Args:
        suite: Any.
        tokenizer: The model's.
        seed: Of the draws.

    Raises:
        InputError: A prompt without tokens, or a conversation for a model without a chat template.
    """
    if suite.name.startswith(PREFIX):
        most = longest_sequence(str(tokenizer.name_or_path)) or MOST_TOKENS
        return PreparedTask(suite, tokenizer, min(most, MOST_TOKENS))
    if suite.score == "verdict":
        asked = replace(
            suite,
            problems=tuple(replace(one, verifier=f"{suite.name}:{one.verifier}") for one in suite.problems),
        )
        verifiers = {f"{suite.name}:{name}": section for name, section in suite.verifiers.items()}
        requests = requests_of(asked, encoder(tokenizer, suite.chat), seed)
        return PreparedGroups(suite, verifiers, tuple(requests))
    return PreparedLikelihoods(
        suite,
        tuple(
            replace(continuations(tokenizer, suite, problem), group_id=number)
            for number, problem in enumerate(suite.problems)
        ),
    )
