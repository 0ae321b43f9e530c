import json

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from base_training.config import DataSection, ModelSection, StageSection
from base_training.errors import InputError
from base_training.lineage import read_lineage
from base_training.pretrain import pretrain
from base_training.pretrain_process import pretrain_in_process
from base_training.run_folder import verify_manifest

NANO = ModelSection(name="olmo3-nano")
SUMS = DataSection(generator="arithmetic")
STAGE = StageSection(steps=30, sequence_length=32, log_every=10, embedding_init_std=1.0, vocabulary_size=100)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A short stage in a process of its own: its folder, its reports of progress, its last report."""
    folder = tmp_path_factory.mktemp("bases") / "nano"
    progress = []
    report = pretrain_in_process(STAGE, NANO, SUMS, folder, 0, progress.append)
    return folder, progress, report


def test_the_loss_falls_and_is_reported(trained):
    _, progress, report = trained
    assert [line["step"] for line in progress] == [10, 20, 30]
    assert progress[0]["loss"] > progress[1]["loss"] > progress[2]["loss"] == report["loss"]
    assert report["held_out_loss"] == progress[-1]["held_out_loss"] == pytest.approx(report["loss"], abs=0.2)
    assert report["tokens"] == 30 * 8 * 32


def test_the_model_is_a_plain_folder_with_lineage_and_manifest(trained):
    folder, progress, report = trained
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = torch.tensor([tokenizer("Q: 47+38=?\nA:").input_ids])
    lineage = read_lineage(folder)

    assert report["folder"] == str(folder)
    assert report["parameters"] == model.num_parameters()
    assert model.config.eos_token_id == tokenizer.eos_token_id
    assert torch.isfinite(model(ids).logits).all()
    assert (lineage.parent, lineage.stage, set(lineage.data)) == (None, "pretrain", {"arithmetic"})
    assert lineage.recipe["stage"]["steps"] == 30
    assert [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()] == progress
    verify_manifest(folder)


def test_the_same_seed_goes_on_from_a_folder_to_the_same_weights(trained, tmp_path):
    parent = ModelSection(name=str(trained[0]))
    short = STAGE.model_copy(update={"steps": 2})
    for name in ("a", "b"):
        pretrain(short, parent, SUMS, tmp_path / name, seed=5)
    first, second = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "b"))
    assert first == second
    assert first != (trained[0] / "model.safetensors").read_bytes()
    assert read_lineage(tmp_path / "a").parent == str(trained[0])


def test_what_cannot_be_used_comes_back_as_an_input_error_and_leaves_nothing(tmp_path):
    wrong = DataSection(generator="poetry")
    with pytest.raises(InputError, match="no generator 'poetry'"):
        pretrain_in_process(STAGE, NANO, wrong, tmp_path / "base", 0, lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_silent_too_long_is_killed(tmp_path):
    with pytest.raises(TimeoutError, match=r"waited 0\.01 s for pretraining"):
        pretrain_in_process(STAGE, NANO, SUMS, tmp_path / "base", 0, lambda _: None, timeout_s=0.01)
