"""From a GGUF file (llama.cpp's quantised format) to a plain Hugging Face folder in float32.

Written for Llama models with a byte-level BPE vocabulary; anything else is refused.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, PreTrainedTokenizerFast

from base_training.errors import InputError
from base_training.models.build import save_model

if TYPE_CHECKING:
    from tokenizers.pre_tokenizers import PreTokenizer

_TENSORS = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def convert_gguf(source: Path, folder: Path) -> None:
    """Write the model and the tokenizer of a GGUF file as a Hugging Face folder, weights in float32.

    Raises:
        InputError: The file is no GGUF file, or one of another kind; or the folder cannot be written.
    """
    try:
        reader = gguf.GGUFReader(source)
    except ValueError as error:
        raise InputError(f"{source} is no GGUF file: {error}") from error
    metadata = {name: field.contents() for name, field in reader.fields.items()}
    kind = tuple(
        metadata.get(key) for key in ("general.architecture", "tokenizer.ggml.model", "tokenizer.ggml.pre")
    )
    if kind[:2] != ("llama", "gpt2") or kind[2] not in _PRE_TOKENIZERS:
        raise InputError(
            f"{source} holds a model of the kind {kind}; only Llama models like SmolLM2 are converted."
        )
    weights = {tensor.name: gguf.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    heads = {
        "attn_q": metadata["llama.attention.head_count"],
        "attn_k": metadata["llama.attention.head_count_kv"],
    }
    state_dict = {
        hugging_face_name(name): torch.from_numpy(_restore_head_order(name, array, heads))
        for name, array in weights.items()
    }
    config = _llama_config(metadata, tied="output.weight" not in weights)
    save_model(folder, config, state_dict, _tokenizer(metadata))


def hugging_face_name(name: str) -> str:
    """The name in transformers' Llama of a GGUF tensor, such as ``blk.3.attn_q.weight``."""
    *block, tensor, parameter = name.split(".")
    prefix = f"model.layers.{block[1]}." if block else ""
    return f"{prefix}{_TENSORS[tensor]}.{parameter}"


def interleaved_to_halves(weight: np.ndarray, heads: int) -> np.ndarray:
    """Reorder the rows of a query or key projection from rotary pairs side by side to pairs half a head apart.

    llama.cpp rotates rows 2i and 2i + 1 of a head of size h; transformers rotates rows i and i + h/2.

    Args:
        weight: [heads · h, d].
        heads: Of the queries, or of the keys.
    """
    rows, width = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, width).swapaxes(1, 2).reshape(rows, width)


def _restore_head_order(name: str, array: np.ndarray, heads: Mapping[str, int]) -> np.ndarray:
    tensor = name.split(".")[-2]
    if tensor in heads:
        array = interleaved_to_halves(array, heads[tensor])
    return np.array(array, dtype=np.float32)  # a copy: the reader's arrays are views of the file


def _llama_config(metadata: Mapping[str, Any], tied: bool) -> LlamaConfig:
    def of_llama(key: str) -> Any:
        return metadata[f"llama.{key}"]

    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=of_llama("vocab_size"),
        hidden_size=of_llama("embedding_length"),
        intermediate_size=of_llama("feed_forward_length"),
        num_hidden_layers=of_llama("block_count"),
        num_attention_heads=of_llama("attention.head_count"),
        num_key_value_heads=of_llama("attention.head_count_kv"),
        max_position_embeddings=of_llama("context_length"),
        rope_parameters={"rope_type": "default", "rope_theta": of_llama("rope.freq_base")},
        # Stored as float32; the decimal that was meant has few digits.
        rms_norm_eps=float(f"{of_llama('attention.layer_norm_rms_epsilon'):.6g}"),
        tie_word_embeddings=tied,
        bos_token_id=metadata["tokenizer.ggml.bos_token_id"],
        eos_token_id=metadata["tokenizer.ggml.eos_token_id"],
        pad_token_id=metadata["tokenizer.ggml.padding_token_id"],
    )


def _smollm_pre_tokenizer() -> "PreTokenizer":
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )


_PRE_TOKENIZERS = {"smollm": _smollm_pre_tokenizer}


def _tokenizer(metadata: Mapping[str, Any]) -> PreTrainedTokenizerFast:
    tokens: list[str] = metadata["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = _PRE_TOKENIZERS[metadata["tokenizer.ggml.pre"]]()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, metadata["tokenizer.ggml.token_type"], strict=True)
            if kind == gguf.TokenType.CONTROL
        ]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=tokens[metadata["tokenizer.ggml.bos_token_id"]],
        eos_token=tokens[metadata["tokenizer.ggml.eos_token_id"]],
        pad_token=tokens[metadata["tokenizer.ggml.padding_token_id"]],
        unk_token=tokens[metadata["tokenizer.ggml.unknown_token_id"]],
        chat_template=metadata["tokenizer.chat_template"],
        model_max_length=metadata["llama.context_length"],
        clean_up_tokenization_spaces=False,
    )
