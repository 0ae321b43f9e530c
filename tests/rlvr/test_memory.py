"""Memory per GPU, worked out from a model's dimensions."""

from typing import Any

import pytest

from base_training.errors import InputError
from base_training.models.presets import PRESETS
from base_training.models.size import ModelSize
from rlvr.memory import GIB, RESERVE, plan_memory
from rlvr.recipe import Recipe

SEVEN = ModelSize.from_config({"vocab_size": 100_278, **PRESETS["olmo3-7b"].config})
P = 7_298_011_136


def recipe(dtype: str = "bfloat16", zero_stage: int = 3, ranks: int = 8, **changes: Any) -> Recipe:
    checkpointing = changes.pop("checkpointing", True)
    engine = {"ranks": ranks, "zero_stage": zero_stage, "gradient_checkpointing": checkpointing}
    learner = {"steps": 1, "row_tokens": 18432, "attention": changes.pop("attention", "flex_attention")}
    return Recipe.model_validate(
        {
            "name": "seven",
            "model": {"name": "olmo3-7b", "dtype": dtype},
            "problems": {"source": {"kind": "sums"}},
            "verifier": "math",
            "rollouts": {"max_model_tokens": 18432, "max_running": 64, **changes.pop("rollouts", {})},
            "learner": {**learner, "engine": engine},
            **changes,
        }
    )


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_config_gives_the_parameters_of_its_preset(name: str) -> None:
    preset = PRESETS[name]
    size = ModelSize.from_config({"vocab_size": preset.vocab_size, **preset.config})
    assert size.parameters == preset.parameters()


def test_a_llama_like_model_is_counted_to_the_last_parameter() -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=97,
        hidden_size=64,
        intermediate_size=112,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    counted = sum(parameter.numel() for parameter in LlamaForCausalLM(config).parameters())
    assert ModelSize.from_config(config.to_dict()).parameters == counted


def test_the_published_size() -> None:
    assert SEVEN.parameters == P == PRESETS["olmo3-7b"].parameters()
    assert (SEVEN.layers, SEVEN.query_width, SEVEN.key_width, SEVEN.layer_kinds) == (32, 4096, 4096, 2)


@pytest.mark.parametrize(
    ("stage", "weights", "gradients", "optimizer"),
    [(0, 2, 6, 12), (1, 2, 2, 12 / 8), (2, 2, 2 / 8, 12 / 8), (3, 2 / 8, 2 / 8, 12 / 8)],
)
def test_zero_spreads_what_its_stage_says(stage: int, weights: float, gradients: float, optimizer: float) -> None:
    """Bytes per parameter in bfloat16 on eight ranks; stage 0 adds gradients in float32."""
    held = plan_memory(recipe(zero_stage=stage), SEVEN).learner
    expected = {"weights": weights, "gradients": gradients, "optimizer": optimizer}
    assert {name: held[name] for name in expected} == {name: int(b * P) for name, b in expected.items()}


def test_in_float32_the_weights_are_their_own_master_copy() -> None:
    held = plan_memory(recipe("float32", zero_stage=0, ranks=1), SEVEN).learner
    assert (held["weights"], held["gradients"], held["optimizer"]) == (4 * P, 4 * P, 8 * P)
    assert held["buckets"] == 0


def test_checkpointing_keeps_the_inputs_of_all_layers_and_one_whole_layer() -> None:
    row, one_layer = 18432, 18432 * 2 * (16 * 4096 + 3 * 11008)
    kept = plan_memory(recipe(), SEVEN).learner["activations"]
    assert kept == 32 * row * 2 * 4096 + one_layer
    assert plan_memory(recipe(checkpointing=False), SEVEN).learner["activations"] == 32 * one_layer


def test_logits_masks_and_a_reference_model_count() -> None:
    held = plan_memory(recipe(attention="sdpa", algorithm={"kl_coefficient": 0.1}), SEVEN).learner
    assert held["logits"] == 18432 * 100_278 * 2
    assert held["attention_masks"] == 2 * 18432**2 * 2
    assert held["reference_model"] == 2 * P
    assert not {"attention_masks", "reference_model"} & plan_memory(recipe(), SEVEN).learner.keys()


def test_a_worker_holds_weights_and_a_cache() -> None:
    held = plan_memory(recipe(rollouts={"tensor_parallel": 2}), SEVEN).worker
    assert held["weights"] == P
    assert held["kv_cache_of_one"] == 18432 * 2 * 32 * 4096 * 2 // 2
    assert held["reserve"] == RESERVE


def test_what_fits_is_told_in_numbers() -> None:
    plan = plan_memory(recipe(), SEVEN, gpu_gib=80)
    plan.check()
    total = sum(plan.learner.values())
    assert 20 * GIB < total < 40 * GIB
    room = 0.92 * 80 * GIB - sum(plan.worker.values()) + plan.worker["kv_cache_of_one"]
    assert plan.sequences == pytest.approx(room / plan.worker["kv_cache_of_one"])
    told = f"a learner GPU: {total / GIB:.1f} GiB (weights 1.7, gradients 1.7, optimizer 10.2"
    assert plan.describe()[0].startswith(told)


@pytest.mark.parametrize(
    ("changes", "gib", "message"),
    [
        ({"zero_stage": 0}, 80, r"needs \d+\.\d GiB \(weights 13\.6, gradients 40\.8, .* has 80\.0 GiB"),
        ({}, 24, r"a learner GPU needs .*raise learner\.engine\.zero_stage"),
        ({"ranks": 64}, 26, r"a rollout worker's GPU needs .*takes 92% of its 26\.0 GiB: raise rollouts\.tensor"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_numbers(changes: dict[str, Any], gib: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_memory(recipe(**changes), SEVEN, gpu_gib=gib).check()


def test_without_a_named_gpu_nothing_is_refused() -> None:
    plan = plan_memory(recipe(zero_stage=0), SEVEN)
    plan.check()
    assert plan.sequences is None
