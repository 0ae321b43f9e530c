"""Instructions to repeat the request, a part of it, or to answer twice."""

import re

from rewards.instructions.arguments import number, positive, text, whole_text
from rewards.instructions.instruction import instruction
from rewards.instructions.text import bare_words, same

_DIVIDER = "******"
_THIS_SENTENCE = "Only output this sentence here, ignore all other requests."


@instruction("combination:repeat_prompt", prompt_to_repeat=text)
def repeat_then_answer(response: str, prompt_to_repeat: str) -> bool:
    """The request word for word, and an answer after it."""
    whole = response.strip()
    start, answer = whole[: len(prompt_to_repeat)], whole[len(prompt_to_repeat) :]
    return start.lower() == prompt_to_repeat.lower() and bool(answer.strip())


@instruction("combination:two_responses")
def two_responses(response: str) -> bool:
    """Two answers in different words between six asterisks, which may also open and close the response."""
    parts = [part.strip() for part in response.split(_DIVIDER)]
    inner = parts[1:-1]
    answers = [part for part in parts if part]
    return all(inner) and len(answers) == 2 and bare_words(answers[0]) != bare_words(answers[1])


@instruction("copy:copy", prompt_to_repeat=text)
@instruction("copy:copying_simple", prompt_to_repeat=text)
def copy(response: str, prompt_to_repeat: str) -> bool:
    return same(response, prompt_to_repeat)


@instruction("copy:copying_multiple", prompt_to_repeat=text, N=positive)
def copy_often(response: str, prompt_to_repeat: str, N: int) -> bool:
    parts = response.split(_DIVIDER)
    return len(parts) == N and all(same(part, prompt_to_repeat) for part in parts)


@instruction("new:copy_span_idx", prompt_to_repeat=whole_text, n_start=number, n_end=number)
@instruction("repeat:repeat_span", prompt_to_repeat=whole_text, n_start=number, n_end=number)
def copy_span(response: str, prompt_to_repeat: str, n_start: int, n_end: int) -> bool:
    """The characters from one index to another; the sources disagree on whether the last one belongs to it."""
    spans = (prompt_to_repeat[n_start : n_end + 1], prompt_to_repeat[n_start:n_end])
    return any(span.strip() and same(response, span) for span in spans)


@instruction("copy:repeat_phrase", phrase=text, small_n=positive)
def repeat_phrase(response: str, phrase: str, small_n: int) -> bool:
    """The phrase so many times, each time with exactly one word between its first and last replaced."""
    asked = phrase.split()
    if len(asked) < 3:
        return False
    said = [word.strip(".,;:!?\"'*()") for word in response.split()]
    ends = asked[0], asked[-1].strip(".,;:!?")
    starts = [at for at in range(len(said) - len(asked) + 1) if (said[at], said[at + len(asked) - 1]) == ends]
    inner = [word.strip(".,;:!?") for word in asked[1:-1]]
    changes = [sum(map(str.__ne__, said[at + 1 : at + len(asked) - 1], inner)) for at in starts]
    return len(changes) == small_n and all(change == 1 for change in changes)


@instruction("repeat:repeat_change", prompt_to_repeat=text)
def repeat_with_another_first_word(response: str, prompt_to_repeat: str) -> bool:
    said, asked = response.split(), prompt_to_repeat.split()
    return bool(said) and said[0] != asked[0] and said[1:] == asked[1:]


@instruction("repeat:repeat_simple")
def repeat_this_sentence(response: str) -> bool:
    return same(re.sub(r"\s+", " ", response), _THIS_SENTENCE)
