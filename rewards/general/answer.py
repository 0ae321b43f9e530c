r"""Finds the answer that a text marks: ``Answer: …``, ``#### …``, ``\boxed{…}``, ``<answer>…</answer>``."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rewards.general.element import elements
from rewards.general.normalise import normalise
from rewards.math.extract import boxed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text answers.

    Attributes:
        readings: Ways to read it; the answer is right if one of them is.
        several: Whether other answers stand beside it, so that it is none.
        whole: All that follows the mark, which may be one answer of several lines; None where there is no such.
        marked: Whether the text marks it as its answer; else it is the whole text.
    """

    readings: tuple[str, ...]
    several: bool = False
    whole: str | None = None
    marked: bool = True


@dataclass(frozen=True, slots=True)
class _Span:
    """A marked answer: where its mark begins, where its words begin and end."""

    start: int
    begin: int
    end: int
    in_box: bool = False


_MARK = re.compile(
    r"\b(?:final\s|correct\s|best\s|my\s){0,2}answer(?:\s?\([^()\n]{0,40}\))?[*_]{0,3}\s?"
    r"(?:is\b\s?[:\uff1a]?|[:\uff1a])(?:[*_]{1,3}(?=\s))?"
    r"|\bfinal\sanswer[*_]{0,3}\s?\n"
    r"|####"
    r"|答案[是为]?\s?[:\uff1a]?",
    re.IGNORECASE,
)
_HEDGES = (
    r"(?:or|either|alternatively|maybe|perhaps|possibly|otherwise|might|may\sbe|may\salso|could\sbe|could\salso|"
    r"unsure|not\s(?:quite\s)?sure|uncertain|unless|(?:is|are|also|equally)\s(?:also\s)?(?:possible|plausible))"
)
HEDGE = re.compile(rf"\b{_HEDGES}\b", re.IGNORECASE)
"""Words by which a text takes back, or adds to, what it answers."""

_HEDGED_AFTER = re.compile(rf"[\W_]*(?:(?:but|and)\s)?(?:(?:it|this|that)\s)?{_HEDGES}\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"(?:[\W_]|\b(?:or|and|also|either|both|maybe|perhaps|possibly|alternatively|the|another|other|second|possible|"
    r"option|final|correct|best|my)\b)*",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|,?\s(?=(?:because|since)\s)|,\s(?=(?:which|the|an?)\s)", re.IGNORECASE)
_ITEM_END = re.compile(r"[,;/&|\n]|\band\b|[.!?](?:\s|$)", re.IGNORECASE)
_MARKS_READ = 20
_SENTENCES_READ = 5
_LONGEST_GAP = 80
_LONGEST_LINE = 10_000


def find_answer(text: str) -> Answer:
    """The last answer that a text marks, or else the whole text.

    Answers that stand beside each other with nothing but "or", "and" or punctuation in between count as several.
    """
    tagged = elements(text, "answer")
    if tagged:
        inside = find_answer(tagged[-1].text)
        differ = len({normalise(element.text) for element in tagged}) > 1
        return replace(inside, several=inside.several or differ or _goes_on(text[tagged[-1].end :]), marked=True)
    spans = _spans(text)
    if not spans:
        return Answer((text.strip(),), marked=False)
    last = spans[-1]
    has_neighbour = _has_neighbour(spans, text)
    return Answer(
        readings=tuple(_readings(last, text)),
        several=has_neighbour or _goes_on(text[last.end :]),
        whole=None if has_neighbour or last.in_box else text[last.begin :].strip(),
    )


def _spans(text: str) -> list[_Span]:
    """Marked answers in their order; a box within a marked line belongs to that line."""
    marks = list(deque(_MARK.finditer(text), maxlen=_MARKS_READ))
    spans = []
    for place, mark in enumerate(marks):
        limit = marks[place + 1].start() if place + 1 < len(marks) else len(text)
        rest = text[mark.end() : min(limit, mark.end() + _LONGEST_LINE)]
        said = rest.lstrip(" \t\r\n>")
        begin = mark.end() + len(rest) - len(said)
        line = said.partition("\n")[0]
        if line.strip():
            spans.append(_Span(mark.start(), begin, begin + len(line)))
    boxes = [
        _Span(box.start, box.end - 1 - len(box.text), box.end - 1, in_box=True)
        for box in deque(boxed(text), maxlen=_MARKS_READ)
        if not any(span.start <= box.start < span.end for span in spans)
    ]
    return sorted([*spans, *boxes], key=lambda span: span.start)


def _readings(span: _Span, text: str) -> list[str]:
    """The line itself, its only box, its first sentence where the next ones only explain it, each also without the
    full stop and emphasis around it; the shortest last."""
    line = text[span.begin : span.end].strip()
    boxes = boxed(line)
    if boxes:
        around = line[: boxes[0].start] + " " + line[boxes[-1].end :]
        return [boxes[0].text.strip()] if len(boxes) == 1 and not HEDGE.search(around) else [line]
    head = None if span.in_box else _first_sentence(line)
    readings = [line, head] if head else [line]
    return list(dict.fromkeys([*readings, *map(_bare, readings)]))


def _bare(line: str) -> str:
    line = line.removesuffix(".").strip()
    for mark in ("**", "*", "`", "$"):
        if len(line) > 2 * len(mark) and line.startswith(mark) and line.endswith(mark):
            line = line[len(mark) : -len(mark)].strip()
    return line.removesuffix(".").strip()


def _first_sentence(line: str) -> str | None:
    for end in islice(_SENTENCE_END.finditer(line), _SENTENCES_READ):
        tail = line[end.end() :]
        if len(tail.split()) >= 4 and not HEDGE.search(tail) and not _is_list(tail):
            return line[: end.start()].strip()
    return None


def _is_list(text: str) -> bool:
    """Whether a text is nothing but short items, and so more answers rather than an explanation."""
    items = [item.split() for item in _ITEM_END.split(text)]
    return all(len(item) <= 2 for item in items)


def _has_neighbour(spans: Sequence[_Span], text: str) -> bool:
    """Whether an answer that says something else stands right before the last one."""
    last = spans[-1]
    said = normalise(_readings(last, text)[-1])
    following = last.start
    for span in reversed(spans[:-1]):
        head = _readings(span, text)[-1]
        told = text[span.begin : following]
        gap = told[told.find(head) + len(head) :]
        if len(gap) > _LONGEST_GAP or not (_BETWEEN.fullmatch(gap) or _HEDGED_AFTER.match(gap)):
            return False
        if normalise(head) != said:
            return True
        following = span.start
    return False


def _goes_on(following: str) -> bool:
    """Whether what follows an answer takes it back, or lists more."""
    following = following[:200].removeprefix("}").removeprefix("\r")
    if _HEDGED_AFTER.match(following):
        return True
    line = following.removeprefix("\n").partition("\n")[0].strip()
    is_item = following.startswith("\n") and ":" not in line and not line.startswith(("<", "`"))
    return is_item and not line.endswith((".", "!", "?")) and 0 < len(re.findall(r"\w+", line)) <= 3
