"""The seeds of single samples."""

import hashlib


def sample_seed(run_seed: int, group_id: int, problem_id: str, sample_index: int, attempt: int) -> int:
    """A seed of 63 bits for one sample, the same on every machine and in every process.

    ``group_id`` tells apart the visits to a problem in later epochs; ``attempt`` tells apart its re-issues.
    """
    key = "\x1f".join(map(str, (run_seed, group_id, sample_index, attempt, problem_id)))
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1
