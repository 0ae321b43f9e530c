"""Keeps what a model thinks apart from what it answers."""

from collections.abc import Sequence

THINK_TAGS = ("<think>", "</think>")


def after_thinking(response: str, tags: Sequence[str] | None = THINK_TAGS, opened: bool = False) -> str | None:
    """The part of a response that counts: what follows the last thinking block.

    Args:
        response: The whole response.
        tags: The opening and the closing tag; None where the model has no thinking blocks.
        opened: Whether the prompt's template had already opened the block, so that a response without the closing
            tag never came to an answer.

    Returns:
        The answer, or None where a block was still open at the end.
    """
    if not tags:
        return response
    opening, closing = tags
    _, closed, answer = response.rpartition(closing)
    if opening in answer or (opened and not closed):
        return None
    return answer


def thinking_tags(setting: Sequence[str] | None) -> tuple[str, str] | None:
    """A verifier's setting ``thinking``: an opening and a closing tag, or None for none.

    Raises:
        ValueError: It is neither.
    """
    if not setting:
        return None
    if isinstance(setting, str) or len(setting) != 2 or not all(isinstance(tag, str) and tag for tag in setting):
        raise ValueError(f"thinking: expected an opening and a closing tag, got {setting!r}")
    return setting[0], setting[1]
