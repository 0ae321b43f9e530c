"""Finds the code in a response. Only lines are looked at: hostile code is first parsed inside the sandbox."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"( *)(`{3,}|~{3,})[ \t]*([^\s`{]*)")
_PYTHON = frozenset({"", "python", "python3", "py", "py3", "pycon"})
_STATEMENT = re.compile(
    r"(def|class|import|from|async|if|for|while|try|with|print|return|@)\b|[A-Za-z_]\w*[ \t]*[=(]"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the word after its opening fence, and its text."""

    language: str
    text: str


def extract_code(answer: str, entry_point: str | None = None) -> str | None:
    """The code that an answer gives: its last Python block, or the last that defines the name asked for.

    Args:
        answer: What follows the thinking.
        entry_point: The function or class that is asked for.

    Returns:
        The code, or None where there is none. An answer without any block counts as code itself where it begins
        like code.
    """
    blocks = fenced_blocks(answer)
    ours = [block.text for block in blocks if block.language.lower() in _PYTHON and block.text.strip()]
    if ours:
        if entry_point is not None:
            ours = [text for text in ours if _defines(text, entry_point)] or ours
        return ours[-1]
    if blocks or not answer.strip():
        return None
    lines = (line for line in answer.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "")
    return answer if _STATEMENT.match(first) else None


def fenced_blocks(text: str) -> list[Block]:
    """All fenced blocks of a Markdown text, as CommonMark has them: one that is not closed lasts to the end.

    A fence may stand in a list item, at any depth; its lines then lose as much indentation as it has itself.
    """
    blocks: list[Block] = []
    indent = 0
    fence = language = ""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        match = _FENCE.match(line)
        if not fence:
            if match:
                indent, fence, language, lines = len(match[1]), match[2], match[3], []
        elif match and _closes(match, fence, indent) and not line.strip(" \t`~"):
            blocks.append(Block(language, "\n".join(lines) + "\n"))
            fence = ""
        else:
            lines.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
    if fence:
        blocks.append(Block(language, "\n".join(lines) + "\n"))
    return blocks


def _closes(match: re.Match[str], fence: str, indent: int) -> bool:
    return match[2][0] == fence[0] and len(match[2]) >= len(fence) and len(match[1]) <= indent + 3


def _defines(code: str, name: str) -> bool:
    return (
        re.search(rf"^(?:async[ \t]+def|def|class)[ \t]+{name}\b|^{name}[ \t]*[=:]", code, re.MULTILINE)
        is not None
    )
