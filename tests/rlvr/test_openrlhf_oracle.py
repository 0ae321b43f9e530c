"""Losses and gradients agree with OpenRLHF's PolicyLoss, an implementation that we did not write."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from rlvr.algorithms import algorithm
from rlvr.algorithms.tokens import Tokens
from tests.rlvr import flash_attention_stand_in

pytestmark = pytest.mark.openrlhf

SAMPLES, LENGTH = 6, 9
LOW, HIGH = 0.2, 0.272
OFF: dict[str, Any] = {"is_correction_level": "off"}


def oracle(**settings: Any) -> Any:
    flash_attention_stand_in.install()
    from openrlhf.models.loss import PolicyLoss

    return PolicyLoss(clip_eps_low=LOW, clip_eps_high=HIGH, **settings)


@pytest.fixture
def padded() -> dict[str, Tensor]:
    """Six padded samples of different lengths, off-policy enough that every clip and cap is met."""
    generator = torch.Generator().manual_seed(0)

    def noise(scale: float) -> Tensor:
        return scale * torch.randn(SAMPLES, LENGTH, generator=generator)

    old = -noise(1.0).abs()
    lengths = torch.tensor([9, 1, 4, 7, 2, 9])
    return {
        "logprobs": (old + noise(0.3)).requires_grad_(),
        "old": old,
        "behaviour": old + noise(0.6),
        "advantages": torch.randn(SAMPLES, 1, generator=generator).expand(SAMPLES, LENGTH),
        "mask": torch.arange(LENGTH) < lengths[:, None],
    }


def packed(padded: dict[str, Tensor]) -> Tokens:
    mask = padded["mask"]
    return Tokens(
        **{name: padded[name][mask] for name in ("logprobs", "old", "behaviour", "advantages")},
        sample=torch.arange(SAMPLES)[:, None].expand_as(mask)[mask],
        mask=torch.ones(int(mask.sum()), dtype=torch.bool),
    )


def ours(
    padded: dict[str, Tensor], loss: str, importance: str, normalisation: str, floor: float, cap: float
) -> Tensor:
    tokens = packed(padded)
    weights = algorithm("normalisation", normalisation)(padded["mask"].sum(1).numpy().astype(np.int64), LENGTH)
    per_token = algorithm("loss", loss)(tokens, LOW, HIGH).loss * algorithm("importance", importance)(
        tokens, floor, cap
    )
    result: Tensor = (per_token * torch.from_numpy(weights).float()[tokens.sample]).sum()
    return result


@pytest.mark.parametrize(
    ("loss", "importance", "normalisation", "floor", "cap", "settings"),
    [
        ("clip", "none", "token", 0, 0, OFF),
        ("clip", "none", "sequence", 0, 0, {**OFF, "token_level_loss": False}),
        ("gspo", "none", "sequence", 0, 0, {**OFF, "policy_loss_type": "gspo"}),
        (
            "clip",
            "truncated",
            "token",
            0,
            2.0,
            {"is_correction_level": "token", "is_correction_mode": "clip", "is_correction_threshold": (0.0, 2.0)},
        ),
        (
            "clip",
            "icepop",
            "token",
            0.5,
            2.0,
            {"is_correction_level": "token", "is_correction_mode": "mask", "is_correction_threshold": (0.5, 2.0)},
        ),
        (
            "clip",
            "sequence_mask",
            "token",
            0.8,
            1.25,
            {"is_correction_level": "seq", "is_correction_mode": "mask", "is_correction_threshold": (0.8, 1.25)},
        ),
    ],
    ids=["ppo", "ppo per sample", "gspo", "tis", "icepop", "sequence mask"],
)
def test_loss_and_gradient_agree(
    padded: dict[str, Tensor],
    loss: str,
    importance: str,
    normalisation: str,
    floor: float,
    cap: float,
    settings: dict[str, Any],
) -> None:
    mine = ours(padded, loss, importance, normalisation, floor, cap)
    (my_gradient,) = torch.autograd.grad(mine, padded["logprobs"])
    theirs = oracle(**settings)(
        padded["logprobs"],
        padded["old"],
        padded["advantages"],
        action_mask=padded["mask"].float(),
        rollout_log_probs=padded["behaviour"],
    )[0]
    (their_gradient,) = torch.autograd.grad(theirs, padded["logprobs"])

    torch.testing.assert_close(mine, theirs, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(my_gradient, their_gradient, atol=1e-6, rtol=1e-5)
