"""Which parts a composite has: those of the recipe, or those that a sample's label lists."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from rewards.config import PartSection
from rewards.registry import BUILT_IN, nearest

MAX_PARTS = 32

_LABEL_KEYS = frozenset({"verifier", "label", "weight", "settings", "gate", "threshold", "called", "inside"})
_NOT_BY_LABEL = frozenset({"composite", "judge"})
_SETTINGS_BY_LABEL = frozenset(
    (
        *("math", "general", "instructions", "tool_calls"),
        *("length", "overlong", "format", "repetition", "language", "random"),
    )
)
"""Verifiers whose settings only say what is compared, so that data may choose them."""


def parts_of_recipe(items: Any) -> list[PartSection]:
    """The parts that a recipe lists.

    Raises:
        ValueError: One has the wrong form.
    """
    return _checked([_part(item, place) for place, item in enumerate(_listed(items, "parts"), start=1)])


def parts_of_label(label: Any, for_labels: Mapping[str, PartSection]) -> list[PartSection]:
    """The parts that a label lists, each ``{verifier, label, weight?, settings?, gate?, threshold?, called?}``.

    Data may name built-in verifiers only, and those that the recipe says, with its settings; no code is loaded by
    what data says.

    Args:
        label: The list, or its JSON.
        for_labels: Verifiers of the recipe's by the names that labels know them by.

    Raises:
        ValueError: The label is no such list.
    """
    if isinstance(label, str):
        try:
            label = json.loads(label)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the label must be a list of verifiers, but it is not JSON: {error}") from error
    parts = []
    for place, item in enumerate(_listed(label, "the label"), start=1):
        if not isinstance(item, dict) or not {"verifier", "label"} <= item.keys():
            raise ValueError(f"entry {place} of the label must be {{verifier, label, ...}}, got {item!r}"[:300])
        for key in item:
            if key not in _LABEL_KEYS:
                raise ValueError(
                    f'entry {place} of the label: unknown key "{key}"{nearest(str(key), _LABEL_KEYS)}'
                )
        parts.append(_part(_allowed(item, place, for_labels), place))
    return _checked(parts)


def named(parts: Sequence[PartSection]) -> dict[str, PartSection]:
    """The parts by the names under which they are reported; equal names are numbered."""
    result: dict[str, PartSection] = {}
    for part in parts:
        name = base = part.called or part.name.rpartition(":")[2]
        number = 1
        while name in result:
            number += 1
            name = f"{base}_{number}"
        result[name] = part
    return result


def _allowed(item: Mapping[str, Any], place: int, for_labels: Mapping[str, PartSection]) -> dict[str, Any]:
    """A label's entry with the recipe's settings, where it may stand there at all."""
    name = item["verifier"]
    known: Collection[str] = sorted({*(BUILT_IN.keys() - _NOT_BY_LABEL), *for_labels})
    if name not in known:
        raise ValueError(
            f'entry {place} of the label: no verifier "{name}" may be named there{nearest(str(name), known)} '
            f"Labels may name {', '.join(known)}; others by the composite's setting for_labels"
        )
    if item.get("settings") and (name in for_labels or name not in _SETTINGS_BY_LABEL):
        raise ValueError(
            f'entry {place} of the label: the settings of "{name}" stand in the recipe, under for_labels'
        )
    given = for_labels[name].model_dump(exclude_unset=True) if name in for_labels else {"name": name}
    return {**given, **{key: value for key, value in item.items() if key not in ("verifier", "settings")}} | (
        {"settings": item["settings"]} if item.get("settings") else {}
    )


def _part(item: Any, place: int) -> PartSection:
    try:
        return PartSection.model_validate({"name": item} if isinstance(item, str) else item)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        told = first["msg"]
        if first["type"] == "extra_forbidden":
            told = f"unknown key{nearest(where, PartSection.model_fields)}"
        raise ValueError(f"part {place}: {where}: {told}"[:300]) from error


def _listed(items: Any, what: str) -> list[Any]:
    if not isinstance(items, list | tuple) or not items:
        raise ValueError(f"{what}: expected a list of at least one verifier, got {items!r}"[:300])
    if len(items) > MAX_PARTS:
        raise ValueError(f"{what}: {len(items)} verifiers are more than {MAX_PARTS}")
    return list(items)


def _checked(parts: list[PartSection]) -> list[PartSection]:
    if not any(part.share for part in parts):
        raise ValueError("no part has a weight, so that nothing is scored; a gate has none unless it is given")
    return parts
