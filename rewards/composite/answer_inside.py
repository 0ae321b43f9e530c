"""What a part sees that looks inside a tag."""

from collections.abc import Mapping
from typing import Any

from rewards.general.element import elements
from rewards.thinking import THINK_TAGS, after_thinking


def answer_inside(response: str, tag: str, settings: Mapping[str, Any]) -> str | None:
    """The response with the content of its only element ``tag`` in place of all that follows its thinking.

    Args:
        response: The whole response.
        tag: The element's name.
        settings: Of the verifier that will read it: its ``thinking`` and ``starts_thinking``, where it has such.

    Returns:
        None where there is no such element after the thinking, or more than one.
    """
    answer = after_thinking(response, settings.get("thinking", THINK_TAGS), settings.get("starts_thinking", False))
    found = [] if answer is None else elements(answer, tag)
    if answer is None or len(found) != 1:
        return None
    return response[: len(response) - len(answer)] + found[0].text
