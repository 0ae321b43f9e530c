"""How far the actors may run ahead of the learner, as pure arithmetic on counts of groups."""

import math
from dataclasses import dataclass
from typing import Self

from rollouts.config import BufferSection


@dataclass(frozen=True, slots=True)
class AdmissionRule:
    """Bounds the groups that are admitted and not yet settled.

    A group is *settled* once it is filtered, dropped, or trained on and its batch's weights are published. Every
    step *examines* finished groups in their order until it has a full batch or has examined ``most_examined``.

    Attributes:
        batch: Groups in a full batch.
        max_staleness: Publications that the learner may be ahead of the weights that sampled a group.
        most_examined: Groups that one step examines at most, after which it trains on what there is.
        in_order: Whether groups are examined in the order of admission, or of completion.
    """

    batch: int
    max_staleness: int
    most_examined: int
    in_order: bool

    @classmethod
    def from_section(cls, section: BufferSection) -> Self:
        return cls(
            batch=section.problems_per_step,
            max_staleness=section.max_staleness,
            most_examined=math.floor(section.refill * section.problems_per_step),
            in_order=section.max_staleness == 0 or section.on_stale == "wait",
        )

    def room(self, unexamined: int, kept: int, examined: int, unpublished: tuple[int, ...]) -> int:
        """How many more groups may be admitted.

        In completion order: unsettled groups stay below (max_staleness + 1) × batch.

        In admission order no group may ever be trained on by weights more than ``max_staleness`` publications
        away, so the bound also counts on batches that are not full. A group admitted behind ``unexamined`` others
        waits for the unpublished batches, for the current one, which may end after min(batch − kept,
        most_examined − examined) further groups, and for one more per ``batch`` groups after that.

        Args:
            unexamined: Groups in flight, or finished and not yet examined.
            kept: Groups that the current step has examined and will train on.
            examined: Groups that the current step has examined.
            unpublished: Sizes of the batches that were taken and whose weights are not published.
        """
        if not self.in_order:
            unsettled = unexamined + kept + sum(unpublished)
            return max(0, (self.max_staleness + 1) * self.batch - unsettled)
        current = min(self.batch - kept, self.most_examined - examined)
        ahead = (self.max_staleness - len(unpublished)) * self.batch
        return max(0, current + ahead - unexamined)
