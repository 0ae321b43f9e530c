"""Instructions about single words and letters: which stand in the response, how often, and where."""

import re
from itertools import pairwise

from rewards.instructions.arguments import Relation, letter, number, positive, relation, text, texts
from rewards.instructions.instruction import instruction
from rewards.instructions.text import (
    bare_words,
    holds_word,
    lower_words,
    occurrences,
    sentences,
    unmasked,
    words,
)


@instruction("keywords:existence", keywords=texts)
def existence(response: str, keywords: tuple[str, ...]) -> bool:
    return all(occurrences(keyword, response) for keyword in keywords)


@instruction("keywords:frequency", keyword=text, frequency=number, relation=relation)
@instruction("keywords:word_count_different_numbers", keyword=text, frequency=number, relation=relation)
def frequency(response: str, keyword: str, frequency: int, relation: Relation) -> bool:
    return relation(occurrences(keyword, response), frequency)


@instruction("keywords:forbidden_words", forbidden_words=texts)
def forbidden_words(response: str, forbidden_words: tuple[str, ...]) -> bool:
    read = unmasked(response)
    return not any(holds_word(word, text) for word in forbidden_words for text in (response, read))


@instruction("keywords:exclude_word_harder", keyword=text)
def exclude_word(response: str, keyword: str) -> bool:
    return not holds_word(keyword, response) and not holds_word(keyword, unmasked(response))


@instruction("keywords:word_once", keyword=text)
def word_once(response: str, keyword: str) -> bool:
    return occurrences(keyword, response) == 1


@instruction("count:count_increment_word", keyword1=text, keyword2=text)
def once_and_twice(response: str, keyword1: str, keyword2: str) -> bool:
    return (occurrences(keyword1, response), occurrences(keyword2, response)) == (1, 2)


@instruction("count:keywords_multiple", keyword1=text, keyword2=text, keyword3=text, keyword4=text, keyword5=text)
def one_two_three_five_seven(response: str, **keywords: str) -> bool:
    asked = zip(sorted(keywords), (1, 2, 3, 5, 7), strict=True)
    return all(occurrences(keywords[name], response) == times for name, times in asked)


@instruction("keywords:letter_frequency", letter=letter, let_frequency=number, let_relation=relation)
@instruction("letters:letter_counting2", letter=letter, let_frequency=number, let_relation=relation)
def letter_frequency(response: str, letter: str, let_frequency: int, let_relation: Relation) -> bool:
    return let_relation(response.lower().count(letter), let_frequency)


@instruction("letters:letter_counting", N=number, relation=relation)
def letter_counting(response: str, N: int, relation: Relation) -> bool:
    return relation(len(re.findall(r"[A-Za-z]", response)), N)


@instruction("keywords:keyword_specific_position", keyword=text, n=positive, m=positive)
@instruction("words:keywords_specific_position", keyword=text, n=positive, m=positive)
def keyword_position(response: str, keyword: str, n: int, m: int) -> bool:
    """The keyword is the ``m``-th word of the ``n``-th sentence."""
    found = sentences(response)
    spoken = lower_words(found[n - 1]) if len(found) >= n else []
    return len(spoken) >= m and spoken[m - 1] == keyword.lower()


@instruction("sentence:keyword", word=text, N=positive)
def keyword_in_sentence(response: str, word: str, N: int) -> bool:
    found = sentences(response)
    return len(found) >= N and holds_word(word, found[N - 1])


@instruction("words:words_position", keyword=text)
def second_and_second_to_last(response: str, keyword: str) -> bool:
    spoken = lower_words(response)
    return len(spoken) >= 2 and spoken[1] == spoken[-2] == keyword.lower()


@instruction("keywords:start_end")
def same_start_and_end(response: str) -> bool:
    spoken = lower_words(response)
    return len(spoken) >= 2 and spoken[0] == spoken[-1] and response[-1].isalnum()


@instruction("first_word:first_word_sent", first_word=text)
def first_word_of_each_sentence(response: str, first_word: str) -> bool:
    starts = [lower_words(sentence)[:1] for sentence in sentences(response)]
    return bool(starts) and all(start == [first_word.lower()] for start in starts)


@instruction("first_word:first_word_answer", first_word=text)
def first_word(response: str, first_word: str) -> bool:
    return lower_words(response)[:1] == [first_word.lower()]


@instruction("last_word:last_word_sent", last_word=text)
def last_word_of_each_sentence(response: str, last_word: str) -> bool:
    ends = [lower_words(sentence)[-1:] for sentence in sentences(response)]
    return bool(ends) and all(end == [last_word.lower()] for end in ends)


@instruction("last_word:last_word_answer", last_word=text)
def last_word(response: str, last_word: str) -> bool:
    return lower_words(response)[-1:] == [last_word.lower()]


@instruction("keywords:palindrome")
def one_palindrome(response: str) -> bool:
    """At least one word of three letters or more: "a" and "I" are no find."""
    return any(len(word) >= 3 and word == word[::-1] and word.isalpha() for word in bare_words(response))


@instruction("words:palindrome")
def ten_palindromes(response: str) -> bool:
    """Ten different words of five letters or more, which are not one letter repeated."""
    found = {word for word in bare_words(response) if len(word) >= 5 and word == word[::-1] and word.isalpha()}
    return sum(len(set(word)) > 1 for word in found) >= 10


@instruction("keywords:no_adjacent_consecutive")
def no_consecutive_initials(response: str) -> bool:
    """No word starts with the letter after the one that the word before it starts with."""
    initials = [word[0] for word in lower_words(response)]
    return len(initials) >= 2 and not any(ord(second) - ord(first) == 1 for first, second in pairwise(initials))


@instruction("words:no_consecutive")
def no_alliteration(response: str) -> bool:
    spoken = bare_words(response)
    return len(spoken) >= 2 and not any(first[0] == second[0] for first, second in pairwise(spoken))


@instruction("count:lowercase_counting", N=number)
def few_lowercase_words(response: str, N: int) -> bool:
    return bool(words(response)) and len(re.findall(r"\b[a-z]+\b", response)) <= N
