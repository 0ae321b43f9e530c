"""Real models from packages of the Python index: downloaded, checked by hash, converted, tried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from base_training.models.cache import cache_dir


@dataclass(frozen=True, slots=True)
class Fetchable:
    """A model inside a package."""

    name: str


FETCHABLE: Mapping[str, Fetchable] = MappingProxyType({"smollm2-135m": Fetchable("smollm2-135m")})


def fetched_folder(name: str) -> Path:
    """Where a fetched model lies, whether it is there yet or not."""
    return cache_dir() / "models" / name
