import json
from pathlib import Path

import numpy as np
import pytest
import torch

from base_training.errors import InputError
from base_training.models.build import check_model, load_model, load_tokenizer
from base_training.models.gguf import convert_gguf, hugging_face_name, interleaved_to_halves
from base_training.text.templates import encode_prompt
from tests.base_training.tiny_gguf import tiny_llama, write_gguf


@pytest.mark.parametrize("tied", [True, False])
def test_the_converted_model_computes_what_the_original_did(tmp_path: Path, tied: bool) -> None:
    original = tiny_llama(tied)
    write_gguf(original, tmp_path / "a.gguf")
    convert_gguf(tmp_path / "a.gguf", tmp_path / "a")
    converted = load_model(str(tmp_path / "a"))
    ids = torch.randint(0, original.config.vocab_size, (2, 40), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(converted(ids).logits, original(ids).logits)
    shares = converted.get_output_embeddings().weight is converted.get_input_embeddings().weight
    assert shares is tied
    check_model(tmp_path / "a")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf")
    write_gguf(tiny_llama(), path / "a.gguf")
    convert_gguf(path / "a.gguf", path / "a")
    return path / "a"


def test_the_tokenizer_merges_splits_digits_and_gives_back_the_text(folder: Path) -> None:
    tokenizer = load_tokenizer(str(folder))
    assert tokenizer.tokenize("the the 12") == ["t", "he", "Ġthe", "Ġ", "1", "2"]
    text = "  x = 'é'\n\n 10 <|im_end|>\n"
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_the_chat_template_and_its_tokens_come_along(folder: Path) -> None:
    tokenizer = load_tokenizer(str(folder))
    ids = encode_prompt(tokenizer, [{"role": "user", "content": "he"}], chat=True)
    assert tokenizer.convert_ids_to_tokens(ids.tolist()) == ["<|im_start|>", "he", "<|im_end|>", "<|im_start|>"]


def test_the_configuration_is_read_from_the_file(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    expected = {
        "architectures": ["LlamaForCausalLM"],
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-5,
        "max_position_embeddings": 256,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
        "dtype": "float32",
    }
    assert {key: config[key] for key in expected} == expected


def test_rotary_rows_go_from_side_by_side_to_half_a_head_apart() -> None:
    weight = np.arange(8).reshape(8, 1)  # two heads of four rows
    assert interleaved_to_halves(weight, heads=2).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("blk.12.attn_q.weight", "model.layers.12.self_attn.q_proj.weight"),
        ("blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"),
        ("output.weight", "lm_head.weight"),
    ],
)
def test_names_of_tensors(name: str, expected: str) -> None:
    assert hugging_face_name(name) == expected


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    write_gguf(tiny_llama(), tmp_path / "a.gguf", architecture="gemma3")
    with pytest.raises(InputError, match=r"kind \('gemma3', 'gpt2', 'smollm'\)"):
        convert_gguf(tmp_path / "a.gguf", tmp_path / "a")


def test_what_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"not a model at all, but long enough to be read")
    with pytest.raises(InputError, match="no GGUF file"):
        convert_gguf(tmp_path / "a.gguf", tmp_path / "a")
