"""Instructions about what the response looks like: lists, titles, sections, wrapping, JSON."""

import json
import re
from itertools import pairwise

from rewards.instructions.arguments import number, text
from rewards.instructions.instruction import instruction
from rewards.instructions.text import MARKS, bare_words, end_mark, lines, sentences, words

_ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


@instruction("detectable_content:number_placeholders", num_placeholders=number)
def placeholders(response: str, num_placeholders: int) -> bool:
    return sum(bool(name.strip()) for name in re.findall(r"\[([^\[\]\n]*+)\]", response)) >= num_placeholders


@instruction("detectable_content:postscript", postscript_marker=text)
def postscript(response: str, postscript_marker: str) -> bool:
    """The marker, and a word after it."""
    patterns = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
    pattern = patterns.get(postscript_marker, re.escape(postscript_marker))
    marker = re.search(pattern, response, re.IGNORECASE)
    return marker is not None and bool(words(response[marker.end() :]))


@instruction("detectable_format:number_bullet_lists", num_bullets=number)
def bullets(response: str, num_bullets: int) -> bool:
    return sum(_is_bullet(line.strip()) for line in lines(response)) == num_bullets


def _is_bullet(line: str) -> bool:
    """``* …`` or ``- …`` with content; ``**bold**`` and rules such as ``---`` are none."""
    if line[:2] == "**" or line[:1] not in ("*", "-"):
        return False
    return bool(line.strip("*- "))


@instruction("detectable_format:constrained_response")
def constrained_response(response: str) -> bool:
    """One of the three answers, and not another beside it."""
    return sum(answer in response for answer in _ANSWERS) == 1


@instruction("detectable_format:number_highlighted_sections", num_highlights=number)
def highlights(response: str, num_highlights: int) -> bool:
    found = re.findall(r"\*([^\n*]*+)\*", response) + re.findall(r"\*\*([^\n*]*+)\*\*", response)
    return sum(bool(highlight.strip()) for highlight in found) >= num_highlights


@instruction("detectable_format:multiple_sections", section_spliter=text, num_sections=number)
def sections(response: str, section_spliter: str, num_sections: int) -> bool:
    """So many different numbers behind the word that opens a section."""
    found = re.findall(rf"(?<!\w){re.escape(section_spliter)}\s?(\d+)", response)
    return len(set(found)) >= num_sections


@instruction("detectable_format:json_format")
def json_format(response: str) -> bool:
    """An object or an array and nothing else, in a code fence or not."""
    whole = response.strip()
    if len(whole) >= 6 and whole.startswith("```") and whole.endswith("```"):
        whole = whole[3:-3]
        whole = whole[4:] if whole[:4].lower() == "json" else whole
    try:
        value = json.loads(whole)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict | list)


@instruction("detectable_format:title")
def title(response: str) -> bool:
    """Something in ``<<…>>`` on one line."""
    for line in lines(response):
        start, end = line.find("<<"), line.rfind(">>")
        if 0 <= start < end and line[start:end].strip("<> \t"):
            return True
    return False


@instruction("startend:quotation")
def quoted(response: str) -> bool:
    whole = response.strip()
    return len(whole) > 2 and whole[0] == whole[-1] == '"' and bool(whole.strip('" '))


@instruction("startend:end_checker", end_phrase=text)
def ends_with(response: str, end_phrase: str) -> bool:
    return response.strip().strip('"').lower().endswith(end_phrase.lower())


@instruction("detectable_format:square_brackets")
def every_word_in_brackets(response: str) -> bool:
    return all(re.fullmatch(r"\[[^\[\]]+\]", word) for word in response.split())


@instruction("detectable_format:bigram_wrapping")
def every_two_words_wrapped(response: str) -> bool:
    """``<<I am>> <<at home>>``; one word may be left over at the end."""
    spoken = response.split()
    if len(spoken) < 2:
        return False
    pairs = [(spoken[at], spoken[at + 1]) for at in range(0, len(spoken) - 1, 2)]
    return all(first.startswith("<<") and second.endswith(">>") for first, second in pairs)


@instruction("detectable_format:sentence_hyphens")
def hyphened_sentences(response: str) -> bool:
    """Two sentences or more, with a hyphen and no blank between them."""
    parts = re.split(r"(?<=[.!?])-", response.strip())
    return len(parts) >= 2 and all(part == part.strip() and len(sentences(part)) == 1 for part in parts)


@instruction("format:options", options=text)
def options(response: str, options: str) -> bool:
    """Exactly one of the options; letters must be written as they were given."""
    separator = next((mark for mark in ("/", " or ") if mark in options), ",")
    choices = [choice.strip() for choice in options.split(separator) if choice.strip()]
    if re.match(r"\W*[aA]\W*[bB]\W*[cC]", options):
        return response.strip() in choices
    return response.strip(MARKS + " \n").lower() in {choice.strip(MARKS + " ").lower() for choice in choices}


@instruction("format:newline")
def each_word_on_a_line(response: str) -> bool:
    rows = [bare_words(line) for line in response.split("\n")]
    return any(rows) and all(len(row) <= 1 for row in rows)


@instruction("format:parentheses")
def nested_brackets(response: str) -> bool:
    """Brackets in brackets, five deep, each closed by its own kind."""
    closes = {")": "(", "]": "[", "}": "{"}
    return _depth(response, set(closes.values()), closes) >= 5


@instruction("format:quotes")
def nested_quotes(response: str) -> bool:
    """Double and single quotes in turn, three deep; apostrophes within words are none."""
    straight = response.translate(str.maketrans("“”‘’", "\"\"''"))
    straight = re.sub(r"(?<=\w)'(?=\w)", "", straight)
    return _depth(straight, {'"', "'"}, {'"': '"', "'": "'"}) >= 3


def _depth(response: str, opening: set[str], closes: dict[str, str]) -> int:
    """How deep pairs nest; a mark that closes nothing starts anew."""
    stack: list[tuple[str, int]] = []
    deepest = 0
    for mark in response:
        if stack and mark in closes and stack[-1][0] == closes[mark]:
            depth = stack.pop()[1] + 1
            deepest = max(deepest, depth)
            if stack:
                stack[-1] = (stack[-1][0], max(stack[-1][1], depth))
        elif mark in opening:
            stack.append((mark, 0))
        elif mark in closes:
            stack.clear()
    return deepest


@instruction("format:line_indent")
def stairs(response: str) -> bool:
    """Each line is indented further than the one before."""
    indents = [len(line) - len(line.lstrip(" ")) for line in lines(response)]
    return len(indents) >= 2 and all(first < second for first, second in pairwise(indents))


@instruction("format:quote_unquote")
def quotes_explained(response: str) -> bool:
    """There is a quoted phrase, and words without quotes follow each."""
    parts = re.sub(r"'\"'", "", response.translate(str.maketrans("“”", '""'))).split('"')
    outside = parts[2::2]
    return len(parts) >= 3 and len(parts) % 2 == 1 and all(words(part) for part in outside)


@instruction("format:list", sep=text)
def list_with_separator(response: str, sep: str) -> bool:
    """Two items or more behind the separator, and no usual bullet points beside them."""
    rows = [line.strip() for line in lines(response)]
    usual = [row for row in rows if _is_bullet(row) and not row.startswith(sep)]
    return response.count(sep) >= 2 and not usual


@instruction("format:thesis")
def italic_thesis(response: str) -> bool:
    """A statement in ``<i>`` or ``<em>``, and text after it."""
    thesis = re.search(r"<(i|em)>", response)
    if thesis is None:
        return False
    statement, closed, rest = response[thesis.end() :].partition(f"</{thesis[1]}>")
    return bool(closed and words(statement) and words(rest))


@instruction("format:sub-bullets")
def sub_bullets(response: str) -> bool:
    """There are bullets ``*``, and a sub-bullet ``-`` under each; ``*emphasis*`` is none."""
    rows = [line.strip() for line in lines(response)]
    marks = [row[0] for row in rows if _is_bullet(row) and (row[1] == " " or "*" not in row[1:])]
    counts = [len(group) for group in "".join(marks).split("*")[1:]]
    return bool(counts) and all(counts)


@instruction("format:no_bullets_bullets")
def sentences_then_bullets(response: str) -> bool:
    """Two sentences or more that end in a period, then nothing but two bullets ``*`` or more."""
    rows = lines(response)
    first = next((at for at, row in enumerate(rows) if row.strip().startswith("*")), len(rows))
    before = sentences("\n".join(rows[:first]))
    marked = [row.strip().startswith("*") and bool(words(row)) for row in rows[first:]]
    return sum(end_mark(sentence) == "." for sentence in before) >= 2 and len(marked) >= 2 and all(marked)


@instruction("format:output_template")
def output_template(response: str) -> bool:
    """The three headings in their order, with words after each."""
    before, _, rest = response.partition("My Answer:")
    answer, _, rest = rest.partition("My Conclusion:")
    conclusion, _, outlook = rest.partition("Future Outlook:")
    return not words(before) and all(words(part) for part in (answer, conclusion, outlook))


@instruction("format:no_whitespace")
def no_whitespace(response: str) -> bool:
    return not any(character.isspace() for character in response)


@instruction("format:emoji")
def emoji_ends_sentences(response: str) -> bool:
    """An emoji before or after the mark that ends each sentence."""
    from emoji import is_emoji

    found = sentences(response)
    rest = [*found[1:], ""]
    return bool(found) and all(
        any(is_emoji(mark) for mark in sentence.strip(MARKS + " \n\ufe0f")[-1:])
        or any(is_emoji(mark) for mark in after.lstrip(MARKS + " \n")[:1])
        for sentence, after in zip(found, rest, strict=True)
    )
