"""How a recipe that ``extends`` another one is put together from the two."""

from collections.abc import Mapping
from typing import Any

CHOICES = ("kind", "name")
"""Keys that say what a section is: where the heir names another, nothing of the parent's section is kept."""


def inherited(parent: Mapping[str, Any], heir: Mapping[str, Any]) -> dict[str, Any]:
    """The parent's mapping with what the heir says: sections are merged key by key, all else is replaced."""
    result = dict(parent)
    for key, value in heir.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and not _chooses_another(old, value):
            value = inherited(old, value)
        result[key] = value
    return result


def _chooses_another(parent: Mapping[str, Any], heir: Mapping[str, Any]) -> bool:
    return any(key in parent and key in heir and parent[key] != heir[key] for key in CHOICES)
