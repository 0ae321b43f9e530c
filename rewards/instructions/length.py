"""Instructions about how much: words, sentences, paragraphs."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rewards.instructions.arguments import Relation, number, positive, relation, text
from rewards.instructions.instruction import instruction
from rewards.instructions.text import bare_words, blocks, counted_words, lower_words, sentences, words


@instruction("length_constraints:number_words", num_words=number, relation=relation)
def number_of_words(response: str, num_words: int, relation: Relation) -> bool:
    return relation(len(counted_words(response)), num_words)


@instruction("count:word_count_range", min_words=number, max_words=number)
def word_range(response: str, min_words: int, max_words: int) -> bool:
    return min_words <= len(counted_words(response)) <= max_words


@instruction("length_constraints:number_sentences", num_sentences=number, relation=relation)
def number_of_sentences(response: str, num_sentences: int, relation: Relation) -> bool:
    return relation(len(sentences(response)), num_sentences)


@instruction("length_constraints:number_paragraphs", num_paragraphs=number)
def number_of_paragraphs(response: str, num_paragraphs: int) -> bool:
    """Paragraphs stand between the markdown divider ``***``."""
    return len(between(response, "***")) == num_paragraphs


@instruction("paragraphs:paragraphs")
def two_divided_paragraphs(response: str) -> bool:
    return len(between(response, "***")) == 2


@instruction("paragraphs:paragraphs2")
def two_paragraphs(response: str) -> bool:
    return len(blocks(response)) == 2


@instruction(
    "length_constraints:nth_paragraph_first_word", num_paragraphs=positive, nth_paragraph=positive, first_word=text
)
def nth_paragraph_first_word(response: str, num_paragraphs: int, nth_paragraph: int, first_word: str) -> bool:
    found = blocks(response)
    if len(found) != num_paragraphs or nth_paragraph > num_paragraphs:
        return False
    start = found[nth_paragraph - 1].split()[0].lstrip("'\"“‘*_#").lower()
    for mark in ".,?!'\"":
        start = start.partition(mark)[0]
    return start.rstrip("*_:;”’") == first_word.lower()


@instruction("count:counting_composition", n_sent=positive, n_words=positive)
def composition(response: str, n_sent: int, n_words: int) -> bool:
    """Three paragraphs between ``* * *`` or ``***``, each of so many sentences of so many words."""
    found = [sentences(paragraph) for paragraph in between(response.replace("* * *", "***"), "***")]
    return len(found) == 3 and all(
        len(paragraph) == n_sent and all(len(words(sentence)) == n_words for sentence in paragraph)
        for paragraph in found
    )


@instruction("count:count_unique")
def no_word_twice(response: str) -> bool:
    spoken = lower_words(response)
    return bool(spoken) and len(spoken) == len(set(spoken))


@instruction("count:unique_word_count", N=number)
def unique_words(response: str, N: int) -> bool:
    return len(set(bare_words(response))) >= N


@instruction("words:repeats", small_n=number)
def few_repeats(response: str, small_n: int) -> bool:
    counts = Counter(bare_words(response))
    return bool(counts) and max(counts.values()) <= small_n


@instruction("sentence:increment", small_n=number)
def growing_sentences(response: str, small_n: int) -> bool:
    """Each sentence has exactly so many words more than the one before."""
    lengths = [len(bare_words(sentence)) for sentence in sentences(response)]
    return len(lengths) >= 2 and all(second - first == small_n for first, second in pairwise(lengths))


@instruction("ratio:sentence_words")
def three_equal_sentences(response: str) -> bool:
    """Three sentences of as many characters, and no word in two of them."""
    found = sentences(response)
    spoken = [set(lower_words(sentence)) for sentence in found]
    return (
        len(found) == 3
        and len({len(sentence) for sentence in found}) == 1
        and len(set.union(*spoken)) == sum(len(each) for each in spoken)
    )


def between(response: str, divider: str) -> Sequence[str]:
    """What stands between dividers, which may also open and close the text; nothing where a part is blank."""
    parts = response.split(divider)
    if not parts[0].strip():
        del parts[0]
    if parts and not parts[-1].strip():
        del parts[-1]
    return parts if all(part.strip() for part in parts) else ()
