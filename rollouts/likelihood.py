"""How likely given continuations are, as one forward over prompt and continuation tells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    from vllm.logprobs import FlatLogprobs
    from vllm.outputs import RequestOutput


@dataclass(frozen=True, slots=True)
class LikelihoodRequest:
    """Asks a worker for the log-probs of continuations of one prompt.

    Attributes:
        group_id: Its number within the evaluation.
        attempt: 0 at first, one more each time it is issued again.
        prompt_ids: The tokenized prompt, int32 of shape [P], P ≥ 1.
        continuations: What may follow it, each int32 of shape [T], T ≥ 1.
    """

    group_id: int
    attempt: int
    prompt_ids: np.ndarray
    continuations: tuple[np.ndarray, ...]

    @property
    def size(self) -> int:
        """Requests to the engine that it takes."""
        return len(self.continuations)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """One continuation's.

    Attributes:
        logprobs: Of its tokens given all before, at temperature 1; float32 of shape [T], in nats.
        greedy: Whether every token is the likeliest at its place.
    """

    logprobs: np.ndarray
    greedy: bool


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """The answer to one request, in the order of its continuations.

    Attributes:
        group_id: The request's.
        version: The policy version that they are of.
        of: One for each continuation.
    """

    group_id: int
    version: int
    of: tuple[Likelihood, ...]


def likelihood_of(output: "RequestOutput", length: int) -> Likelihood:
    """Read the last ``length`` tokens of a prompt that vLLM gave the log-probs of.

    At each position the prompt's own token stands first, with its rank.
    """
    flat = cast("FlatLogprobs", output.prompt_logprobs)
    places = flat.start_indices[-length:]
    return Likelihood(
        np.array([flat.logprobs[place] for place in places], dtype=np.float32),
        all(flat.ranks[place] == 1 for place in places),
    )
