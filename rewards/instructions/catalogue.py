"""All instructions that can be asked for, and how a label names those of one problem."""

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rewards.instructions import casing, copying, keywords, layout, length, tasks, wording
from rewards.instructions.instruction import INSTRUCTIONS
from rewards.registry import nearest

FAMILIES = (casing, copying, keywords, layout, length, tasks, wording)
"""The modules that register instructions."""

_MAX_LABEL_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One instruction of a problem.

    Attributes:
        id: The instruction's id.
        check: Whether a text follows it, with its arguments bound.
    """

    id: str
    check: Callable[[str], bool]


def read_label(label: Any) -> list[Asked]:
    """The instructions that a label asks for.

    Args:
        label: ``{"instruction_id_list": [id, ...], "kwargs": [{...}, ...]}``, also as text. The training sets of
            open-instruct write ``instruction_id``, put it in a list of one, and None for no arguments.

    Raises:
        ValueError: It has another form, or names an instruction that is unknown or lacks an argument.
    """
    label = _parsed(label) if isinstance(label, str) else label
    if isinstance(label, list) and len(label) == 1:
        label = label[0]
    if not isinstance(label, Mapping):
        raise ValueError(f"the label must be an object with instruction_id_list and kwargs, got {label!r}"[:300])
    ids = label.get("instruction_id_list", label.get("instruction_id"))
    if isinstance(ids, str):
        ids = [ids]
    if not isinstance(ids, Sequence) or not ids or not all(isinstance(id, str) for id in ids):
        raise ValueError(f"instruction_id_list must be a list of ids, got {ids!r}"[:300])
    arguments = label.get("kwargs")
    if arguments is None or isinstance(arguments, Mapping):
        arguments = [arguments]
    if not isinstance(arguments, Sequence) or len(arguments) != len(ids):
        raise ValueError(
            f"kwargs must be a list with one object for each of {len(ids)} ids, got {arguments!r}"[:300]
        )
    return [Asked(id, _bound(id, given)) for id, given in zip(ids, arguments, strict=True)]


def _bound(id: str, given: Any) -> Callable[[str], bool]:
    if id not in INSTRUCTIONS:
        raise ValueError(f'there is no instruction "{id}"{nearest(id, INSTRUCTIONS)}')
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"{id}: its arguments must be an object, got {given!r}"[:300])
    return INSTRUCTIONS[id].bind(given or {})


def _parsed(label: str) -> Any:
    """A label as JSON, or as the Python literal that some data sets store."""
    if len(label) > _MAX_LABEL_CHARS:
        raise ValueError(f"the label has {len(label)} characters; at most {_MAX_LABEL_CHARS} are read")
    try:
        return json.loads(label)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(label)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(f"the label is neither JSON nor a Python literal: {label[:200]!r}") from error
