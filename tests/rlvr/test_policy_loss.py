"""The loss of packed rows against the same loss written out over plain sequences."""

import dataclasses

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from base_training.models.build import build_model
from rlvr.batching import build_batch, empty_row
from rlvr.config import AlgorithmSection
from rlvr.policy_loss import MicroBatch, PolicyLoss
from rlvr.training_batch import TrainingRow
from rollouts.config import BufferSection
from rollouts.sample import Group
from tests.rlvr.groups import scored

TEMPERATURE = 0.8


@pytest.fixture
def model() -> PreTrainedModel:
    return build_model("olmo3-nano", 100, seed=0).train()


@pytest.fixture
def group() -> Group:
    """Three samples whose behaviour log-probs are far off and near the policy's."""
    one = scored(0, 1.0, 0.0, 0.0, length=4)
    logprobs = [np.linspace(-7, -3, 4, dtype=np.float32) - i for i in range(3)]
    samples = tuple(dataclasses.replace(s, logprobs=m) for s, m in zip(one.samples, logprobs, strict=True))
    return dataclasses.replace(one, samples=samples)


def row_of(group: Group) -> TrainingRow:
    section = AlgorithmSection()
    batch = build_batch(
        [group], algorithm=section, buffer=BufferSection(), version=0, row_tokens=64, ranks=1, max_tokens=8
    )
    return batch.for_rank(0)[0][0]


def plain_logprobs(model: PreTrainedModel, group: Group) -> list[torch.Tensor]:
    """One forward for each sample."""
    results = []
    for sample in group.samples:
        ids = torch.from_numpy(np.concatenate([group.prompt_ids, sample.token_ids])).long()[None]
        logits = model(input_ids=ids, use_cache=False).logits[0, len(group.prompt_ids) - 1 : -1] / TEMPERATURE
        results.append(logits.log_softmax(-1).gather(-1, ids[0, len(group.prompt_ids) :, None])[:, 0])
    return results


def test_loss_gradient_and_numbers_are_those_of_plain_sequences(model: PreTrainedModel, group: Group) -> None:
    loss, numbers = PolicyLoss(AlgorithmSection(importance_cap=1.5), TEMPERATURE)(model, MicroBatch(row_of(group)))
    loss.backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    model.zero_grad()

    expected = torch.zeros(())
    weights = []
    for sample, logprobs, advantage in zip(
        group.samples, plain_logprobs(model, group), (2 / 3, -1 / 3, -1 / 3), strict=True
    ):
        ratio = (logprobs.detach() - torch.from_numpy(sample.logprobs)).exp()
        weights.append(ratio.clamp(max=1.5))
        expected = expected - (weights[-1] * (logprobs - logprobs.detach()).exp() * advantage).sum() / 12
    expected.backward()

    torch.testing.assert_close(loss, expected, atol=1e-6, rtol=1e-5)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(gradients[name], parameter.grad, atol=1e-6, rtol=1e-3, msg=name)
    assert numbers["tokens"] == 12
    assert numbers["ratio"] == 12
    assert numbers["clip_share"] == 0
    torch.testing.assert_close(numbers["importance"], torch.cat(weights).sum(), atol=1e-4, rtol=1e-4)
    assert numbers["importance_changed_share"] == sum(int((w == 1.5).sum()) for w in weights)


def test_the_kl_term_pulls_towards_the_reference(model: PreTrainedModel, group: Group) -> None:
    row = row_of(group)
    algorithm = PolicyLoss(AlgorithmSection(kl_coefficient=0.5), TEMPERATURE)
    reference = algorithm.logprobs(model, row).detach() + 0.1

    without, _ = algorithm(model, MicroBatch(row))
    loss, numbers = algorithm(model, MicroBatch(row, reference=reference))

    divergence = np.exp(0.1) - 0.1 - 1
    assert numbers["kl_reference"].item() == pytest.approx(12 * divergence, rel=1e-3)
    assert (loss - without).item() == pytest.approx(0.5 * divergence, rel=1e-3)


def test_masked_tokens_have_no_part_whatever_their_behaviour(model: PreTrainedModel, group: Group) -> None:
    row = row_of(group)
    weights = row.weights.copy()
    weights[2] = 0
    behaviour = row.behaviour.copy()
    behaviour[2] = -np.inf
    algorithm = PolicyLoss(AlgorithmSection(importance="none"), TEMPERATURE)

    plain, _ = algorithm(model, MicroBatch(dataclasses.replace(row, weights=weights)))
    loss, numbers = algorithm(model, MicroBatch(dataclasses.replace(row, weights=weights, behaviour=behaviour)))

    assert loss == plain
    assert numbers["tokens"] == 11


def test_the_empty_row_weighs_nothing(model: PreTrainedModel) -> None:
    loss, numbers = PolicyLoss(AlgorithmSection(), TEMPERATURE)(model, MicroBatch(empty_row()))
    loss.backward()

    assert loss == 0
    assert numbers["tokens"] == 0
    assert all(torch.count_nonzero(p.grad) == 0 for p in model.parameters())
