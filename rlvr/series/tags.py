"""Names for a run's milestones, in ``tags.json``: a checkpoint's own folder must stay as its manifest lists it."""

import json
import re
from pathlib import Path

from base_training.checkpoints import list_checkpoints
from base_training.errors import InputError
from base_training.run_folder import write_json

FILE = "tags.json"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_MEANT = frozenset({"last", "best"})


def read_tags(run: Path) -> dict[str, int]:
    """The steps that tags name.

    Raises:
        InputError: The file is not what :func:`write_tag` writes.
    """
    path = run / FILE
    try:
        tags = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as tags: {error}") from error
    if not isinstance(tags, dict) or not all(type(step) is int for step in tags.values()):
        raise InputError(f"{path} cannot be read as tags: it is no mapping of names to steps")
    return tags


def write_tag(run: Path, name: str, step: int) -> None:
    """Name a checkpoint; retention then keeps it.

    Raises:
        InputError: No such name is allowed, another checkpoint has it, or there is no such checkpoint.
    """
    if not _NAME.fullmatch(name) or name in _MEANT:
        raise InputError(
            f"{name!r} cannot be a tag: take a letter, then letters, digits, '.', '_' or '-', at most 64 in all, "
            "and neither 'last' nor 'best'"
        )
    steps = [known for known, _ in list_checkpoints(run)]
    if step not in steps:
        there = ", ".join(map(str, steps)) or "none"
        raise InputError(f"{run} has no checkpoint of step {step}; there are {there}")
    tags = read_tags(run)
    if tags.get(name, step) != step and tags[name] in steps:
        raise InputError(f"{name} is the tag of step {tags[name]} already: remove it first with --remove")
    write_json(run / FILE, {**tags, name: step})


def remove_tag(run: Path, name: str, step: int) -> None:
    """Take a name from a checkpoint, which stays.

    Raises:
        InputError: The checkpoint has no such tag.
    """
    tags = read_tags(run)
    if tags.get(name) != step:
        there = ", ".join(f"{known} (step {place})" for known, place in tags.items()) or "none"
        raise InputError(f"step {step} of {run} has no tag {name!r}; there are: {there}")
    del tags[name]
    write_json(run / FILE, tags)
