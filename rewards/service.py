"""The verifier pool as a Ray actor, one for all rollout workers of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import ray
from ray.actor import ActorHandle

from rewards.config import VerifierSection
from rewards.pool import PoolStats, VerifierPool
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier

CALLS_IN_FLIGHT = 1000
"""How many `score` calls the actor works on at once; they share the pool's processes."""


class RewardService:
    """A `VerifierPool` that can be called from any process of the cluster.

    Args:
        section: The verifier, its settings and limits.
        base_path: The folder that a relative file path in ``section.name`` starts from.
    """

    def __init__(self, section: VerifierSection, base_path: str | Path | None = None) -> None:
        self._pool = VerifierPool(section, base_path)

    async def ready(self) -> None:
        """Returns when the verifier is loaded; raises `VerifierError` when it cannot be."""
        await self._pool.start()

    async def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        """One verdict for each request, in their order."""
        return await self._pool.score(requests)

    async def stats(self) -> PoolStats:
        return self._pool.stats()

    async def close(self) -> None:
        """Ends the worker processes."""
        await self._pool.close()


def start_reward_service(
    section: VerifierSection, base_path: str | Path | None = None
) -> "ActorHandle[RewardService]":
    """Starts the actor; await its ``ready.remote()`` before the first request.

    It holds no state, so Ray restarts it when it dies and issues its calls again.

    Raises:
        VerifierError: The verifier cannot be found or does not take these settings.
    """
    base = str(Path(base_path or ".").resolve())
    load_verifier(section.name, section.settings, base)
    actor = ray.remote(RewardService).options(
        num_cpus=0, max_concurrency=CALLS_IN_FLIGHT, max_restarts=-1, max_task_retries=3
    )
    return cast("ActorHandle[RewardService]", actor.remote(section, base))
