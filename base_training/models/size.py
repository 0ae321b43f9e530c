"""How large a model is, from its config.json alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ModelSize:
    """A decoder's dimensions.

    Attributes:
        parameters: All of them.
        layers: Decoder layers.
        width: Of the residual stream.
        feed_forward: Width inside the gated MLP.
        query_width: Query heads × head size.
        key_width: Key and value heads × head size.
        vocabulary: Tokens.
        layer_kinds: Kinds of attention among the layers, such as 2 where some have a sliding window.
    """

    parameters: int
    layers: int
    width: int
    feed_forward: int
    query_width: int
    key_width: int
    vocabulary: int
    layer_kinds: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Of a Llama-like model: query, key, value and output matrices, a gated MLP, two norms a layer; biases are
        not counted.

        Args:
            config: The content of ``config.json``.

        Raises:
            KeyError: It lacks a dimension.
        """
        width, layers, vocabulary = config["hidden_size"], config["num_hidden_layers"], config["vocab_size"]
        heads = config["num_attention_heads"]
        head = config.get("head_dim") or width // heads
        query, key = heads * head, (config.get("num_key_value_heads") or heads) * head
        feed_forward = config["intermediate_size"]
        attention = 2 * width * query + 2 * width * key
        norms = 2 * width + (query + key if _normalises_queries(config) else 0)
        embeddings = (1 if config.get("tie_word_embeddings") else 2) * vocabulary * width
        return cls(
            parameters=embeddings + layers * (attention + 3 * width * feed_forward + norms) + width,
            layers=layers,
            width=width,
            feed_forward=feed_forward,
            query_width=query,
            key_width=key,
            vocabulary=vocabulary,
            layer_kinds=len(set(config.get("layer_types") or ["full_attention"])),
        )


def _normalises_queries(config: Mapping[str, Any]) -> bool:
    return any(name.startswith(("Olmo2", "Olmo3")) for name in config.get("architectures") or ())
