"""What a model said, as text that a page can show: nothing in it acts, and nothing in it hides."""

import re
from html import escape

HEAD = 600
"""Characters that are shown at once."""

MOST = 120_000
"""Characters that can be unfolded; the rest stands in the evaluation's file."""

# Controls other than line feed and tab, soft hyphens, zero-width and bidirectional marks, invisible operators,
# lone surrogates, noncharacters and tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The same with every character that cannot be seen, or that turns the others around, by its name."""
    return _HIDDEN.sub(lambda match: f"\u27e8U+{ord(match[0]):04X}\u27e9", text)


def response_html(text: str) -> str:
    """A response as HTML text; a long one is cut, and unfolds."""
    shown = visible(text)
    head, rest, beyond = shown[:HEAD], shown[HEAD:MOST], len(shown) - MOST
    if not rest:
        return f"<pre>{escape(head)}</pre>"
    ending = f"<p>{beyond:,} further characters stand in the evaluation's file.</p>" if beyond > 0 else ""
    return (
        f"<pre>{escape(head)}…</pre><details><summary>{len(rest):,} more characters</summary>"
        f"<pre>{escape(rest)}</pre>{ending}</details>"
    )
