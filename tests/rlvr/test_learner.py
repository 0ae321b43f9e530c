"""The learner alone in this process, and as two Ray actors: training, publishing, going on after a checkpoint."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from base_training.errors import ProcessError
from base_training.models.build import build_model, save_model
from base_training.text.tokenizer import train_tokenizer
from rlvr.batching import build_batch
from rlvr.learner import LearnerGroup
from rlvr.learner_rank import LearnerRank, LearnerSpec
from rlvr.learner_report import combine
from rlvr.placement import ActorResources
from rlvr.recipe import Recipe
from rlvr.training_batch import TrainingBatch
from tests.rlvr.groups import scored

GROUPS = [scored(number, 1.0, 0.0, 0.5, 0.0, length=4 + number) for number in range(4)]


def recipe(ranks: int = 1, **learner: Any) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "test",
            "model": "unused",
            "problems": {"source": {"kind": "sums"}},
            "verifier": "math",
            "learner": {"steps": 4, "optimizer": {"lr": 1e-3}, "engine": {"ranks": ranks}, **learner},
        }
    )


def batch_for(recipe: Recipe) -> TrainingBatch:
    return build_batch(
        GROUPS,
        algorithm=recipe.algorithm,
        buffer=recipe.buffer,
        version=0,
        row_tokens=40,
        ranks=recipe.learner.engine.ranks,
        max_tokens=16,
        mini_batches=recipe.learner.mini_batches,
    )


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tokenizer = train_tokenizer("character", [], 128)
    model = build_model("olmo3-nano", len(tokenizer), seed=0)
    save_model(folder, model.config, model.state_dict(), tokenizer)
    return folder


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rank in this process sets these; no other test is to see them."""
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "0")
        monkeypatch.delenv(name)


def started_rank(recipe: Recipe, model: Path) -> LearnerRank:
    spec = LearnerSpec(str(model), str(model), "float32", 1.0, "shared_memory", recipe.algorithm, recipe.learner)
    rank = LearnerRank(spec)
    rank.start(0, 1, rank.address())
    return rank


def weights_of(rank: LearnerRank) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in load_file(rank.publish(1)["path"]).items()}


def test_a_single_step_is_on_policy(model_folder: Path) -> None:
    plan = recipe()

    metrics = combine([started_rank(plan, model_folder).step(batch_for(plan).for_rank(0))])

    assert metrics["policy/ratio"] == 1
    assert metrics["policy/clip_share"] == 0
    assert metrics["policy/entropy"] == pytest.approx(4.6, abs=0.2)
    assert metrics["lr"] == 1e-3
    assert metrics["grad_norm"] > 0


def test_more_passes_and_mini_batches_move_the_ratio(model_folder: Path) -> None:
    plan = recipe(epochs=2, mini_batches=2)

    report = started_rank(plan, model_folder).step(batch_for(plan).for_rank(0))

    assert len(report.steps) == 4
    assert combine([report])["policy/ratio"] != 1


def test_a_checkpoint_goes_on_bit_by_bit_and_loads_in_transformers(model_folder: Path, tmp_path: Path) -> None:
    plan = recipe()
    rows = batch_for(plan).for_rank(0)
    rank = started_rank(plan, model_folder)
    rank.step(rows)
    rank.save(str(tmp_path / "checkpoint"))
    saved = weights_of(rank)
    expected_report, expected = rank.step(rows), weights_of(rank)

    resumed = started_rank(plan, tmp_path / "checkpoint")
    resumed.load(str(tmp_path / "checkpoint"))
    report = resumed.step(rows)

    assert report.micro_batches == expected_report.micro_batches
    assert report.steps == expected_report.steps
    assert {n: t.tolist() for n, t in weights_of(resumed).items()} == {n: t.tolist() for n, t in expected.items()}
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "checkpoint")
    assert all(torch.equal(saved[name], tensor) for name, tensor in loaded.state_dict().items())


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def test_two_ranks_are_one_learner(cluster: None, model_folder: Path, tmp_path: Path) -> None:
    one, two = recipe(), recipe(ranks=2)
    alone = started_rank(one, model_folder)
    expected = combine([alone.step(batch_for(one).for_rank(0))])

    async def run() -> tuple[dict[str, float], dict[str, torch.Tensor], dict[str, object]]:
        group = LearnerGroup(two, str(model_folder), (ActorResources(1, 0),) * 2)
        try:
            await group.start()
            metrics = await group.step(batch_for(two))
            update = await group.publish(1)
            await group.save(tmp_path / "checkpoint")
            return metrics, load_file(str(update.source["path"])), dict(update.source)
        finally:
            await group.close()

    metrics, weights, source = asyncio.run(run())

    for name, value in expected.items():
        if not name.startswith("time/"):
            assert metrics[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name
    for name, tensor in weights_of(alone).items():
        torch.testing.assert_close(weights[name], tensor, atol=2e-5, rtol=0, msg=name)
    assert (tmp_path / "checkpoint" / "optimizer").is_dir()
    assert not Path(str(source["path"])).exists()


def test_a_rank_that_dies_is_named(cluster: None, model_folder: Path) -> None:
    async def run() -> None:
        group = LearnerGroup(recipe(), str(model_folder), (ActorResources(1, 0),))
        try:
            await group.start()
            [rank] = group._ranks
            ray.kill(rank)
            await group.step(batch_for(recipe()))
        finally:
            await group.close()

    with pytest.raises(ProcessError, match=r"learner rank 0 died \(.*\); go on from the last checkpoint with"):
        asyncio.run(run())


def test_a_wait_that_is_too_long_names_the_ranks(cluster: None, model_folder: Path) -> None:
    async def run() -> None:
        group = LearnerGroup(recipe(timeout_s=0.05), str(model_folder), (ActorResources(1, 0),))
        try:
            await group.start()
        finally:
            await group.close()

    with pytest.raises(TimeoutError, match=r"waited 0\.05 s for learner rank 0 to start"):
        asyncio.run(run())
    assert "RANK" not in os.environ
