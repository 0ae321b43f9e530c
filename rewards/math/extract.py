"""Finds the answer that a response gives, whatever form it gives it in.

Each form is a function from the text to the spans of all answers in that form. The last one counts. Answers that
stand next to each other with nothing but "or", "and" or punctuation between them count as one answer of several
parts, so that listing guesses is not rewarded.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

MAX_ANSWER = 2000
"""Characters of an answer line that are looked at."""


class Span(NamedTuple):
    """One answer: where its mark begins, where it ends, and what it says."""

    start: int
    end: int
    text: str


_BOX = re.compile(r"\\(?:boxed|fbox)\s?\{")
_UNBRACED = re.compile(r"\\(?:boxed|fbox)\s+([^\s{}\\$]{1,30})")


def boxed(text: str) -> list[Span]:
    r"""``\boxed{...}`` and ``\fbox{...}``, outermost ones only."""
    spans: list[Span] = []
    opened: list[tuple[int, int] | None] = []
    for match in re.finditer(r"\\(?:boxed|fbox)\s?\{|\\[^a-zA-Z]|[{}]", text):
        token = match[0]
        if token.endswith("{") and token != "\\{":
            opened.append((match.start(), match.end()) if token != "{" else None)
        elif token == "}" and opened:
            box = opened.pop()
            if box is not None:
                while spans and spans[-1].start > box[0]:
                    spans.pop()
                spans.append(Span(box[0], match.end(), text[box[1] : match.start()]))
    return spans


def any_boxed(text: str) -> list[Span]:
    r"""The same, and ``\boxed 7`` without braces."""
    unbraced = (Span(match.start(), match.end(), match[1]) for match in _UNBRACED.finditer(text))
    return sorted([*boxed(text), *unbraced])


_ANSWER = re.compile(
    r"\b(?:final\s{1,2}|correct\s{1,2})?answer(?:\s?\([^()\n]{0,40}\))?[*_]{0,2}\s?(?:is\s?)?[::=][*_]{0,2}"
    r"|\bfinal\s{1,2}answer\s{1,2}is\b[*_]{0,2}\s?:?"
    r"|\bfinal\s{1,2}answer[*_]{0,2}\n"
    r"|^[#*_ ]{0,8}answer[*_ ]{0,3}\n"
    r"|答案[是为]?\s?[::]?",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_IS = re.compile(r"\banswer\s{1,2}is\b[*_]{0,2}\s?:?", re.IGNORECASE)
_HASHES = re.compile(r"####")
_TAG = re.compile(r"<answer>([^<]{1,2000}(?:<(?!/?answer>)[^<]{0,2000}){0,100})</answer>", re.IGNORECASE)


def answer(text: str) -> list[Span]:
    """``Answer: ...`` and ``The final answer is ...``."""
    return list(_marked(text, _ANSWER))


def answer_is(text: str) -> list[Span]:
    """``... the answer is ...`` within a sentence."""
    return list(_marked(text, _ANSWER_IS))


def hashes(text: str) -> list[Span]:
    """``#### ...``, as in GSM8K."""
    return list(_marked(text, _HASHES))


def tag(text: str) -> list[Span]:
    """``<answer>...</answer>``."""
    said = (Span(match.start(), match.end(), _tidy(" ".join(match[1].split()))) for match in _TAG.finditer(text))
    return [span for span in said if span.text]


def formula(text: str) -> list[Span]:
    r"""``$...$``, ``$$...$$``, ``\(...\)`` and ``\[...\]``."""
    closers = {"$": "$", "$$": "$$", "\\)": "\\(", "\\]": "\\["}
    spans = []
    closing: re.Match[str] | None = None
    for token in reversed(list(re.finditer(r"(?<!\\)\$\$?|\\[()\[\]]", text))):
        inside = text[token.end() : closing.start()] if closing else ""
        if (
            closing
            and closers[closing[0]] == token[0]
            and inside.strip()
            and not (token[0] == "$" and "\n" in inside)
        ):
            spans.append(Span(token.start(), closing.end(), inside))
            closing = None
        else:
            closing = token if token[0] in closers else None
    return spans[::-1]


def choice(text: str) -> list[Span]:
    """``option B``, ``choice (B)``."""
    pattern = re.compile(r"\b(?:[Oo]ption|[Cc]hoice)(?:\sis)?[: ]\s?[*_(]{0,3}([A-J])\b[)*_]{0,3}")
    return [Span(match.start(), match.end(), match[1]) for match in pattern.finditer(text)]


def bare(text: str) -> list[Span]:
    """The whole text, where it is a single line, and not a box that was cut off."""
    line = text.strip()
    if not line or "\n" in line or len(line) > MAX_ANSWER or (_BOX.search(line) and not boxed(line)):
        return []
    return [Span(0, len(text), line)]


def last_integer(text: str) -> list[Span]:
    """The last integer of the text, wherever it stands; digits of a decimal number are none."""
    pattern = r"(?<![\d.])(?:(?<![\w)])-)?\d+(?:,\d{3})*(?!\d|\.\d|,\d{3})"
    return _spans(re.finditer(pattern, text.replace("−", "-")))


def last_number(text: str) -> list[Span]:
    """The last number of the text, wherever it stands: an integer, a decimal number, a fraction, a percentage."""
    pattern = r"(?<![\d.])(?:(?<![\w)])-)?(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)(?:/\d+)?(?![\d])%?"
    return _spans(re.finditer(pattern, text.replace("−", "-")))


FORMS: Mapping[str, Callable[[str], list[Span]]] = {
    "boxed": any_boxed,
    "answer": answer,
    "hashes": hashes,
    "tag": tag,
    "answer_is": answer_is,
    "formula": formula,
    "choice": choice,
    "bare": bare,
    "last_integer": last_integer,
    "last_number": last_number,
}
"""By the name that the setting ``extraction`` uses."""

AUTO: Sequence[Sequence[str]] = (
    ("boxed", "answer", "hashes", "tag"),
    ("answer_is",),
    ("choice",),
    ("formula",),
    ("bare",),
)
"""Forms of one rank compete, and the last in the text wins; a rank is tried where those before found nothing."""

SCATTERED = frozenset({"last_integer", "last_number"})
"""Forms whose spans are just numbers of a text, so that neighbours make no common answer."""


def extract_answer(text: str, ranks: Sequence[Sequence[str]] = AUTO) -> str | None:
    """The answer that a text gives, as it is written there, or None where it gives none."""
    for rank in ranks:
        found = [last for name in rank if (last := _last_answer(name, text)) is not None]
        if found:
            last = max(found, key=lambda span: span.start)
            return last.text + ("" if SCATTERED.intersection(rank) else _hedged(text[last.end :]))
    return None


def _last_answer(name: str, text: str) -> Span | None:
    spans = FORMS[name](text)
    if not spans:
        return None
    return spans[-1] if name in SCATTERED else _together(spans, text)


_ORNAMENT = re.compile(r"\\(?:text|quad|qquad|[,;])|[{}$\\()\[\]*_|]")
_BETWEEN_PARTS = re.compile(
    r"[\s,;.&/:-]*(?:(?:or|and|also|either|both)\b[\s,;.:]*)*(?:\d{1,2}[.:]\s*)?", re.IGNORECASE
)
_HEDGE = re.compile(r"[\s,;.!?-]*(?:or|alternatively|maybe|perhaps|possibly|otherwise)\b.*", re.IGNORECASE)
_LONGEST_GAP = 80
_OR_ELSE = re.compile(
    r"[\s.,;*_$)\\\]}(]*(?P<more>(?:or|alternatively|maybe|perhaps|possibly)\b"
    r"(?:\s(?:maybe|perhaps|possibly|even|else|it\sis|is))*[\s,:]*[*_$\\({\[]*(?:[-+]?[\d.]|[a-z]+\{|[A-J]\b)[^\n]{0,80})",
    re.IGNORECASE,
)


def _hedged(following: str) -> str:
    """What is said behind an answer where that is another guess."""
    other = _OR_ELSE.match(following[:200])
    return f" {other['more']}" if other else ""


def _together(spans: Sequence[Span], text: str) -> Span:
    """The last answer with those before it that are only another part of it, or another guess."""
    parts = [spans[-1]]
    for span in reversed(spans[:-1]):
        following = parts[-1].start
        if not 0 <= following - span.end <= _LONGEST_GAP:
            break
        between = _ORNAMENT.sub(" ", text[span.end : following])
        if not _BETWEEN_PARTS.fullmatch(between) and not _HEDGE.fullmatch(between):
            break
        parts.append(span)
        if len(parts) > MAX_ANSWER:
            break
    texts = list(dict.fromkeys(part.text.strip() for part in reversed(parts)))
    return Span(parts[0].start, parts[0].end, ", ".join(texts))


def _spans(matches: Iterable[re.Match[str]]) -> list[Span]:
    return [Span(match.start(), match.end(), match[0]) for match in matches]


def _marked(text: str, mark: re.Pattern[str]) -> Iterator[Span]:
    """What follows each of the last marks: the rest of its line, or the next line where that is empty."""
    for match in deque(mark.finditer(text), maxlen=20):
        rest = text[match.end() : match.end() + MAX_ANSWER]
        said = rest[_GAP.match(rest).end() :]  # type: ignore[union-attr]  # it matches nothing too
        end = match.end() + len(rest) - len(said)
        line = _DISPLAYED.match(said) or _LINE.match(said)
        if line and line[0].strip():
            yield Span(match.start(), end + line.end(), _tidy(line[0]))


_GAP = re.compile(r"(?:[\s*_]|(?<=\n)>)*")
_DISPLAYED = re.compile(r"(?:\$\$.*?\$\$|\\\[.*?\\\])[^\n]*", re.DOTALL)
_LINE = re.compile(r"[^\n]*")
_SENTENCE_END = re.compile(r"\.(?=\s|$)|\?$|,?\s(?:because|since|as|which|where|so)\s", re.IGNORECASE)
_TAKEN_BACK = re.compile(r"[\s,;.!?-]*(?:no(?=[,.!;]| wait\b)|wait|actually|sorry|correction)\b", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"(?:(?:therefore|thus|hence|simply|just|exactly|equal to|given by)\b[,:]?\s+){1,3}", re.IGNORECASE
)
_SHORT_PROSE = re.compile(r"(?:[\s,;.%\d-]|\b(?:or|and|either|maybe)\b)*", re.IGNORECASE)


def _tidy(line: str) -> str:
    """An answer line without what only surrounds it: emphasis, further sentences, words around a formula."""
    line = _LEAD_IN.sub("", line.strip().strip("*_`").strip())
    boxes = boxed(line)
    if boxes:
        return _together(boxes, line).text
    formulas = formula(line)
    if formulas:
        prose = line
        for span in reversed(formulas):
            prose = prose[: span.start] + prose[span.end :]
        if not _SHORT_PROSE.fullmatch(prose):
            return _together(formulas, line).text
        line = re.sub(r"(?<!\\)\$|\\[()\[\]]", " ", line)
    end = _SENTENCE_END.search(line)
    if end and not (_HEDGE.fullmatch(line[end.end() :]) or _TAKEN_BACK.match(line[end.end() :])):
        line = line[: end.start()]
    return line.strip().strip("*_`").strip()
