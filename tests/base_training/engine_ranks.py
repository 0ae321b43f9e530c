"""One rank of the engine's tests: `python -m tests.base_training.engine_ranks FOLDER`.

Trains the same tiny model on the same micro-batches at every ZeRO stage, and once more from saved state; rank 0
writes what came out.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import Olmo3Config, Olmo3ForCausalLM

from base_training.config import EngineSection, OptimizerSection
from base_training.engine import TrainEngine
from base_training.models.packed_forward import branch_logprobs
from base_training.packing import PackedRow, Tree, pack_row

STAGES = (0, 1, 2, 3)
STEPS = 2
OPTIMIZER = OptimizerSection(lr=1e-2, max_grad_norm=0.5, weight_decay=0.1, warmup_steps=2, schedule="linear")


def tiny_model(tied: bool, seed: int = 0) -> Olmo3ForCausalLM:
    """Four layers with windows of 4."""
    torch.manual_seed(seed)
    config = Olmo3Config(
        vocab_size=48,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=1,
        sliding_window=4,
        tie_word_embeddings=tied,
        pad_token_id=None,
        eos_token_id=None,
        initializer_range=0.1,
    )
    return Olmo3ForCausalLM(config).train()


def micro_batches(step: int) -> list[PackedRow]:
    """Four rows of different lengths; the last one is empty."""
    rng = np.random.default_rng(step)

    def draw(length: int) -> np.ndarray:
        return rng.integers(0, 48, length, dtype=np.int32)

    rows = [pack_row([Tree(draw(5), (draw(7), draw(3)))]), pack_row([Tree(draw(2), (draw(9),))])]
    return [
        *rows,
        pack_row([Tree(draw(3), (draw(4),)), Tree(draw(2), (draw(2), draw(6)))]),
        pack_row([], pad_to=1),
    ]


def loss(model: nn.Module, row: PackedRow) -> tuple[Tensor, dict[str, Tensor]]:
    """Negative log-likelihood over a constant."""
    out = branch_logprobs(model, row)
    return -out.logprobs.sum() / 10, {"tokens": torch.tensor(len(row.targets))}


def train(engine: TrainEngine, steps: range) -> Iterator[dict[str, float]]:
    """Step by step, each rank on its share; reports are summed over this rank's micro-batches."""
    for step in steps:
        reports = engine.forward_backward(micro_batches(step)[engine.rank :: engine.ranks], loss)
        taken = engine.step()
        yield {
            "loss": sum(report["loss"] for report in reports),
            "tokens": sum(report["tokens"] for report in reports),
            "grad_norm": taken.grad_norm,
            "lr": taken.lr,
        }


def gathered(engine: TrainEngine) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in engine.gather_weights()}


def main(folder: Path) -> None:
    results: dict[str, list[dict[str, float]]] = {}
    for stage in STAGES:
        section = EngineSection(zero_stage=stage, gradient_checkpointing=stage == 2)
        engine = TrainEngine(tiny_model(tied=stage == 1), OPTIMIZER, section, STEPS, timeout_s=60)
        results[f"zero-{stage}"] = list(train(engine, range(1)))
        engine.save(folder / f"optimizer-{stage}")
        half_way = gathered(engine)
        results[f"zero-{stage}"] += train(engine, range(1, STEPS))
        weights = gathered(engine)

        other = tiny_model(tied=stage == 1, seed=1)
        shared = [half_way]
        torch.distributed.broadcast_object_list(shared)
        other.load_state_dict(shared[0], strict=False)
        resumed = TrainEngine(other, OPTIMIZER, section, STEPS, timeout_s=60)
        resumed.load(folder / f"optimizer-{stage}")
        again = list(train(resumed, range(1, STEPS)))
        assert again == results[f"zero-{stage}"][1:], (again, results[f"zero-{stage}"])
        after = gathered(resumed)
        assert all(torch.equal(after[name], tensor) for name, tensor in weights.items())
        if engine.rank == 0:
            torch.save(weights, folder / f"weights-{stage}.pt")
    (folder / f"reports-{engine.rank}.json").write_text(json.dumps(results))
    engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
