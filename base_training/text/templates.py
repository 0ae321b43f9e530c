"""From messages to the tokens of a prompt."""

from collections.abc import Mapping, Sequence

import numpy as np
from transformers import PreTrainedTokenizerBase

from base_training.errors import InputError


def encode_prompt(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Mapping[str, str]], chat: bool
) -> np.ndarray:
    """The tokens that a model answers to.

    Args:
        tokenizer: The model's own.
        messages: The conversation, oldest first, as ``{"role": ..., "content": ...}``.
        chat: Through the tokenizer's chat template, up to the start of the assistant's turn; or the contents as
            plain text, joined by newlines.

    Returns:
        Token ids, int32 of shape [P], P ≥ 1.

    Raises:
        InputError: A chat is asked of a tokenizer without a chat template, or the prompt is empty.
    """
    if chat:
        if not tokenizer.chat_template:
            raise InputError(
                f"The tokenizer of {tokenizer.name_or_path or 'this model'} has no chat template. "
                "Set problems.chat to false to prompt it with plain text, or choose a chat model."
            )
        ids = tokenizer.apply_chat_template(
            [dict(message) for message in messages], add_generation_prompt=True, tokenize=True, return_dict=False
        )
    else:
        ids = tokenizer.encode("\n".join(message["content"] for message in messages))
    if len(ids) == 0:
        raise InputError("A prompt has no tokens: its messages are empty.")
    return np.asarray(ids, dtype=np.int32)
