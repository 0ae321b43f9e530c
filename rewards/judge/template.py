"""The judge's prompt: every placeholder is filled, and nothing that is filled in can speak as the judge.

What a problem or a response says stands between two lines that name a digest of all that is filled in, which no
response can contain, and in it whatever a chat template could take for a control token is disarmed.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from rewards.registry import nearest

_REFERENCE = """\
Is the response right? Compare it with the reference answer; the wording may differ, the meaning may not. A
response that hedges, or gives several answers where one was asked for, is wrong.

The question:
{question}

The reference answer:
{reference}

The response to be judged:
{response}
"""

_QUALITY = """\
How good is the response to the request? Consider whether it is correct, complete, and to the point.

The request:
{question}

The response to be judged:
{response}
"""

_RUBRIC = """
The rubric by which to judge:
{rubric}
"""

TEMPLATES: Mapping[str, str] = {
    "reference": _REFERENCE,
    "quality": _QUALITY,
    "reference_rubric": _REFERENCE + _RUBRIC,
    "rubric": _QUALITY + _RUBRIC,
}
"""Built-in templates by name."""

_CONTROL_TAG = re.compile(r"[<＜](?=[|｜/!?_A-Za-z<])")
_CONTROL_NAME = re.compile(r"\[(/?[A-Za-z_]{2,40})\]")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders, such as ``{response}``; ``{{`` and ``}}`` stand for braces.

    Attributes:
        parts: Literal texts and names of placeholders, in turns.
    """

    parts: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: str, fillable: Iterable[str]) -> "Template":
        """Reads a template.

        Args:
            text: The template, or the name of one of `TEMPLATES`.
            fillable: The placeholders that will be filled.

        Raises:
            ValueError: A placeholder is unknown, or will not be filled, or ``{response}`` is not there.
        """
        try:
            found = list(Formatter().parse(TEMPLATES[text] if text in TEMPLATES else _own(text)))
        except ValueError as error:
            raise ValueError(f"template: {error}") from error
        known = list(fillable)
        for _, name, spec, conversion in found:
            if name is None:
                continue
            if spec or conversion or name not in known:
                whole = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
                raise ValueError(
                    f"template: nothing fills the placeholder {{{whole}}}; "
                    f"here {', '.join(f'{{{one}}}' for one in known)} can stand"
                )
        template = cls(tuple((literal, name) for literal, name, _, _ in found))
        if "response" not in template.names:
            raise ValueError("template: the placeholder {response} is missing, so that there is nothing to judge")
        return template

    @property
    def names(self) -> frozenset[str]:
        """The placeholders that stand in it."""
        return frozenset(name for _, name in self.parts if name is not None)

    def fill(self, values: Mapping[str, str], trusted: Mapping[str, str] | None = None) -> tuple[str, str]:
        """The prompt, and the mark by which it fences in what was filled in.

        What stands in a value is never filled in itself.

        Args:
            values: What fills the placeholders and was written by others.
            trusted: What fills placeholders and comes from the recipe; it stands there as it is.
        """
        own = dict(trusted or {})
        plain = {name: disarmed(values[name]) for name in self.names if name not in own}
        mark = _mark(plain)
        own |= {name: f"<<{mark}\n{value}\n{mark}>>" for name, value in plain.items()}
        return "".join(literal + ("" if name is None else own[name]) for literal, name in self.parts), mark


def disarmed(text: str) -> str:
    """The text without anything that a tokenizer could take for a control token.

    ``<`` before a letter, a slash or a bar becomes ``‹``, square brackets around one word become ``⁅ ⁆``, and lone
    surrogates, which cannot be sent, become ``?``.
    """
    text = _CONTROL_NAME.sub(r"⁅\1⁆", _CONTROL_TAG.sub("‹", text))
    return text.encode("utf-8", "replace").decode("utf-8")


def _mark(values: Mapping[str, str]) -> str:
    """A digest of all values that stands in none of them."""
    content = "\0".join(f"{name}\0{len(values[name])}\0{values[name]}" for name in sorted(values))
    number = 0
    while True:
        mark = hashlib.blake2b(f"{number}\0{content}".encode(), digest_size=12).hexdigest()
        if not any(mark in value for value in values.values()):
            return mark
        number += 1


def _own(text: str) -> str:
    if re.fullmatch(r"\w*", text):
        raise ValueError(
            f'there is none named "{text}"{nearest(text, TEMPLATES)} Templates: {", ".join(TEMPLATES)}'
        )
    return text
