"""What became of every sample: each is settled once, and the sums add up."""

from dataclasses import dataclass, fields
from typing import Self

from rollouts.sample import Group


@dataclass(frozen=True, slots=True)
class BatchFates:
    """What became of the samples of one training batch; each counts once, under the first that fits.

    Attributes:
        trained: At least one of its tokens had a part in the loss, or its score in the baseline of such tokens.
        invalid: Its verdict was invalid.
        filtered: Its group turned out to have nothing to learn from.
        stale: Sampled by weights too old.
    """

    trained: int
    invalid: int = 0
    filtered: int = 0
    stale: int = 0

    @property
    def total(self) -> int:
        return self.trained + self.invalid + self.filtered + self.stale


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """generated = trained + invalid + filtered + stale + unused + lost; evaluation samples are not among them.

    Attributes:
        generated: Samples that were finished and scored.
        trained, invalid, filtered, stale: As in ``BatchFates``.
        unused: Finished, and left over.
        lost: Finished, and nowhere to be found; always 0 unless something is wrong.
        reissued: Samples that were asked for again because a worker died or a run was resumed.
    """

    generated: int = 0
    trained: int = 0
    invalid: int = 0
    filtered: int = 0
    stale: int = 0
    unused: int = 0
    lost: int = 0
    reissued: int = 0


class SampleLedger:
    """Counts samples in when they are generated, and out when they are settled."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(("generated", "trained", "invalid", "filtered", "stale", "reissued"), 0)

    @classmethod
    def from_state(cls, state: dict[str, int]) -> Self:
        """Go on from where ``state()`` was taken."""
        ledger = cls()
        ledger._counts = {name: state[name] for name in ledger._counts}
        return ledger

    def state(self) -> dict[str, int]:
        return dict(self._counts)

    def generate(self, group: Group) -> None:
        """A group came back from a worker."""
        self._counts["generated"] += len(group.samples)
        self._counts["reissued"] += len(group.samples) * group.attempt

    def filter(self, group: Group) -> None:
        """A whole group has nothing to learn from."""
        invalid = sum(not sample.verdict.valid for sample in group.samples)
        self.settle(BatchFates(trained=0, invalid=invalid, filtered=len(group.samples) - invalid))

    def settle(self, fates: BatchFates) -> None:
        """Samples are done with."""
        for field in fields(fates):
            self._counts[field.name] += getattr(fates, field.name)

    def counts(self, unused: int) -> SampleCounts:
        """The sums, where ``unused`` samples are known to be left over.

        Raises:
            RuntimeError: More samples were settled than generated.
        """
        settled = sum(self._counts[field.name] for field in fields(BatchFates))
        lost = self._counts["generated"] - settled - unused
        if lost < 0:
            raise RuntimeError(f"{-lost} samples were settled twice: {self._counts}, {unused} left over")
        return SampleCounts(**self._counts, unused=unused, lost=lost)
