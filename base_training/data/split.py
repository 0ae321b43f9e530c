"""The split between what is learned from and what is measured on; corpora and problem sets share this one rule."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def split_families(families: Sequence[Sequence[T]], held_out: int, seed: int) -> tuple[list[T], list[T]]:
    """Draw the members to hold out, whole families at a time.

    Of the last family that is drawn, what exceeds ``held_out`` is left out of both sides.

    Args:
        families: Members that may not be separated, such as ``a + b`` and ``b + a``, in an order that never
            changes.
        held_out: Members to hold out; fewer where there are not as many.
        seed: Decides the draw.

    Returns:
        Held-out members, and the others in shuffled order.
    """
    kept: list[T] = []
    others: list[T] = []
    for index in np.random.default_rng([seed, 0]).permutation(len(families)):
        (kept if len(kept) < held_out else others).extend(families[index])
    return kept[:held_out], others
