import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from base_training.errors import InputError
from base_training.models.build import (
    build_model,
    check_config,
    check_model,
    load_model,
    load_tokenizer,
    save_model,
)
from base_training.text.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = train_tokenizer("character", ["1 + 2 = 3"], 100)
    model = build_model("olmo3-nano", len(tokenizer), seed=3)
    path = tmp_path_factory.mktemp("models") / "nano"
    save_model(path, model.config, model.state_dict(), tokenizer)
    return path


def test_the_seed_decides_the_weights_and_the_global_random_state_does_not() -> None:
    torch.manual_seed(1)
    first = build_model("olmo3-nano", 100, seed=3).state_dict()
    torch.manual_seed(2)
    drawn_without = torch.rand(1)
    torch.manual_seed(2)
    second = build_model("olmo3-nano", 100, seed=3).state_dict()
    assert torch.equal(torch.rand(1), drawn_without)
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = build_model("olmo3-nano", 100, seed=4).state_dict()
    assert not torch.equal(first["lm_head.weight"], other["lm_head.weight"])


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no preset 'olmo3-giga'.*olmo3-nano"):
        build_model("olmo3-giga", 100, seed=0)


def test_a_saved_folder_loads_in_plain_transformers_bit_for_bit(folder: Path) -> None:
    weights = build_model("olmo3-nano", 100, seed=3).state_dict()
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in model.state_dict().items())
    assert AutoTokenizer.from_pretrained(folder).decode([54, 31, 5, 4, 3]) == "Q: \t\n"


def test_a_saved_folder_says_where_text_ends_and_what_pads(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    generation = json.loads((folder / "generation_config.json").read_text())
    assert config["architectures"] == ["Olmo3ForCausalLM"]
    for ids in (config, generation):
        assert (ids["eos_token_id"], ids["pad_token_id"]) == (0, 1)


def test_loading_in_bfloat16_and_saving_keeps_bfloat16(folder: Path, tmp_path: Path) -> None:
    model = load_model(str(folder), "bfloat16")
    save_model(tmp_path, model.config, model.state_dict(), load_tokenizer(str(folder)))
    assert AutoModelForCausalLM.from_pretrained(tmp_path, dtype="auto").dtype == torch.bfloat16


def test_tied_embeddings_are_saved_once_and_stay_tied(tmp_path: Path) -> None:
    tokenizer = train_tokenizer("character", (), 100)
    untied = build_model("olmo3-nano", 100, seed=0)
    untied.config.tie_word_embeddings = True
    tied = AutoModelForCausalLM.from_config(untied.config)
    save_model(tmp_path, tied.config, tied.state_dict(), tokenizer)
    loaded = load_model(str(tmp_path))
    assert loaded.get_output_embeddings().weight is loaded.get_input_embeddings().weight
    assert torch.equal(loaded.get_input_embeddings().weight, tied.get_input_embeddings().weight)


def test_a_good_folder_passes_the_check(folder: Path) -> None:
    check_model(folder)


def test_a_missing_folder_is_refused() -> None:
    with pytest.raises(InputError, match="no model folder /nowhere/model"):
        check_model("/nowhere/model")


def test_a_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no config\.json"):
        check_model(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"architectures": ["BertForMaskedLM"]}, r"nano is not a causal language model.*BertForMaskedLM"),
        ({"architectures": None}, r"nano is not a causal language model.*no architecture"),
        ({"head_dim": 16}, r"nano has attention heads of size 16, which vLLM cannot run on the CPU"),
        ({"num_attention_heads": 8}, r"nano has attention heads of size 16, which vLLM cannot run on the CPU"),
    ],
)
def test_a_model_that_cannot_run_on_the_cpu_is_refused(
    folder: Path, change: dict[str, object], message: str
) -> None:
    config = json.loads((folder / "config.json").read_text()) | change
    with pytest.raises(InputError, match=message):
        check_config(config, "nano", gpu=False)


def test_a_gpu_takes_any_head_size(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"head_dim": 16}
    check_config(config, "nano", gpu=True)


def test_a_folder_without_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    with pytest.raises(InputError, match="no weights"):
        check_model(tmp_path)


def test_a_configuration_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        check_model(tmp_path)


def test_a_folder_that_cannot_be_loaded_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot load the model"):
        load_model(str(tmp_path))
    with pytest.raises(InputError, match="Cannot load the tokenizer"):
        load_tokenizer(str(tmp_path))
