"""Which series are replicates of one recipe, and in what the recipes differ."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlvr.series.load import Series

WITHOUT_EFFECT = ("seed", "name", "tracking")
"""Sections of a recipe that do not make two runs different experiments."""

_SHOWN_NAMES = 2


@dataclass(frozen=True, slots=True)
class Arm:
    """Runs whose recipes differ in the seed alone.

    Attributes:
        name: Of its series, or of the first ones where there are many.
        series: In the order they were named.
        settings: The recipe, each setting under its dotted key; empty for a single model.
    """

    name: str
    series: tuple[Series, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecipeDifference:
    """A setting that is not the same in all arms.

    Attributes:
        key: Dotted, such as ``verifier.name``.
        values: By arm; None where an arm's recipe lacks it.
    """

    key: str
    values: Mapping[str, Any]


def arms_of(series: Sequence[Series]) -> list[Arm]:
    """Series by recipe, in the order of their first ones. A single model is an arm of its own."""
    groups: dict[str, list[Series]] = {}
    for one in series:
        settings = _settings(one)
        key = json.dumps(settings, sort_keys=True, default=str) if settings else f"model {one.path}"
        groups.setdefault(key, []).append(one)
    return [Arm(_name(group), tuple(group), _settings(group[0])) for group in groups.values()]


def recipe_differences(arms: Sequence[Arm]) -> list[RecipeDifference]:
    """The settings that differ between arms that have recipes, in the recipes' order."""
    with_recipe = [arm for arm in arms if arm.settings]
    keys = dict.fromkeys(key for arm in with_recipe for key in arm.settings)
    rows = [RecipeDifference(key, {arm.name: arm.settings.get(key) for arm in with_recipe}) for key in keys]
    return [row for row in rows if len({json.dumps(value, default=str) for value in row.values.values()}) > 1]


def repeated_seeds(arm: Arm) -> list[int]:
    """Seeds that more than one run of the arm has: such runs say less than independent ones."""
    seeds = [series.seed for series in arm.series if series.seed is not None]
    return sorted({seed for seed in seeds if seeds.count(seed) > 1})


def _name(group: Sequence[Series]) -> str:
    shown = [series.name for series in group[:_SHOWN_NAMES]]
    more = len(group) - len(shown)
    return " + ".join(shown) + (f" + {more} more" if more else "")


def _settings(series: Series) -> dict[str, Any]:
    if series.recipe is None:
        return {}
    return dict(_flat({key: value for key, value in series.recipe.items() if key not in WITHOUT_EFFECT}))


def _flat(section: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in section.items():
        dotted = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found += _flat(value, f"{dotted}.")
        else:
            found.append((dotted, value))
    return found
