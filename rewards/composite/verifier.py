"""The verifier ``composite``: several verifiers as one, with weights and gates."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rewards.composite.answer_inside import answer_inside
from rewards.composite.combine import Combination, combine, is_shut, stages
from rewards.composite.parts import named, parts_of_label, parts_of_recipe
from rewards.composite.pools import PartPools
from rewards.config import PartSection, VerifierSection
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.registry import verifier
from rewards.request import ScoreRequest
from rewards.verdict import Verdict


@verifier("composite", isolated=False)
class CompositeVerifier:
    """Combines the scores of its parts, each of which runs in a pool of its own with its own limits.

    A gate whose score is below its threshold zeroes all parts after it, which then do not run: put the format
    before the content. A part that is invalid makes the whole invalid.

    Args:
        parts: Names of verifiers, or ``{name, settings?, weight?, gate?, threshold?, called?, label?, column?}``
            beside the limits of a verifier. A part gets the problem's label, or the constant ``label``, or the
            problem's column ``column``. With ``inside: answer`` it sees what stands in ``<answer>…</answer>`` for
            the answer, and scores 0 where there is not one such element. A weight is 1 by default, and 0 for a
            gate. Without parts, each problem's label is a list of ``{verifier, label, weight?, settings?, ...}``.
        combine: ``mean`` divides by the sum of weights, ``sum`` does not.
        for_labels: Further verifiers, with their settings, that labels may name beside the built-in ones.
        base_path: The folder that relative file paths of verifiers start from.
    """

    keeps_time = True

    def __init__(
        self,
        parts: Sequence[Any] | None = None,
        *,
        combine: Combination = "mean",
        for_labels: Sequence[Any] | None = None,
        base_path: str | None = None,
    ) -> None:
        if combine not in ("mean", "sum"):
            raise ValueError(f"combine: expected mean or sum, got {combine!r}")
        if parts is not None and for_labels is not None:
            raise ValueError("for_labels: labels name verifiers only where there are no parts")
        self._combine = combine
        self._parts = None if parts is None else parts_of_recipe(parts)
        self._for_labels = {} if for_labels is None else named(parts_of_recipe(for_labels))
        kept = [*(self._parts or ()), *self._for_labels.values()]
        self._pools = PartPools(base_path, kept)
        for part in kept:
            if self._pools.loaded(part).scope != "sample":
                raise VerifierError(f"{part.name} scores whole groups; it cannot be a part of a composite")
            self._check_weight(part)

    def bind(self, section: VerifierSection) -> None:
        """Takes over the recipe's limits, for parts that name none."""
        self._pools.bind(section)

    def check_label(self, label: Any) -> None:
        """Raises ValueError or `VerifierError` where a part cannot use its label."""
        for name, part in named(self._parts_for(label)).items():
            if part.column is None:
                try:
                    self._pools.loaded(part).check_label(part.label if part.has_label else label)
                except VerifierError as error:
                    raise VerifierError(f"{name}: {error}") from error

    async def start(self) -> None:
        """Makes sure that the recipe's parts load in their processes too."""
        await self._pools.start()

    async def close(self) -> None:
        """Ends all processes."""
        await self._pools.close()

    async def verify(
        self, response: str, label: Any, *, problem: Problem, seed: int | None, tokens: int | None
    ) -> Verdict:
        try:
            parts = named(self._parts_for(label))
            problems = [self._problem(name, part, label, problem) for name, part in parts.items()]
        except (ValueError, VerifierError) as error:
            return Verdict.invalid(f"bad label: {error}"[:500])
        verdicts: list[Verdict] = []
        for stage in stages(list(parts.values())):
            asked = problems[len(verdicts) : len(verdicts) + len(stage)]
            verdicts += await asyncio.gather(
                *(self._score(*one, response, seed, tokens) for one in zip(stage, asked, strict=True))
            )
            if is_shut(stage[-1], verdicts[-1]):
                break
        return combine(parts, verdicts, self._combine)

    async def _score(
        self, part: PartSection, problem: Problem, response: str, seed: int | None, tokens: int | None
    ) -> Verdict:
        seen = response if part.inside is None else answer_inside(response, part.inside, part.settings)
        if seen is None:
            return Verdict.of_correctness(False, "no_answer")
        whole = part.inside is None  # how many tokens a part of the response has is not known
        return await self._pools.score(part, ScoreRequest(problem, seen, seed, tokens if whole else None))

    def _parts_for(self, label: Any) -> list[PartSection]:
        if self._parts is not None:
            return self._parts
        parts = parts_of_label(label, self._for_labels)
        for part in parts:
            self._check_weight(part)
        return parts

    def _check_weight(self, part: PartSection) -> None:
        if self._combine == "mean" and part.share < 0:
            raise ValueError(f"{part.name}: a weight below 0 ({part.share:g}) needs combine: sum")

    def _problem(self, name: str, part: PartSection, label: Any, problem: Problem) -> Problem:
        """The problem as a part sees it, with a label that it can use."""
        if part.column is not None:
            if part.column not in problem.metadata:
                raise ValueError(f'{name}: problem {problem.id} has no column "{part.column}"')
            label = problem.metadata[part.column]
        elif part.has_label:
            label = part.label
        try:
            self._pools.pool(part).verifier.check_label(label)
        except VerifierError as error:
            raise VerifierError(f"{name}: {error}") from error
        return replace(problem, verifier=part.name, label=label)
