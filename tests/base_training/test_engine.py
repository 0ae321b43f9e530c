"""ZeRO stages and ranks are one training: the same losses, gradient norms and weights; a resume changes no bit.

The ranks are real DeepSpeed processes (``engine_ranks``); within them the resumed run is compared bit by bit.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from base_training.config import EngineSection, OptimizerSection
from base_training.engine import TrainEngine
from base_training.errors import InputError
from tests.base_training import engine_ranks
from tests.base_training.engine_ranks import OPTIMIZER, STAGES, STEPS, loss, micro_batches, tiny_model

Reports = dict[str, list[dict[str, float]]]


def run_ranks(folder: Path, ranks: int) -> None:
    """Run ``engine_ranks`` to its end: alone in this process, or in a group of others."""
    if ranks == 1:
        engine_ranks.main(folder)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {
        "WORLD_SIZE": str(ranks),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "tests.base_training.engine_ranks", str(folder)]
    processes = [
        subprocess.Popen(
            command,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(ranks)
    ]
    try:
        for rank, process in enumerate(processes):
            output, _ = process.communicate(timeout=180)
            assert process.returncode == 0, f"rank {rank} of {ranks}:\n{output[-4000:]}"
    finally:
        for process in processes:
            process.kill()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[list[Reports], dict[int, Any]]]:
    """By number of ranks: reports of each rank, and weights by ZeRO stage."""
    results = {}
    for ranks in (1, 2):
        folder = tmp_path_factory.mktemp(f"ranks-{ranks}")
        run_ranks(folder, ranks)
        reports = [json.loads((folder / f"reports-{rank}.json").read_text()) for rank in range(ranks)]
        results[ranks] = reports, {stage: torch.load(folder / f"weights-{stage}.pt") for stage in STAGES}
    return results


@pytest.fixture(scope="module")
def plain() -> dict[int, tuple[list[dict[str, float]], dict[str, torch.Tensor]]]:
    """The oracle: the same training in plain PyTorch, by ZeRO stage (stage 1 has tied embeddings)."""
    results = {}
    for stage in STAGES:
        model = tiny_model(tied=stage == 1)
        embeddings = model.get_input_embeddings().weight
        matrices = [p for p in model.parameters() if p.ndim == 2 and p is not embeddings]
        rest = [p for p in model.parameters() if p.ndim == 1 or p is embeddings]
        groups = [{"params": matrices, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
        adam = torch.optim.AdamW(groups, lr=1e-2, betas=OPTIMIZER.betas, eps=OPTIMIZER.eps)
        reports = []
        for step, lr in enumerate((5e-3, 1e-2)):
            value = sum((loss(model, row)[0] for row in micro_batches(step)), torch.tensor(0.0))
            value.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            for group in adam.param_groups:
                group["lr"] = lr
            adam.step()
            adam.zero_grad()
            reports.append({"loss": value.item(), "grad_norm": norm.item(), "lr": lr})
        results[stage] = reports, dict(model.named_parameters())
    return results


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_and_number_of_ranks_is_plain_training(
    outcomes: Any, plain: Any, stage: int, ranks: int
) -> None:
    reports, weights = outcomes[ranks]
    expected_reports, expected_weights = plain[stage]

    for step in range(STEPS):
        ours = [report[f"zero-{stage}"][step] for report in reports]
        assert sum(r["loss"] for r in ours) == pytest.approx(expected_reports[step]["loss"], abs=2e-5)
        assert sum(r["tokens"] for r in ours) == sum(len(row.targets) for row in micro_batches(step))
        for report in ours:
            assert report["grad_norm"] == pytest.approx(expected_reports[step]["grad_norm"], rel=1e-4)
            assert report["lr"] == expected_reports[step]["lr"]
    assert set(weights[stage]) == set(expected_weights)
    for name, expected in expected_weights.items():
        torch.testing.assert_close(weights[stage][name], expected.detach(), atol=1e-5, rtol=1e-4, msg=name)


def test_loading_from_an_empty_folder_says_what_is_missing(tmp_path: Path) -> None:
    engine = TrainEngine(tiny_model(tied=False), OptimizerSection(lr=1e-3), EngineSection(), total_steps=1)

    with pytest.raises(InputError, match="no optimizer state for 1 ranks at ZeRO stage 0"):
        engine.load(tmp_path)
    engine.close()
