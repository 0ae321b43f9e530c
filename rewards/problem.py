"""What is asked: the unit of work that problem sources make and verifiers are told of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with what is needed to score an answer to it.

    Attributes:
        id: Unique within its source and stable over runs.
        messages: The conversation so far, oldest first, as ``{"role": ..., "content": ...}``.
        verifier: The name of the verifier that scores answers to it.
        label: What that verifier compares an answer with; its form is the verifier's own.
        domain: The group under which it is reported, such as ``"math"``.
        metadata: Further columns of the source, handed to verifiers that ask for them.
    """

    id: str
    messages: tuple[Mapping[str, str], ...]
    verifier: str
    label: Any
    domain: str = "default"
    metadata: Mapping[str, Any] = field(default_factory=dict)
