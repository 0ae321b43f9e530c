"""Log-probs of the branches of a packed row, each equal to that of the plain sequence prompt + branch.

The decoder runs once over the row; what keeps its sequences apart is one attention mask per layer type, with
sliding windows counted in *positions*, because a branch may stand far from its prompt within the row. The
language-model head runs only at the places that predict a branch token.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from base_training.errors import InputError
from base_training.packing import PackedRow

_FULL, _SLIDING = "full_attention", "sliding_attention"
_CHUNK_LOGITS = 1 << 22
_FLEX_BLOCK = 128


class LogProbs(NamedTuple):
    """What a model says of N branch tokens: float32 [N] each, in nats; only ``logprobs`` is differentiable."""

    logprobs: Tensor
    entropy: Tensor


def branch_logprobs(model: nn.Module, row: PackedRow, temperature: float = 1.0) -> LogProbs:
    """Log-probs and entropies of all branch tokens of one row.

    Args:
        model: A causal language model of transformers; its attention implementation is ``sdpa`` or
            ``flex_attention``.
        row: A row that predicts N branch tokens.
        temperature: Logits are divided by it, as at sampling.

    Returns:
        Log-probs of the targets, and entropies of the distributions they were drawn from.
    """
    device = next(model.parameters()).device
    # The first tokens of a tree's branches are predicted from the same place.
    places, line = np.unique(row.predict_from, return_inverse=True)
    logits = model(
        input_ids=torch.from_numpy(row.input_ids)[None].to(device),
        position_ids=torch.from_numpy(row.position_ids)[None].to(device),
        attention_mask=attention_masks(model, row, device),
        logits_to_keep=torch.from_numpy(places).to(device),
        use_cache=False,
    ).logits[0]
    logprobs, entropy = _TokenLogProbs.apply(
        logits, torch.from_numpy(line).to(device), torch.from_numpy(row.targets).to(device), temperature
    )
    return LogProbs(logprobs, entropy)


def attention_masks(model: Any, row: PackedRow, device: torch.device) -> Any:
    """The masks in the form that transformers' models take them.

    Returns:
        One mask where all layers are alike, else one for each type in ``config.layer_types``; additive of shape
        [1, 1, L, L] for ``sdpa``, a ``BlockMask`` for ``flex_attention``.

    Raises:
        InputError: A layer type or attention implementation that packed rows are not known to be exact for.
    """
    config = model.config
    window = getattr(config, "sliding_window", None)
    layer_types = getattr(config, "layer_types", None) or [_FULL if window is None else _SLIDING]
    if unknown := set(layer_types) - {_FULL, _SLIDING}:
        raise InputError(
            f"model type {config.model_type} has layers of type {', '.join(sorted(unknown))}; packed rows need "
            f"{_FULL} or {_SLIDING} in all layers"
        )
    build = _mask_builder(config._attn_implementation, row, device, model.dtype)
    masks = {kind: build(window if kind == _SLIDING else None) for kind in sorted(set(layer_types))}
    return masks if len(masks) > 1 else next(iter(masks.values()))


def _mask_builder(
    implementation: str, row: PackedRow, device: torch.device, dtype: torch.dtype
) -> Callable[[int | None], Any]:
    tree = torch.from_numpy(row.tree).to(device)
    branch = torch.from_numpy(row.branch).to(device)
    position = torch.from_numpy(row.position_ids).to(device)
    length = len(row.input_ids)

    def sees(query: Tensor, key: Tensor, window: int | None) -> Tensor:
        same_line = (branch[key] == branch[query]) | (branch[key] == -1)
        seen = (key <= query) & (tree[key] == tree[query]) & (tree[query] >= 0) & same_line
        if window is not None:
            seen = seen & (position[query] - position[key] < window)
        # Padding sees itself: a softmax over nothing would be NaN.
        return seen | (key == query)

    def dense(window: int | None) -> Tensor:
        place = torch.arange(length, device=device)
        blocked = ~sees(place[:, None], place[None, :], window)
        # Additive, because SDPA would convert a boolean mask again in every layer.
        mask = torch.zeros(length, length, dtype=dtype, device=device).masked_fill_(blocked, float("-inf"))
        return mask[None, None]

    def blocks(window: int | None) -> Any:
        from torch.nn.attention.flex_attention import create_block_mask

        return create_block_mask(
            lambda _batch, _head, query, key: sees(query, key, window),
            B=1,
            H=None,
            Q_LEN=length,
            KV_LEN=length,
            device=device,
            BLOCK_SIZE=_FLEX_BLOCK,
        )

    builders: dict[str, Callable[[int | None], Any]] = {"sdpa": dense, "flex_attention": blocks}
    if implementation not in builders:
        raise InputError(f"packed rows run with attention sdpa or flex_attention, not {implementation}")
    return builders[implementation]


class _TokenLogProbs(torch.autograd.Function):
    """Log-softmax of lines of logits [U, V] at N targets, and the entropy of those lines.

    Works on slices of the lines, and writes the gradient over the logits: one buffer of that size is alive at any
    time. Nothing else may need the logits afterwards (autograd raises if it does).
    """

    @staticmethod
    def forward(
        ctx: Any, logits: Tensor, line: Tensor, targets: Tensor, temperature: float
    ) -> tuple[Tensor, Tensor]:
        normaliser = torch.empty(len(logits), dtype=torch.float32, device=logits.device)
        entropy = torch.empty_like(normaliser)
        for part in _slices(*logits.shape):
            scaled = logits[part].float() / temperature
            normaliser[part] = scaled.logsumexp(-1)
            probabilities = (scaled - normaliser[part, None]).exp_()
            entropy[part] = normaliser[part] - torch.linalg.vecdot(probabilities, scaled)
        ctx.save_for_backward(logits, line, targets, normaliser)
        ctx.temperature = temperature
        entropies = entropy[line]
        ctx.mark_non_differentiable(entropies)
        return logits[line, targets].float() / temperature - normaliser[line], entropies

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        logits, line, targets, normaliser = ctx.saved_tensors
        scale = gradients[0] / ctx.temperature
        total = torch.zeros_like(normaliser).index_add_(0, line, scale)
        for part in _slices(*logits.shape):
            slope = (logits[part].float() / ctx.temperature).sub_(normaliser[part, None]).exp_()
            slope.mul_(-total[part, None])
            inside = (line >= part.start) & (line < part.stop)
            slope.index_put_((line[inside] - part.start, targets[inside]), scale[inside], accumulate=True)
            logits[part] = slope.to(logits.dtype)
        return logits, None, None, None


def _slices(lines: int, vocabulary: int) -> list[slice]:
    step = max(1, _CHUNK_LOGITS // vocabulary)
    return [slice(start, min(start + step, lines)) for start in range(0, lines, step)]
