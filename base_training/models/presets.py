"""Sizes of Olmo 3's architecture (arXiv 2512.13961): the two published ones, and two for a laptop.

Reading this imports no framework: a preset is the keyword arguments of ``transformers.Olmo3Config``, less the
vocabulary size, which comes from the tokenizer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

ROPE_THETA = 500_000.0


@dataclass(frozen=True, slots=True)
class Preset:
    """One size of model.

    Attributes:
        name: What a recipe calls it.
        vocab_size: Tokens of the tokenizer that it is meant for: the published one, or printable characters.
        config: Keyword arguments of ``transformers.Olmo3Config``, without ``vocab_size``.
        summary: One line for people.
        hub_ids: Where weights of this very architecture are published.
    """

    name: str
    vocab_size: int
    config: Mapping[str, Any]
    summary: str
    hub_ids: tuple[str, ...] = ()

    def parameters(self, vocab_size: int | None = None) -> int:
        """The exact number of parameters, with this preset's vocabulary or another one."""
        c = self.config
        d, heads, kv_heads = c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"]
        kv = d // heads * kv_heads
        attention = 2 * d * d + 2 * d * kv + d + kv  # q and o, k and v, the norms of q and k
        feed_forward = 3 * d * c["intermediate_size"]
        norms = 2 * d
        embeddings = 2 * (vocab_size or self.vocab_size) * d  # input and output are not tied
        return embeddings + c["num_hidden_layers"] * (attention + feed_forward + norms) + d


def _olmo3(
    *,
    layers: int,
    width: int,
    feed_forward: int,
    heads: int,
    kv_heads: int,
    window: int,
    context: int,
    yarn: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """Three layers with a sliding window, then one with full attention, and again; QK-norm; untied embeddings.

    ``yarn`` stretches the positions of the full-attention layers only.
    """
    plain = {"rope_type": "default", "rope_theta": ROPE_THETA}
    return MappingProxyType(
        {
            "architectures": ["Olmo3ForCausalLM"],
            "hidden_size": width,
            "intermediate_size": feed_forward,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "max_position_embeddings": context,
            "sliding_window": window,
            "layer_types": [
                "full_attention" if layer % 4 == 3 else "sliding_attention" for layer in range(layers)
            ],
            "rope_parameters": {"sliding_attention": plain, "full_attention": {**plain, **(yarn or {})}},
            "rms_norm_eps": 1e-6,
            "tie_word_embeddings": False,
        }
    )


# As published after the long-context stage: 8,192 positions stretched to 65,536.
_YARN = {
    "rope_type": "yarn",
    "factor": 8.0,
    "original_max_position_embeddings": 8192,
    "attention_factor": 1.2079441541679836,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
}

_ALL = (
    Preset(
        name="olmo3-nano",
        vocab_size=100,
        config=_olmo3(layers=4, width=128, feed_forward=384, heads=4, kv_heads=4, window=64, context=2048),
        summary="learns a small task in two minutes on a laptop",
    ),
    Preset(
        name="olmo3-micro",
        vocab_size=100,
        config=_olmo3(layers=8, width=256, feed_forward=512, heads=4, kv_heads=2, window=128, context=2048),
        summary="grouped queries and two rounds of windows, as in the large ones",
    ),
    Preset(
        name="olmo3-7b",
        vocab_size=100_278,
        config=_olmo3(
            layers=32,
            width=4096,
            feed_forward=11_008,
            heads=32,
            kv_heads=32,
            window=4096,
            context=65_536,
            yarn=_YARN,
        ),
        summary="Olmo 3 7B as published",
        hub_ids=("allenai/Olmo-3-1025-7B",),
    ),
    Preset(
        name="olmo3-32b",
        vocab_size=100_278,
        config=_olmo3(
            layers=64,
            width=5120,
            feed_forward=27_648,
            heads=40,
            kv_heads=8,
            window=4096,
            context=65_536,
            yarn=_YARN,
        ),
        summary="Olmo 3 32B as published",
        hub_ids=("allenai/Olmo-3-1125-32B",),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _ALL})
"""Presets by name."""
