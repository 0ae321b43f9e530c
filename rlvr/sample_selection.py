"""Which samples and which of their tokens a step trains on, and with what advantage.

Invalid samples leave both the loss and their group's baseline. A truncated sample that the recipe masks keeps its
score in the baseline, and its tokens leave the loss. Tokens older than the bound leave the loss, or their whole
sample leaves loss and baseline.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rollouts.config import BufferSection
from rollouts.ledger import BatchFates
from rollouts.sample import Group, Sample


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sample whose score counts.

    Attributes:
        group: Its group.
        sample: The sample.
        advantage: In units of the score.
        mask: Which of its tokens are in the loss, bool [T].
        stale: Which of its tokens left the loss because they are too old, bool [T].
    """

    group: Group
    sample: Sample
    advantage: float
    mask: np.ndarray
    stale: np.ndarray

    @property
    def loss_tokens(self) -> int:
        return int(np.count_nonzero(self.mask))


@dataclass(frozen=True, slots=True)
class Selection:
    """What is left of a batch of groups.

    Attributes:
        chosen: In the order of the groups.
        fates: Adds up to the samples of the groups.
    """

    chosen: tuple[Chosen, ...]
    fates: BatchFates


def select(
    groups: Sequence[Group],
    *,
    advantage: Callable[[np.ndarray], np.ndarray],
    buffer: BufferSection,
    version: int,
    mask_truncated: bool,
) -> Selection:
    """Choose samples and tokens, and compute advantages group by group.

    Args:
        groups: Finished ones.
        advantage: Valid scores of a group, float64 [n], to advantages, float64 [n].
        buffer: Says how old a token may be, what becomes of older ones, and whether groups without a signal train.
        version: The learner's policy version.
        mask_truncated: Whether the tokens of truncated samples leave the loss.
    """
    chosen: list[Chosen] = []
    invalid = filtered = stale = trained = 0
    for group in groups:
        valid = [sample for sample in group.samples if sample.verdict.valid]
        invalid += len(group.samples) - len(valid)
        kept = [sample for sample in valid if not _dropped(sample, buffer, version)]
        stale += len(valid) - len(kept)
        scores = np.array([sample.verdict.score for sample in kept], dtype=np.float64)
        if len(kept) < 2 or (buffer.filter_no_signal and np.all(scores == scores[0])):
            filtered += len(kept)
            continue
        for sample, value in zip(kept, advantage(scores), strict=True):
            one = _choose(group, sample, float(value), buffer, version, mask_truncated)
            only_stale = not one.mask.any() and bool(one.stale.any())
            stale += only_stale
            trained += not only_stale
            chosen.append(one)
    return Selection(tuple(chosen), BatchFates(trained, invalid, filtered, stale))


def _choose(
    group: Group, sample: Sample, advantage: float, buffer: BufferSection, version: int, mask_truncated: bool
) -> Chosen:
    mask = sample.loss_mask
    if mask_truncated and sample.finish_reason == "length":
        mask = np.zeros_like(mask)
    too_old = mask & _too_old(sample, buffer, version)
    if buffer.on_stale != "mask_tokens":
        too_old = np.zeros_like(mask)
    return Chosen(group, sample, advantage, mask & ~too_old, too_old)


def _dropped(sample: Sample, buffer: BufferSection, version: int) -> bool:
    return buffer.on_stale == "drop_sample" and bool(np.any(sample.loss_mask & _too_old(sample, buffer, version)))


def _too_old(sample: Sample, buffer: BufferSection, version: int) -> np.ndarray:
    too_old: np.ndarray = version - sample.versions > buffer.max_staleness
    return too_old
