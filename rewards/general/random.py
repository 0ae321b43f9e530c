"""The control: a reward that tells nothing about the response.

A run that gains with it gains from something else than its rewards (Shao et al. 2025, "Spurious Rewards").
"""

import hashlib

from rewards.problem import Problem
from rewards.registry import verifier
from rewards.verdict import Verdict


@verifier("random", isolated=False)
class RandomVerifier:
    """Scores 1 with probability ``p``, else 0, whatever the response says.

    The draw depends on the sample's seed and the problem's id only, so that two equal responses to one problem
    are drawn apart, and the same sample is drawn the same again. Without a seed the response takes its place.

    Args:
        p: The share of responses that score 1.
    """

    def __init__(self, p: float = 0.5) -> None:
        if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
            raise ValueError(f"p must be a number from 0 to 1, got {p!r}")
        self._p = p

    def verify(self, response: str, *, problem: Problem, seed: int | None) -> Verdict:
        drawn_by = f"response {response}" if seed is None else f"seed {seed}"
        key = f"{drawn_by} problem {problem.id}".encode("utf-8", "surrogatepass")
        uniform = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest()) / 2**64
        return Verdict(float(uniform < self._p), reason="random")
