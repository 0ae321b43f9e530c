"""A pool for each verifier that a composite is made of, so that each has its own processes and limits."""

import json
from collections import Counter, OrderedDict
from functools import lru_cache

from rewards.config import PartSection, VerifierSection
from rewards.pool import VerifierPool
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import LoadedVerifier, load_section

MAX_POOLS = 16
"""Pools of verifiers that only labels name; the one not used for longest makes room."""


_LIMITS = ("timeout_s", "memory_mb", "workers")


class PartPools:
    """Pools that are made when a part is first asked for.

    Args:
        base_path: The folder that relative file paths of verifiers start from.
        kept: Parts whose pools stay: those of the recipe, some of which count a budget.
    """

    def __init__(self, base_path: str | None, kept: list[PartSection]) -> None:
        self._base_path = base_path
        self._limits = VerifierSection(name="composite")
        self._kept = kept
        self._pools: OrderedDict[str, VerifierPool] = OrderedDict()
        self._in_use: Counter[str] = Counter()

    def bind(self, section: VerifierSection) -> None:
        """Takes over the composite's own limits, for parts that name none."""
        self._limits = section

    def pool(self, part: PartSection) -> VerifierPool:
        """The pool of a part.

        Raises:
            VerifierError: There is no such verifier, or it does not take these settings.
        """
        section = self._section(part)
        key = _key(section)
        if key not in self._pools:
            self._pools[key] = VerifierPool(section, self._base_path)
        self._pools.move_to_end(key)
        return self._pools[key]

    def loaded(self, part: PartSection) -> LoadedVerifier:
        """A part's verifier, to check settings and labels with.

        Raises:
            VerifierError: There is no such verifier, or it does not take these settings.
        """
        return _loaded(_key(self._section(part)), self._base_path)

    async def score(self, part: PartSection, request: ScoreRequest) -> Verdict:
        """The verdict of one part."""
        key = _key(self._section(part))
        self._in_use[key] += 1
        try:
            [verdict] = await self.pool(part).score([request])
        finally:
            self._in_use[key] -= 1
        await self._make_room()
        return verdict

    async def start(self) -> None:
        """Makes sure that the kept parts load in their processes too."""
        for part in self._kept:
            await self.pool(part).start()

    async def close(self) -> None:
        """Ends all processes."""
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

    def _section(self, part: PartSection) -> VerifierSection:
        """A part as a verifier's section, with the composite's limits where it names none."""
        fields = {name: getattr(part, name) for name in VerifierSection.model_fields}
        limits = {name: getattr(self._limits, name) for name in _LIMITS if name not in part.model_fields_set}
        return VerifierSection(**fields | limits)

    async def _make_room(self) -> None:
        kept = {_key(self._section(part)) for part in self._kept}
        spare = [key for key in self._pools if key not in kept and not self._in_use[key]]
        for key in spare[: max(0, len(self._pools) - len(kept) - MAX_POOLS)]:
            await self._pools.pop(key).close()


def _key(section: VerifierSection) -> str:
    return json.dumps(section.model_dump(), sort_keys=True, default=str)


@lru_cache(maxsize=256)
def _loaded(section: str, base_path: str | None) -> LoadedVerifier:
    return load_section(VerifierSection(**json.loads(section)), base_path)
