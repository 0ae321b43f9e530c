"""What policy losses and importance corrections see of a packed row."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Tokens:
    """The N response tokens of one row; no sample is split over rows.

    Attributes:
        logprobs: log π of the tokens, float32 [N], in nats, differentiable.
        old: log π_old, the learner's own before the batch's first optimizer step, float32 [N], detached.
        behaviour: log μ, the sampler's, float32 [N].
        advantages: That of each token's sample, float32 [N].
        sample: Number of each token's sample within the row, int64 [N], from 0.
        mask: Which tokens are in the loss, bool [N].
    """

    logprobs: Tensor
    old: Tensor
    behaviour: Tensor
    advantages: Tensor
    sample: Tensor
    mask: Tensor

    def sample_mean(self, values: Tensor) -> Tensor:
        """For every token the mean of [N] values over the loss tokens of its sample, [N]; 0 where it has none."""
        samples = int(self.sample.max()) + 1 if len(self.sample) else 0
        weights = self.mask.to(values.dtype)
        total = values.new_zeros(samples).index_add(0, self.sample, values * weights)
        count = values.new_zeros(samples).index_add(0, self.sample, weights)
        return (total / count.clamp(min=1))[self.sample]
