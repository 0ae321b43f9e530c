"""Next-token loss against the formula."""

import torch

from base_training.losses import next_token_loss


def test_uniform_logits_cost_log_vocabulary_a_token() -> None:
    loss = next_token_loss(torch.zeros(2, 4, 8), torch.randint(0, 8, (2, 4)))

    assert loss.tokens == 6
    torch.testing.assert_close(loss.loss, 6 * torch.tensor(8.0).log())
    assert torch.equal(loss.loss, loss.cross_entropy)


def test_z_loss_is_the_square_of_the_normaliser_and_not_in_the_cross_entropy() -> None:
    loss = next_token_loss(torch.full((1, 3, 4), 2.0), torch.tensor([[0, 1, 2]]), z_loss=0.5)

    normaliser = 2 + torch.tensor(4.0).log()
    torch.testing.assert_close(loss.loss - loss.cross_entropy, 2 * 0.5 * normaliser**2)
