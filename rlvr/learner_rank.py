"""One rank of the learner: the policy in a DeepSpeed engine, trained on packed rows."""

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
import torch
from torch import Tensor, nn

from base_training.engine import StepMetrics, TrainEngine
from base_training.models.build import load_model, load_tokenizer, save_model
from rlvr.config import AlgorithmSection, LearnerSection
from rlvr.learner_report import RankReport
from rlvr.policy_loss import MicroBatch, PolicyLoss
from rlvr.publisher import PUBLISHERS, Publisher
from rlvr.training_batch import TrainingRow
from rollouts.transfer.nccl import NcclGroup

OPTIMIZER = "optimizer"
"""The folder of the optimizer's state within a checkpoint."""


@dataclass(frozen=True, slots=True)
class LearnerSpec:
    """What all ranks are told.

    Attributes:
        model: Folder or hub id of the weights to start from; that of a checkpoint when a run goes on.
        reference: The model that the run started from, for the KL term.
        dtype: ``float32`` or ``bfloat16``.
        temperature: That of sampling.
        transfer: How weights reach the workers.
        algorithm: Its section of the recipe.
        learner: Its section of the recipe.
    """

    model: str
    reference: str
    dtype: str
    temperature: float
    transfer: str
    algorithm: AlgorithmSection
    learner: LearnerSection


class LearnerRank:
    """Lives in a process of its own; all ranks are called with the same methods at the same time."""

    def __init__(self, spec: LearnerSpec, cores: Sequence[int] = ()) -> None:
        """
        Args:
            spec: The same for every rank.
            cores: Cores to pin this process to; empty pins nothing.
        """
        if cores:
            os.sched_setaffinity(0, cores)
        self._spec = spec

    def address(self) -> tuple[str, int]:
        """Where the other ranks find this one: its node, and a free port."""
        host = ray.util.get_node_ip_address() if ray.is_initialized() else "127.0.0.1"
        with socket.socket() as probe:
            probe.bind((host, 0))
            return host, probe.getsockname()[1]

    def start(self, rank: int, ranks: int, address: tuple[str, int]) -> None:
        """Load the model and join the other ranks.

        Raises:
            InputError: The model cannot be loaded, or the algorithm names a function that does not exist.
            TimeoutError: The other ranks did not come in time.
        """
        os.environ.update(
            RANK=str(rank), WORLD_SIZE=str(ranks), MASTER_ADDR=address[0], MASTER_PORT=str(address[1])
        )
        spec, section = self._spec, self._spec.learner
        torch.set_num_threads(section.engine.threads)
        self._loss = PolicyLoss(spec.algorithm, spec.temperature)
        self._tokenizer = load_tokenizer(spec.model)
        self._model = load_model(spec.model, spec.dtype)
        self._generation_config = self._model.generation_config
        self._model.set_attn_implementation(section.attention)
        without_dropout(self._model)
        self._reference = None
        if spec.algorithm.kl_coefficient > 0:
            self._reference = load_model(spec.reference, spec.dtype).requires_grad_(False)
            self._reference.set_attn_implementation(section.attention)
        total_steps = section.steps * section.epochs * section.mini_batches
        self._engine = TrainEngine(
            self._model, section.optimizer, section.engine, total_steps, timeout_s=section.timeout_s
        )
        if self._reference is not None:
            self._reference.to(device=self._engine.device)  # type: ignore[call-arg]
        self._publisher: Publisher = PUBLISHERS[spec.transfer](self._engine)

    def step(self, mini_batches: Sequence[Sequence[TrainingRow]]) -> RankReport:
        """Train on one batch: an optimizer step for each mini-batch, in as many passes as the recipe says.

        Args:
            mini_batches: This rank's rows; every rank has equally many in each.
        """
        began = time.perf_counter()
        prepared = self._prepare(mini_batches)
        numbers: list[dict[str, float]] = []
        steps: list[StepMetrics] = []
        for _ in range(self._spec.learner.epochs):
            for micro_batches in prepared:
                numbers += self._engine.forward_backward(micro_batches, self._loss)
                steps.append(self._engine.step())
        return RankReport(tuple(numbers), tuple(steps), time.perf_counter() - began)

    def join(self, group: NcclGroup) -> None:
        """Meet the rollout workers, which connect meanwhile."""
        self._publisher.join(group)

    def publish(self, version: int) -> dict[str, Any]:
        """Make the present weights a policy version.

        Returns:
            The ``source`` of its `WeightUpdate`; that of rank 0 counts.

        Raises:
            InputError: There is no room for them.
        """
        return self._publisher.publish(version)

    def send(self) -> None:
        """Bring what was published to workers that are taking it now."""
        self._publisher.send()

    def save(self, folder: str) -> None:
        """Write the policy as a Hugging Face folder, with the optimizer's state in it.

        Raises:
            InputError: The disk is full or the folder cannot be written.
        """
        weights = {name: tensor.cpu() for name, tensor in self._engine.gather_weights()}
        if self._engine.rank == 0:
            config = self._model.config
            save_model(Path(folder), config, weights, self._tokenizer, self._generation_config)
        self._engine.save(Path(folder) / OPTIMIZER)

    def load(self, folder: str) -> None:
        """Go on from a checkpoint's optimizer state; its weights are those that this rank started from.

        Raises:
            InputError: It was written with other ranks or another ZeRO stage.
        """
        self._engine.load(Path(folder) / OPTIMIZER)

    def close(self) -> None:
        """Leave no published weights behind."""
        self._publisher.close()

    def _prepare(self, mini_batches: Sequence[Sequence[TrainingRow]]) -> list[list[MicroBatch]]:
        """Rows with the log-probs that the loss compares with; none are needed for a single on-policy step."""
        single = len(mini_batches) * self._spec.learner.epochs == 1
        prepared = []
        for rows in mini_batches:
            old: list[Tensor | None] = [None] * len(rows)
            reference: list[Tensor | None] = [None] * len(rows)
            if not single:
                old = [*self._engine.infer(rows, self._loss.logprobs)]
            if self._reference is not None:
                with torch.no_grad():
                    reference = [self._loss.logprobs(self._reference, row) for row in rows]
            prepared.append([MicroBatch(*parts) for parts in zip(rows, old, reference, strict=True)])
        return prepared


def without_dropout(model: nn.Module) -> None:
    """Turn dropout off: a policy's log-probs must be those it samples with, in training mode too."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            vars(module)["attention_dropout"] = 0.0
