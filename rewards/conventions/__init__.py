"""Reward functions that were written for other systems, called as those call them.

Each module beside this one knows one convention and has ``adapt(target, settings, base_path, scope)``, which
returns an object with a method ``verify`` as `rewards.verifier` wants it. A new convention is one such file and
one line here.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rewards.errors import VerifierError
from rewards.registry import Scope, nearest

CONVENTIONS = {
    "verl": "rewards.conventions.verl",
    "trl": "rewards.conventions.trl",
    "openrlhf": "rewards.conventions.openrlhf",
    "open_instruct": "rewards.conventions.open_instruct",
    "reasoning_gym": "rewards.conventions.reasoning_gym",
    "http": "rewards.conventions.http",
}
"""The module of each convention; it is imported when the convention is first asked for."""


def adapted(
    convention: str,
    target: str,
    settings: Mapping[str, Any],
    base_path: str | Path | None = None,
    scope: Scope | None = None,
) -> Any:
    """A verifier of our own kind around a function of another.

    Args:
        convention: One of `CONVENTIONS`.
        target: Where the function is, as for `rewards.registry.find_target`; for ``http`` an address.
        settings: Further keyword arguments of the function, or the arguments of its class.
        base_path: The folder that a relative file path starts from.
        scope: Whether a function that takes lists gets one sample or all samples of a problem; what the function
            declares by default, else one.

    Raises:
        VerifierError: There is no such convention or function, or the function does not follow the convention.
    """
    if convention not in CONVENTIONS:
        names = ["native", *CONVENTIONS]
        raise VerifierError(
            f'verifier {target}: there is no convention "{convention}"{nearest(convention, names)} '
            f"Known: {', '.join(names)}"
        )
    return importlib.import_module(CONVENTIONS[convention]).adapt(target, settings, base_path, scope)
