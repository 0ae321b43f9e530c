"""What stands inside a tag, such as ``<answer>…</answer>``."""

from rewards.math.extract import Span


def elements(text: str, tag: str) -> list[Span]:
    """All elements of a name in their order: where each begins and ends, and what stands inside."""
    opening, closing = f"<{tag}>", f"</{tag}>"
    found = []
    end = 0
    while (start := text.find(opening, end)) >= 0:
        inside = start + len(opening)
        close = text.find(closing, inside)
        if close < 0:
            break
        inside = text.rfind(opening, start, close) + len(opening)
        end = close + len(closing)
        found.append(Span(inside - len(opening), end, text[inside:close]))
    return found
