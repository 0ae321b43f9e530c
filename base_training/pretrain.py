"""Pretraining, short: next-token prediction over a corpus, from random weights or from a model that is there.

One process, one DeepSpeed rank. :mod:`base_training.pretrain_process` runs it apart from the caller.
"""

import itertools
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from base_training.config import DataSection, ModelSection, StageSection
from base_training.data.corpus import Corpus, token_rows
from base_training.engine import TrainEngine
from base_training.errors import InputError
from base_training.lineage import write_lineage
from base_training.losses import next_token_loss
from base_training.models.build import build_model, load_model, load_tokenizer, save_model
from base_training.models.presets import PRESETS
from base_training.models.resolve import resolve_model
from base_training.run_folder import atomic_folder, write_atomically, write_manifest
from base_training.text.tokenizer import train_tokenizer

METRICS = "metrics.jsonl"
"""Beside the weights: one line for each report of progress."""

_VOCABULARY_DOCUMENTS = 10_000


@dataclass(frozen=True, slots=True)
class PretrainProgress:
    """How far a stage is. Losses are means over tokens, in nats.

    Attributes:
        step: Optimizer steps taken.
        steps: Optimizer steps of the whole stage.
        loss: Over the steps since the last report.
        grad_norm: Of the last step, before clipping.
        lr: Learning rate of the last step.
        tokens_per_s: Trained on since the last report.
        held_out_loss: At the last step; None before.
    """

    step: int
    steps: int
    loss: float
    grad_norm: float
    lr: float
    tokens_per_s: float
    held_out_loss: float | None = None


@dataclass(frozen=True, slots=True)
class PretrainReport:
    """What a stage came to.

    Attributes:
        folder: The model: a Hugging Face folder with lineage and manifest.
        parameters: How many it has.
        tokens: Trained on.
        loss: Training loss since the last report but one, in nats per token.
        held_out_loss: Of documents that were kept apart, in nats per token.
        wall_s: Seconds, from the reading of the corpus to the written model.
    """

    folder: str
    parameters: int
    tokens: int
    loss: float
    held_out_loss: float
    wall_s: float


def pretrain(
    stage: StageSection,
    model: ModelSection,
    data: DataSection,
    out: Path,
    seed: int,
    progress: Callable[[PretrainProgress], None] = lambda _: None,
) -> PretrainReport:
    """Train a model on a corpus and write it.

    Args:
        stage: Steps, batches, optimizer.
        model: Names a preset (random weights, and a tokenizer made from the corpus), or a model to go on from.
        data: The corpus.
        out: The folder to write; it comes into being whole, or not at all.
        seed: Of weights and corpus.
        progress: Is told every ``log_every`` steps, and at the last one.

    Raises:
        InputError: A corpus or model that cannot be used, a folder that exists or cannot be written, or a loss
            that is no longer finite.
    """
    started = time.monotonic()
    corpus = Corpus(data, seed)
    torch.manual_seed(seed)
    parent, network, tokenizer = _starting_point(stage, model, corpus, seed)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    with atomic_folder(out) as folder:
        engine = TrainEngine(network, stage.optimizer, stage.engine, stage.steps)
        try:
            reports = []
            for report in _steps(engine, stage, corpus, tokenizer):
                reports.append(report)
                progress(report)
            weights = {name: tensor.cpu().clone() for name, tensor in engine.gather_weights()}
        finally:
            engine.close()
        save_model(folder, network.config, weights, tokenizer)
        write_atomically(folder / METRICS, "".join(json.dumps(asdict(report)) + "\n" for report in reports))
        recipe = {"seed": seed} | {
            name: section.model_dump(mode="json")
            for name, section in (("model", model), ("data", data), ("stage", stage))
        }
        write_lineage(folder, parent=parent, stage=stage.kind, recipe=recipe, data=corpus.fingerprints)
        write_manifest(folder)
    last = reports[-1]
    assert last.held_out_loss is not None
    tokens = stage.steps * stage.batch_sequences * stage.sequence_length
    return PretrainReport(str(out), parameters, tokens, last.loss, last.held_out_loss, time.monotonic() - started)


def _starting_point(
    stage: StageSection, model: ModelSection, corpus: Corpus, seed: int
) -> tuple[str | None, PreTrainedModel, PreTrainedTokenizerBase]:
    """Parent, model and tokenizer; a preset has no parent."""
    if model.name is None:
        raise InputError("model: a base stage needs the name of a preset, or of a model to go on from")
    if model.name not in PRESETS:
        parent = resolve_model(model.name, seed)
        return parent, load_model(parent, model.dtype), load_tokenizer(parent)
    texts = itertools.islice(corpus.documents("train"), _VOCABULARY_DOCUMENTS)
    try:
        tokenizer = train_tokenizer(stage.vocabulary, texts, stage.vocabulary_size)
    except ValueError as error:
        raise InputError(f"stage.vocabulary_size: {error}") from error
    network = build_model(model.name, len(tokenizer), seed, model.dtype)
    _rescale(network, stage.init_std, stage.embedding_init_std)
    return None, network, tokenizer


def _rescale(network: PreTrainedModel, matrix_std: float, embedding_std: float) -> None:
    """Give freshly drawn weights other standard deviations than the configuration's."""
    drawn = network.config.initializer_range
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Linear):
                module.weight.mul_(matrix_std / drawn)
            elif isinstance(module, nn.Embedding):
                module.weight.mul_(embedding_std / drawn)


def _steps(
    engine: TrainEngine, stage: StageSection, corpus: Corpus, tokenizer: PreTrainedTokenizerBase
) -> Iterator[PretrainProgress]:
    """Take all steps, and report now and then."""
    batches = token_rows(corpus.documents("train"), tokenizer, stage.batch_sequences, stage.sequence_length)
    losses: list[float] = []
    since = time.monotonic()
    for step, batch in enumerate(itertools.islice(batches, stage.steps), 1):
        (numbers,) = engine.forward_backward(
            [batch], lambda network, rows: _mean_loss(network, rows, stage.z_loss)
        )
        metrics = engine.step()
        losses.append(numbers["cross_entropy"])
        if not math.isfinite(losses[-1]):
            raise InputError(f"stage: the loss is {losses[-1]} at step {step}; lower stage.optimizer.lr")
        if step % stage.log_every == 0 or step == stage.steps:
            rate = len(losses) * batch.size / (time.monotonic() - since)
            held_out = _held_out_loss(engine, stage, corpus, tokenizer) if step == stage.steps else None
            yield PretrainProgress(
                step, stage.steps, float(np.mean(losses)), metrics.grad_norm, metrics.lr, rate, held_out
            )
            losses, since = [], time.monotonic()


def _mean_loss(network: nn.Module, rows: np.ndarray, z_loss: float) -> tuple[Tensor, Mapping[str, Tensor]]:
    ids = torch.from_numpy(rows).to(next(network.parameters()).device)
    sums = next_token_loss(network(input_ids=ids, use_cache=False).logits, ids, z_loss)
    return sums.loss / sums.tokens, {"cross_entropy": sums.cross_entropy / sums.tokens}


def _held_out_loss(
    engine: TrainEngine, stage: StageSection, corpus: Corpus, tokenizer: PreTrainedTokenizerBase
) -> float:
    batches = token_rows(corpus.documents("held_out"), tokenizer, stage.batch_sequences, stage.sequence_length)
    count = math.ceil(stage.held_out_sequences / stage.batch_sequences)
    losses = engine.infer(
        list(itertools.islice(batches, count)), lambda network, rows: _mean_loss(network, rows, z_loss=0.0)[0]
    )
    return float(torch.stack(losses).mean())
