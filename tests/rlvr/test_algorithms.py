"""Small exact numbers for every advantage, normalisation, loss and correction."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from base_training.errors import InputError
from rlvr.algorithms import ALGORITHMS, Kind, algorithm
from rlvr.algorithms.losses import k3
from rlvr.algorithms.tokens import Tokens
from rlvr.config import AlgorithmSection


def tokens(ratio: list[float], advantages: list[float], weight: list[float] | None = None) -> Tokens:
    """Two samples, of all but the last token and of the last; ``weight`` is π_old / μ."""
    old = torch.full((len(ratio),), -1.0)
    return Tokens(
        logprobs=(old + torch.tensor(ratio).log()).requires_grad_(),
        old=old,
        behaviour=old - torch.tensor(weight or [1.0] * len(ratio)).log(),
        advantages=torch.tensor(advantages),
        sample=torch.tensor([0] * (len(ratio) - 1) + [1]),
        mask=torch.ones(len(ratio), dtype=torch.bool),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("group_mean", [0.75, -0.25, -0.25, -0.25]),
        ("grpo", [3**0.5, -(3**-0.5), -(3**-0.5), -(3**-0.5)]),
        ("rloo", [1.0, -1 / 3, -1 / 3, -1 / 3]),
        ("score", [1.0, 0.0, 0.0, 0.0]),
    ],
)
def test_advantages(name: str, expected: list[float]) -> None:
    advantages = algorithm("advantage", name)(np.array([1.0, 0.0, 0.0, 0.0]))

    np.testing.assert_allclose(advantages, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["group_mean", "grpo", "rloo"])
def test_equal_scores_have_no_advantage(name: str) -> None:
    assert algorithm("advantage", name)(np.array([0.5, 0.5])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("token", [1 / 10, 1 / 10, 1 / 10]),
        ("sequence", [1 / 4, 1 / 16, 1 / 2]),
        ("constant", [1 / 40, 1 / 40, 1 / 40]),
    ],
)
def test_normalisations_count_only_samples_in_the_loss(name: str, expected: list[float]) -> None:
    weights = algorithm("normalisation", name)(np.array([2, 8, 0]), max_tokens=20)

    np.testing.assert_allclose(weights, expected)


def test_clip_takes_gradient_only_where_the_ratio_would_go_further() -> None:
    batch = tokens([1.0, 1.5, 1.5, 0.5, 0.5], [1, 1, -1, 1, -1])

    loss, clipped = algorithm("loss", "clip")(batch, 0.2, 0.272)
    loss.sum().backward()

    torch.testing.assert_close(loss, torch.tensor([-1.0, -1.272, 1.5, -0.5, 0.8]))
    assert clipped.tolist() == [False, True, False, False, True]
    torch.testing.assert_close(batch.logprobs.grad, torch.tensor([-1.0, 0.0, 1.5, -0.5, 0.0]))


@pytest.mark.parametrize("name", ALGORITHMS["loss"])
def test_at_the_first_step_every_loss_has_the_policy_gradient(name: str) -> None:
    batch = tokens([1.0, 1.0, 1.0], [0.5, 0.5, -2.0])

    loss, clipped = algorithm("loss", name)(batch, 0.2, 0.272)
    loss.sum().backward()

    torch.testing.assert_close(batch.logprobs.grad, -batch.advantages)
    assert not clipped.any()


def test_gspo_clips_whole_samples_by_their_geometric_mean() -> None:
    batch = tokens([4.0, 1.0, 1.1], [1, 1, 1])

    loss, clipped = algorithm("loss", "gspo")(batch, 0.2, 0.272)

    torch.testing.assert_close(loss, torch.tensor([-1.272, -1.272, -1.1]))
    assert clipped.tolist() == [True, True, False]


def test_cispo_keeps_the_gradient_of_clipped_tokens() -> None:
    batch = tokens([2.0, 0.5], [1, 1])

    algorithm("loss", "cispo")(batch, 0.2, 0.272).loss.sum().backward()

    torch.testing.assert_close(batch.logprobs.grad, torch.tensor([-1.272, -0.5]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("none", [1, 1, 1, 1]),
        ("truncated", [0.25, 1.5, 2, 0.8]),
        ("icepop", [0, 1.5, 0, 0.8]),
        ("sequence_mask", [0.25, 1.5, 4, 0.8]),
    ],
)
def test_corrections(name: str, expected: list[float]) -> None:
    batch = tokens([1.3] * 4, [1] * 4, weight=[0.25, 1.5, 4.0, 0.8])

    weights = algorithm("importance", name)(batch, 0.5, 2.0)

    torch.testing.assert_close(weights, torch.tensor(expected, dtype=torch.float32))
    assert not weights.requires_grad


def test_k3_is_exact_on_a_known_pair() -> None:
    reference = torch.tensor([0.5, 0.3]).log()

    torch.testing.assert_close(
        k3(torch.tensor([0.5, 0.6]).log(), reference), torch.tensor([0.0, 0.5 - np.log(0.5) - 1.0]).float()
    )


def test_a_recipe_with_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(ValidationError, match="did you mean group_mean"):
        AlgorithmSection(advantage="group_means")


def test_any_function_can_be_named() -> None:
    assert algorithm("advantage", "numpy:zeros_like") is np.zeros_like
    with pytest.raises(InputError, match=r"algorithm\.loss.*no_such_loss"):
        algorithm("loss", "rlvr.algorithms.losses:no_such_loss")


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in ALGORITHMS for name in ALGORITHMS[kind]])
def test_every_registered_name_loads(kind: Kind, name: str) -> None:
    assert callable(algorithm(kind, name))
