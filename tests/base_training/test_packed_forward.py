"""A packed row gives each branch what the plain sequence gives it: log-probs, entropy and gradients."""

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Olmo3Config,
    Olmo3ForCausalLM,
    PreTrainedModel,
)

from base_training.errors import InputError
from base_training.models import packed_forward
from base_training.models.packed_forward import attention_masks, branch_logprobs
from base_training.packing import Tree, pack_row

WINDOW = 6
VOCABULARY = 64
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "pad_token_id": None,
    "eos_token_id": None,
    "bos_token_id": None,
    "initializer_range": 0.1,
}


def build(kind: str) -> PreTrainedModel:
    torch.manual_seed(0)
    if kind == "olmo3":
        return Olmo3ForCausalLM(Olmo3Config(num_hidden_layers=4, sliding_window=WINDOW, **SIZES)).train()
    if kind == "mistral":
        return MistralForCausalLM(MistralConfig(num_hidden_layers=2, sliding_window=WINDOW, **SIZES)).train()
    tied = LlamaConfig(num_hidden_layers=2, tie_word_embeddings=True, **SIZES)
    return LlamaForCausalLM(tied).train()


@pytest.fixture
def trees() -> list[Tree]:
    """Prompts and branches both shorter and longer than the window."""
    rng = np.random.default_rng(0)

    def draw(length: int) -> np.ndarray:
        return rng.integers(0, VOCABULARY, length, dtype=np.int32)

    return [
        Tree(draw(9), (draw(4), draw(11), draw(1))),
        Tree(draw(2), (draw(7),)),
        Tree(draw(5), (draw(3), draw(8))),
    ]


def plain_logprobs(model: PreTrainedModel, trees: list[Tree], temperature: float) -> tuple[Tensor, Tensor]:
    """The oracle: one forward for each sequence, with the model's own masks."""
    logprobs, entropies = [], []
    for tree in trees:
        for branch in tree.branches:
            ids = torch.from_numpy(np.concatenate([tree.prompt, branch])).long()[None]
            logits = model(input_ids=ids, use_cache=False).logits[0, len(tree.prompt) - 1 : -1] / temperature
            scores = logits.log_softmax(-1)
            logprobs.append(scores.gather(-1, ids[0, len(tree.prompt) :, None])[:, 0])
            entropies.append(-(scores.exp() * scores).sum(-1))
    return torch.cat(logprobs), torch.cat(entropies)


@pytest.mark.parametrize("kind", ["olmo3", "mistral", "llama"])
@pytest.mark.parametrize("pad_to", [None, 64])
def test_packed_equals_plain(kind: str, pad_to: int | None, trees: list[Tree]) -> None:
    model = build(kind)
    row = pack_row(trees, pad_to)
    weights = torch.linspace(-1, 1, len(row.targets))

    packed = branch_logprobs(model, row, temperature=0.7)
    (packed.logprobs * weights).sum().backward()
    packed_gradients = {name: p.grad for name, p in model.named_parameters()}
    model.zero_grad()
    logprobs, entropy = plain_logprobs(model, trees, temperature=0.7)
    (logprobs * weights).sum().backward()

    torch.testing.assert_close(packed.logprobs, logprobs, atol=2e-5, rtol=0)
    torch.testing.assert_close(packed.entropy, entropy, atol=2e-5, rtol=0)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(packed_gradients[name], parameter.grad, atol=2e-5, rtol=1e-4, msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["olmo3", "llama"])
@torch.no_grad()
def test_flex_attention_equals_sdpa(kind: str, trees: list[Tree]) -> None:
    """The forward only: torch has no backward of FlexAttention on the CPU."""
    model = build(kind)
    row = pack_row(trees, pad_to=128)
    dense = branch_logprobs(model, row).logprobs
    model.set_attn_implementation("flex_attention")

    torch.testing.assert_close(branch_logprobs(model, row).logprobs, dense, atol=2e-5, rtol=0)


def test_windows_matter_in_these_cases(trees: list[Tree]) -> None:
    """Guards the test above: without windows the log-probs differ visibly."""
    model = build("olmo3")
    windowed, _ = plain_logprobs(model, trees, 1.0)
    model.config.sliding_window = 1000

    without = branch_logprobs(model, pack_row(trees)).logprobs

    assert (without - windowed).abs().max() > 0.05


def test_logits_taken_in_slices_give_the_same(trees: list[Tree], monkeypatch: pytest.MonkeyPatch) -> None:
    model, row = build("llama"), pack_row(trees)
    whole = branch_logprobs(model, row)
    expected = torch.autograd.grad(whole.logprobs.square().sum(), list(model.parameters()))
    monkeypatch.setattr(packed_forward, "_CHUNK_LOGITS", 4 * VOCABULARY)

    sliced = branch_logprobs(model, row)
    gradients = torch.autograd.grad(sliced.logprobs.square().sum(), list(model.parameters()))

    torch.testing.assert_close(sliced, whole, atol=1e-6, rtol=0)
    torch.testing.assert_close(gradients, expected, atol=1e-5, rtol=1e-5)


def test_the_empty_row_runs_and_has_a_zero_gradient() -> None:
    model = build("olmo3")

    branch_logprobs(model, pack_row([], pad_to=1)).logprobs.sum().backward()

    assert all(torch.count_nonzero(p.grad) == 0 for p in model.parameters())


def test_unknown_layers_are_refused(trees: list[Tree]) -> None:
    model = build("olmo3")
    model.config.layer_types = ["linear_attention"] * 4

    with pytest.raises(InputError, match="linear_attention"):
        attention_masks(model, pack_row(trees), torch.device("cpu"))
