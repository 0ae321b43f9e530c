"""What turns scores into gradients: four kinds of pure functions, each chosen by name in the recipe.

    advantage       scores of a group                        → advantage of each sample       (numpy)
    normalisation   loss tokens of each sample               → weight of each of its tokens   (numpy)
    loss            log-probs, old log-probs, advantages     → loss of each token             (torch)
    importance      old log-probs, behaviour log-probs       → weight of each token           (torch)

The loss of a step is the sum over its tokens of ``normalisation weight × importance weight × loss``.

A new algorithm is one new file and one line in ``ALGORITHMS``; a recipe may also name any other function as
``package.module:function``. Importing this imports no framework.
"""

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

from base_training.errors import InputError

Kind = Literal["advantage", "normalisation", "loss", "importance"]

ALGORITHMS: Mapping[Kind, Mapping[str, str]] = {
    "advantage": {
        "group_mean": "rlvr.algorithms.advantages:group_mean",
        "grpo": "rlvr.algorithms.advantages:grpo",
        "rloo": "rlvr.algorithms.advantages:rloo",
        "score": "rlvr.algorithms.advantages:score",
    },
    "normalisation": {
        "token": "rlvr.algorithms.normalisation:token",
        "sequence": "rlvr.algorithms.normalisation:sequence",
        "constant": "rlvr.algorithms.normalisation:constant",
    },
    "loss": {
        "clip": "rlvr.algorithms.losses:clip",
        "gspo": "rlvr.algorithms.losses:gspo",
        "cispo": "rlvr.algorithms.losses:cispo",
        "policy_gradient": "rlvr.algorithms.losses:policy_gradient",
    },
    "importance": {
        "none": "rlvr.algorithms.corrections:none",
        "truncated": "rlvr.algorithms.corrections:truncated",
        "icepop": "rlvr.algorithms.corrections:icepop",
        "sequence_mask": "rlvr.algorithms.corrections:sequence_mask",
    },
}
"""Where each function lies, as ``module:function``."""


def check_name(kind: Kind, name: str) -> str:
    """The name itself, if it is registered or has the form ``module:function``.

    Raises:
        ValueError: Neither; the message names the nearest one.
    """
    known = ALGORITHMS[kind]
    if name in known or ":" in name:
        return name
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ValueError(f"no {kind} is called {name}; {hint}there are {', '.join(known)}, or name a module:function")


def algorithm(kind: Kind, name: str) -> Callable[..., Any]:
    """The function of that name.

    Raises:
        InputError: There is none.
    """
    try:
        check_name(kind, name)
        module, _, function = ALGORITHMS[kind].get(name, name).partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except (ValueError, ImportError, AttributeError) as error:
        raise InputError(f"algorithm.{kind}: {error}") from error
    return found
