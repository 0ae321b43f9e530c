"""How a text falls into words, sentences and blocks; all of it in time that grows with its length only."""

import re
import string
import unicodedata


def word_set(listed: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(listed.split())


MARKS = string.punctuation + "…“”‘’«»—–‹›„‚。！？，、；：「」『』（）【】"
"""Punctuation as it is taken off the ends of words."""

_NO_PUNCTUATION = str.maketrans("", "", MARKS)
_COUNTED = re.compile(r"\w+")
_WORD = re.compile(r"[^\W_]++(?:[-'’.&][^\W_]++)*+")
_END = re.compile(r"""(?:(?<![.!?…])[.!?…]++["'”’)\]*_»]*+(?=\s|$)|[。！？]++[」』”’）]*+)""")
_NUMBERED = re.compile(r"(?:^|\n)[^\S\n]*(?:\d{1,3}|[A-Za-z])$")
_LATIN = re.compile(r"[A-Za-z]")
_LOOK_LATIN = str.maketrans(
    "аеорсухіјѕԁһкмтАВЕКМНОРСТУХІЈЅοανιρυκτχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhkmtABEKMHOPCTYXIJSoavipuktxABEZHIKMNOPTYX",
)
_TITLES = word_set(
    """
    mr mrs ms mx dr prof rev hon gen col capt lt sgt sen rep gov pres st mt fr vs cf approx e.g i.e viz
    """
)
_BEFORE_NUMBERS = word_set(
    """
    no nos fig figs eq vol ch pp jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
_ABBREVIATIONS = word_set(
    """
    etc inc ltd co corp jr sr bros u.s u.k u.n u.s.a e.u d.c a.m p.m b.c a.d ph.d m.d b.a m.a
    """
)


def visible(text: str) -> str:
    """The text without characters that nobody sees (zero-width, soft hyphens), blank lines before it, and blanks
    after it."""
    if not text.isascii():
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    text = text.replace("\r\n", "\n").rstrip()
    indent = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, indent) + 1 :]


def counted_words(text: str) -> list[str]:
    """Words as IFEval counts them: runs of letters and digits, so that "don't" is two."""
    return _COUNTED.findall(text)


def words(text: str) -> list[str]:
    """Words with their inner hyphens, apostrophes and dots, without punctuation around them."""
    return _WORD.findall(text)


def lower_words(text: str) -> list[str]:
    return words(text.lower())


def bare_words(text: str) -> list[str]:
    """Lower-case words between blanks, with all punctuation taken out; nothing is left of mere punctuation."""
    return text.lower().translate(_NO_PUNCTUATION).split()


def sentences(text: str) -> list[str]:
    """Sentences end at ``.``, ``!`` or ``?`` before a blank, but not after "Dr.", "e.g.", "J." or "1."."""
    found = []
    start = 0
    for end in _END.finditer(text):
        if end[0][0] == "." and end[0][1:2] != "." and not _ends_a_sentence(text, end.start(), end.end()):
            continue
        sentence = text[start : end.end()].strip()
        start = end.end()
        if sentence.strip(MARKS + " "):
            found.append(sentence)
        elif found:
            found[-1] += sentence
    rest = text[start:].strip()
    if rest.strip(MARKS + " "):
        found.append(rest)
    return found


def _ends_a_sentence(text: str, dot: int, end: int) -> bool:
    before = text[max(0, dot - 24) : dot]
    if _NUMBERED.search(before) and end < len(text):
        return False
    last = before.split()[-1:] or [""]
    word = last[0].lstrip("([\"'“‘*_").lower()
    if word in _TITLES:
        return end >= len(text)
    follows = text[end : end + 40].lstrip()[:1]
    if word in _BEFORE_NUMBERS:
        return not follows.isdigit()
    if word in _ABBREVIATIONS:
        return not follows or follows.isupper()
    initial = len(word) == 1 and word.isalpha() and word != "i" and last[0][-1].isupper()
    return not (initial and follows.isupper())


def end_mark(sentence: str) -> str:
    """The mark that a sentence ends with, behind closing quotes and emphasis."""
    return sentence.rstrip("\"'”’)]*_» ")[-1:]


def blocks(text: str) -> list[str]:
    """Paragraphs: what stands between blank lines."""
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(lines) for lines in found if lines]


def lines(text: str) -> list[str]:
    """Lines that are not blank, with their indentation."""
    return [line for line in text.split("\n") if line.strip()]


def occurrences(keyword: str, text: str) -> int:
    """How often a keyword stands in a text, in whatever case, also within longer words."""
    return text.lower().count(keyword.lower())


def unmasked(text: str) -> str:
    """The text as it reads: without emphasis, and with plain letters instead of bold, full-width and crossed-out
    ones, and of Cyrillic and Greek ones that look Latin within a word that has Latin ones."""
    text = text.replace("*", "")
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text)
    read = "".join(character for character in composed if not unicodedata.combining(character))
    return _COUNTED.sub(lambda word: word[0].translate(_LOOK_LATIN) if _LATIN.search(word[0]) else word[0], read)


def holds_word(word: str, text: str) -> bool:
    """Whether a word or phrase stands in a text, in whatever case, not as a part of a longer word."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def plain(text: str) -> str:
    """ASCII letters without their accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def same(text: str, other: str) -> bool:
    """Equal but for case and blanks around."""
    return text.strip().lower() == other.strip().lower()
