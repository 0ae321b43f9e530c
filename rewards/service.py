"""Verifier pools as a Ray actor, one for all rollout workers of a run."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rewards.config import VerifierSection
from rewards.pool import PoolStats, VerifierPool
from rewards.registry import Scope
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_section

CALLS_IN_FLIGHT = 1000
"""How many `score` calls the actor works on at once; they share the pool's processes."""


class RewardService:
    """`VerifierPool`s that can be called from any process of the cluster.

    Args:
        section: The verifier, its settings and limits.
        base_path: The folder that a relative file path in ``section.name`` starts from.
        others: Further verifiers by the name that problems know them by (``Problem.verifier``); all other problems
            are for ``section``.
    """

    def __init__(
        self,
        section: VerifierSection,
        base_path: str | Path | None = None,
        others: Mapping[str, VerifierSection] | None = None,
    ) -> None:
        self._pool = VerifierPool(section, base_path)
        self._others = {name: VerifierPool(other, base_path) for name, other in (others or {}).items()}

    async def ready(self) -> None:
        """Returns when the verifiers are loaded; raises `VerifierError` when one cannot be."""
        await asyncio.gather(*(pool.start() for pool in self._pools))

    async def scope(self, verifier: str) -> Scope:
        """Whether problems of this verifier (``Problem.verifier``) are scored by sample or by group."""
        return self._pool_of(verifier).verifier.scope

    async def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        """One verdict for each request, in their order."""
        places: dict[VerifierPool, list[int]] = {}
        for place, request in enumerate(requests):
            places.setdefault(self._pool_of(request.problem.verifier), []).append(place)
        verdicts: dict[int, Verdict] = {}
        for pool, mine in places.items():
            answers = await pool.score([requests[place] for place in mine])
            verdicts.update(zip(mine, answers, strict=True))
        return [verdicts[place] for place in range(len(requests))]

    async def score_group(self, request: GroupScoreRequest) -> list[Verdict]:
        """One verdict for each response to a problem, in their order."""
        return await self._pool_of(request.problem.verifier).score_group(request)

    async def stats(self) -> PoolStats:
        """Of the run's own verifier."""
        return self._pool.stats()

    async def close(self) -> None:
        """Ends the worker processes."""
        await asyncio.gather(*(pool.close() for pool in self._pools))

    def _pool_of(self, verifier: str) -> VerifierPool:
        return self._others.get(verifier, self._pool)

    @property
    def _pools(self) -> tuple[VerifierPool, ...]:
        return (self._pool, *self._others.values())


def start_reward_service(
    section: VerifierSection,
    base_path: str | Path | None = None,
    others: Mapping[str, VerifierSection] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """Starts the actor; await its ``ready.remote()`` before the first request.

    It holds no state, so Ray restarts it when it dies and issues its calls again.

    Args:
        section: The verifier of the run.
        base_path: The folder that relative file paths start from.
        others: Further ones, as `RewardService` takes them.
        environment: Variables by which verifiers find what is served on this machine alone, such as a judge; with
            any, the actor runs here.

    Raises:
        VerifierError: A verifier cannot be found or does not take its settings.
    """
    base = str(Path(base_path or ".").resolve())
    for one in (section, *(others or {}).values()):
        load_section(one, base)
    actor = ray.remote(RewardService).options(
        num_cpus=0,
        max_concurrency=CALLS_IN_FLIGHT,
        max_restarts=-1,
        max_task_retries=3,
        **_beside(environment or {}),
    )
    return actor.remote(section, base, others)


def _beside(environment: Mapping[str, str]) -> dict[str, Any]:
    """Options for an actor that is told of something on this machine, and so must run here."""
    if not environment:
        return {}
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return {"runtime_env": {"env_vars": dict(environment)}, "scheduling_strategy": here}
