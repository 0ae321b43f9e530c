"""One call of a tool, as a model wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    Attributes:
        name: The tool's name, with dots where it has any.
        arguments: What it is called with: JSON values by the name of the argument.
    """

    name: str
    arguments: Mapping[str, Any]


class UnreadableCall(ValueError):
    """A response sets out to call a tool, and does not write it as its format demands."""
