"""The learner's tokens per second against a bare PyTorch loop on the same packed batches.

Both run in this process, one optimizer step each in turn, so that what else the machine does falls on both.
"""

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from base_training.config import EngineSection, OptimizerSection
from base_training.engine import TrainEngine
from base_training.models.build import build_model
from base_training.models.packed_forward import attention_masks
from rewards.problem import Problem
from rewards.verdict import Verdict
from rlvr.batching import build_batch
from rlvr.config import AlgorithmSection
from rlvr.policy_loss import MicroBatch, PolicyLoss
from rollouts.config import BufferSection
from rollouts.sample import Group, Sample
from tests.benchmarks.row import Row

NAMES = ("learner-nano", "learner-micro")
ROUNDS = {"learner-nano": 40, "learner-micro": 16}
VOCABULARY = 100
OPTIMIZER = OptimizerSection(lr=1e-5)


def rows(names: Sequence[str] = NAMES) -> list[Row]:
    """Measure the named rows."""
    return [measure(name) for name in names]


def measure(name: str) -> Row:
    """One row: as many steps of each kind as ``ROUNDS`` says, after two for warming up."""
    batch = build_batch(
        _groups(np.random.default_rng(0)),
        algorithm=AlgorithmSection(),
        buffer=BufferSection(),
        version=0,
        row_tokens=512,
        ranks=1,
        max_tokens=64,
    )
    micro_batches = [MicroBatch(row) for row in batch.for_rank(0)[0]]
    preset = f"olmo3-{name.removeprefix('learner-')}"
    engine_step, bare_step = _engine_step(preset, micro_batches), _bare_step(preset, micro_batches)
    for _ in range(2):
        engine_step()
        bare_step()
    pairs = [
        (_rate(engine_step, batch.forwarded_tokens), _rate(bare_step, batch.forwarded_tokens))
        for _ in range(ROUNDS[name])
    ]
    ours, bare = zip(*pairs, strict=True)
    low, _, high = statistics.quantiles(ours, n=4)
    return Row(
        name=name,
        value=statistics.median(ours),
        unit="tokens/s",
        baseline=statistics.median(bare),
        ratio=statistics.median(o / b for o, b in pairs),
        goal=0.8,
        n=len(pairs),
        spread=high - low,
    )


def _engine_step(preset: str, micro_batches: Sequence[MicroBatch]) -> Callable[[], None]:
    loss = PolicyLoss(AlgorithmSection(), 1.0)
    engine = TrainEngine(build_model(preset, VOCABULARY, 0).train(), OPTIMIZER, EngineSection(), total_steps=1000)

    def step() -> None:
        engine.forward_backward(micro_batches, loss)
        engine.step()

    return step


def _bare_step(preset: str, micro_batches: Sequence[MicroBatch]) -> Callable[[], None]:
    """What one would write without any framework: forward, gather, ratio, backward, clip, AdamW."""

    model = build_model(preset, VOCABULARY, 0).train()
    adam = torch.optim.AdamW(model.parameters(), lr=OPTIMIZER.lr, fused=True)
    batches = [(micro.row, attention_masks(model, micro.row.packed, model.device)) for micro in micro_batches]

    def step() -> None:
        for row, masks in batches:
            packed = row.packed
            logits = model(
                input_ids=torch.from_numpy(packed.input_ids)[None],
                position_ids=torch.from_numpy(packed.position_ids)[None],
                attention_mask=masks,
                logits_to_keep=torch.from_numpy(packed.predict_from),
                use_cache=False,
            ).logits[0]
            logprobs = logits.log_softmax(-1).gather(-1, torch.from_numpy(packed.targets)[:, None])[:, 0]
            ratio = (logprobs - logprobs.detach()).exp()
            (-ratio * torch.from_numpy(row.advantages * row.weights)).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIMIZER.max_grad_norm)
        adam.step()
        adam.zero_grad()

    return step


def _rate(step: Callable[[], None], tokens: int) -> float:
    began = time.perf_counter()
    step()
    return tokens / (time.perf_counter() - began)


def _groups(rng: np.random.Generator) -> list[Group]:
    """Eight groups of eight answers of 8 to 64 tokens to prompts of 24, half of them right."""
    groups = []
    for number in range(8):
        samples = tuple(_sample(rng, index, float(index % 2)) for index in range(8))
        problem = Problem(str(number), ({"role": "user", "content": "?"},), "math", "1")
        groups.append(Group(number, 0, problem, rng.integers(0, VOCABULARY, 24, dtype=np.int32), samples))
    return groups


def _sample(rng: np.random.Generator, index: int, score: float) -> Sample:
    length = int(rng.integers(8, 65))
    return Sample(
        index=index,
        seed=index,
        token_ids=rng.integers(0, VOCABULARY, length, dtype=np.int32),
        logprobs=np.full(length, -4.6, dtype=np.float32),
        versions=np.zeros(length, dtype=np.int32),
        loss_mask=np.ones(length, dtype=bool),
        text="",
        finish_reason="stop",
        started_s=0.0,
        finished_s=1.0,
        worker=0,
        verdict=Verdict(score),
    )
