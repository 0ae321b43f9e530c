"""What goes into the engine and what comes out of it, token by token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from rollouts.sample import FinishReason

if TYPE_CHECKING:
    from vllm.logprobs import FlatLogprobs
    from vllm.outputs import CompletionOutput, WeightVersionSpan


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Asks the engine for one response.

    Attributes:
        name: For messages and vLLM's log, such as ``"17.0/3"``.
        prompt_ids: The tokenized prompt, int32 of shape [P].
        seed: Of its own random numbers.
    """

    name: str
    prompt_ids: np.ndarray
    seed: int


@dataclass(frozen=True, slots=True)
class Generation:
    """One finished response.

    Attributes:
        token_ids: int32 of shape [T]; a stop token counts as the last one.
        logprobs: Log-probs of the tokens at the sampling temperature when they were drawn, float32 of shape [T].
        versions: Policy version that drew each token, int32 of shape [T].
        text: The response without special tokens, up to the first stop string.
        finish_reason: ``"length"`` where the token limit cut it off.
        started_s: When it was handed to vLLM, seconds since the epoch.
        finished_s: When its last token came, seconds since the epoch.
    """

    token_ids: np.ndarray
    logprobs: np.ndarray
    versions: np.ndarray
    text: str
    finish_reason: FinishReason
    started_s: float
    finished_s: float


@dataclass(frozen=True, slots=True)
class TokenDelta:
    """What one step added to a response that is streamed.

    Attributes:
        token_ids: int32 of shape [T], mostly T = 1.
        logprobs: As in `Generation`, float32 of shape [T].
        text: What they add to the text; empty while a character or a possible stop string is incomplete.
        versions: With the last delta, the versions of all tokens of the response, int32; None before.
        finish_reason: With the last delta; None before.
    """

    token_ids: np.ndarray
    logprobs: np.ndarray
    text: str
    versions: np.ndarray | None
    finish_reason: FinishReason | None


def finish_reason_of(output: "CompletionOutput", name: str) -> FinishReason:
    """Raises RuntimeError where vLLM gave a request up."""
    if output.finish_reason not in ("stop", "length"):
        raise RuntimeError(f"vLLM ended request {name} with {output.finish_reason!r}, expected stop or length")
    return cast(FinishReason, output.finish_reason)


def logprobs_of(output: "CompletionOutput") -> np.ndarray:
    """Log-probs of the sampled tokens, which stand first at each position; float32 of shape [T]."""
    flat = cast("FlatLogprobs", output.logprobs)
    return np.asarray(flat.logprobs, dtype=np.float32)[np.asarray(flat.start_indices, dtype=np.int64)]


def versions_of(spans: "Sequence[WeightVersionSpan]") -> np.ndarray:
    """One version per token from vLLM's spans; int32 of shape [T]."""
    return np.repeat(
        np.array([int(span.version) for span in spans], dtype=np.int32), [span.end - span.start for span in spans]
    )
