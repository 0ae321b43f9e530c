import pytest
import torch

from base_training.models.build import CPU_HEAD_SIZES, build_model
from base_training.models.presets import PRESETS


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("olmo3-nano", 879_744),
        ("olmo3-micro", 4_777_216),
        ("olmo3-7b", 7_298_011_136),
        ("olmo3-32b", 32_233_522_176),
    ],
)
def test_preset_has_exactly_these_parameters(name: str, parameters: int) -> None:
    preset = PRESETS[name]
    with torch.device("meta"):
        model = build_model(name, preset.vocab_size, seed=0)
    assert model.num_parameters() == preset.parameters() == parameters


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_three_of_four_layers_have_a_sliding_window_and_the_last_has_not(preset) -> None:
    layers = preset.config["layer_types"]
    assert layers == (["sliding_attention"] * 3 + ["full_attention"]) * (len(layers) // 4)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_vllm_takes_the_head_size_on_the_cpu(preset) -> None:
    assert preset.config["hidden_size"] // preset.config["num_attention_heads"] in CPU_HEAD_SIZES


def test_yarn_stretches_the_full_attention_layers_only() -> None:
    with torch.device("meta"):
        config = build_model("olmo3-7b", 100_278, seed=0).config
    assert config.rope_parameters["full_attention"]["rope_type"] == "yarn"
    assert config.rope_parameters["sliding_attention"] == {"rope_type": "default", "rope_theta": 500_000.0}
