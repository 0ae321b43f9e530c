"""A tiny Olmo 3 whose window is shorter than the test's sequences, and the reference for its log-probs."""

from pathlib import Path

import numpy as np
import torch
from transformers import Olmo3Config, Olmo3ForCausalLM

from base_training.models.build import save_model
from base_training.text.tokenizer import train_tokenizer

WINDOW = 24
TOKENIZER = train_tokenizer("character", (), 256)

# More entries than the tokenizer has tokens: random responses then rarely meet the end-of-text token.
VOCABULARY = 1024


def tiny_policy(seed: int, tied: bool = False) -> Olmo3ForCausalLM:
    """Random weights large enough that two seeds are very different policies."""
    config = Olmo3Config(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=2,
        sliding_window=WINDOW,
        max_position_embeddings=512,
        initializer_range=0.08,
        tie_word_embeddings=tied,
        pad_token_id=None,
        eos_token_id=None,
        architectures=["Olmo3ForCausalLM"],
    )
    torch.manual_seed(seed)
    return Olmo3ForCausalLM(config).eval()


def save_policy(folder: Path, policy: Olmo3ForCausalLM) -> str:
    """Write it as a Hugging Face folder."""
    save_model(folder, policy.config, policy.state_dict(), TOKENIZER)
    return str(folder)


@torch.no_grad()
def reference_logprobs(
    policy: Olmo3ForCausalLM, prompt: np.ndarray, response: np.ndarray, temperature: float = 1.0
) -> np.ndarray:
    """What one transformers forward says of a response; float32 of shape [T]."""
    ids = torch.from_numpy(np.concatenate([prompt, response]).astype(np.int64))
    logits = policy(ids[None], use_cache=False).logits[0, len(prompt) - 1 : -1] / temperature
    return logits.log_softmax(-1).gather(-1, ids[len(prompt) :, None])[:, 0].numpy()
