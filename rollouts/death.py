"""Why an actor died, in words."""

import re

from ray.exceptions import RayActorError


def death_of(error: RayActorError) -> str:
    """One line of Ray's long account."""
    detail = re.search(r"Worker exit detail: (.+?)(?:\. |$)", str(error), re.MULTILINE)
    return detail[1] if detail else str(error).splitlines()[0].rstrip(".")
