"""What the ranks of a learner report of one training step, and what it comes to over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from base_training.engine import StepMetrics


@dataclass(frozen=True, slots=True)
class RankReport:
    """One rank's part.

    Attributes:
        micro_batches: The numbers of each, over all passes, as ``PolicyLoss`` gives them, with its ``loss``.
        steps: Each optimizer step.
        seconds: Wall clock.
    """

    micro_batches: tuple[Mapping[str, float], ...]
    steps: tuple[StepMetrics, ...]
    seconds: float


def combine(reports: Sequence[RankReport]) -> dict[str, float]:
    """Means over the tokens in the loss; losses and gradient norms are means over optimizer steps.

    Times stand under ``time/``: they alone differ between equal runs.
    """
    numbers = [micro_batch for report in reports for micro_batch in report.micro_batches]
    steps = reports[0].steps
    names = list(dict.fromkeys(name for micro_batch in numbers for name in micro_batch))
    values = {name: [micro_batch[name] for micro_batch in numbers if name in micro_batch] for name in names}
    tokens = max(1.0, sum(values.pop("tokens")))
    return {
        "loss": sum(values.pop("loss")) / len(steps),
        "grad_norm": sum(step.grad_norm for step in steps) / len(steps),
        "lr": steps[-1].lr,
        **{
            f"policy/{name}": max(parts) if name.endswith("_max") else sum(parts) / tokens
            for name, parts in values.items()
        },
        "time/learner_s": max(report.seconds for report in reports),
    }
