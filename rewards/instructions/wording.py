"""Instructions about which words are used: by their letters, sounds, kinds and shares."""

from itertools import pairwise

from rewards.instructions.arguments import number, percentage, positive, text
from rewards.instructions.english import CONJUNCTIONS, NAMES, PRONOUNS, STOP_WORDS, is_verb
from rewards.instructions.instruction import instruction
from rewards.instructions.text import MARKS, bare_words, counted_words, end_mark, lower_words, sentences, words

_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
_KANA_AND_KANJI = (("\u3040", "\u30ff"), ("\u4e00", "\u9fff"))


@instruction("ratio:stop_words", percentage=percentage)
def few_stop_words(response: str, percentage: float) -> bool:
    said = counted_words(response.lower())
    return bool(said) and 100 * sum(word in STOP_WORDS for word in said) <= percentage * len(said)


@instruction("ratio:sentence_type")
def two_statements_per_question(response: str) -> bool:
    marks = [end_mark(sentence) for sentence in sentences(response)]
    return 0 < 2 * marks.count("?") == marks.count(".")


@instruction("ratio:sentence_balance")
def balanced_sentence_types(response: str) -> bool:
    marks = [end_mark(sentence) for sentence in sentences(response)]
    return 0 < marks.count("?") == marks.count(".") == marks.count("!")


@instruction("ratio:overlap", reference_text=text, percentage=percentage)
def trigram_overlap(response: str, reference_text: str, percentage: float) -> bool:
    """The share of the response's trigrams of characters that the reference has too, within two points."""
    said, given = _trigrams(response), _trigrams(reference_text)
    return bool(said) and abs(100 * len(said & given) / len(said) - percentage) <= 2


def _trigrams(text: str) -> set[str]:
    return {text[at : at + 3] for at in range(len(text) - 2)}


@instruction("count:conjunctions", small_n=number)
def conjunctions(response: str, small_n: int) -> bool:
    return len(CONJUNCTIONS.intersection(bare_words(response))) >= small_n


@instruction("count:person_names", N=number)
def person_names(response: str, N: int) -> bool:
    return len(NAMES.intersection(part for word in words(response) for part in _parts(word))) >= N


def _parts(word: str) -> list[str]:
    """The word, and what it is of: "Emma's" names Emma."""
    return [word, *word.replace("’", "'").replace("-", "'").split("'")]


@instruction("count:numbers", N=number)
def numbers(response: str, N: int) -> bool:
    """Exactly so many runs of digits, with the marks inside them taken out: 3.14 and 1,000 are one each."""
    return sum(_runs(word) for word in bare_words(response)) == N


def _runs(word: str) -> int:
    digits = [character.isdigit() for character in word]
    return sum(now and not before for before, now in pairwise([False, *digits]))


@instruction("count:pronouns", N=number)
def pronouns(response: str, N: int) -> bool:
    said = [part for word in lower_words(response.replace("/", " ")) for part in _parts(word)[1:]]
    return sum(word in PRONOUNS for word in said) >= N


@instruction("count:words_japanese", N=positive)
def every_nth_word_japanese(response: str, N: int) -> bool:
    said = [word.strip(MARKS) for word in response.split()]
    asked = [word for word in said[N - 1 :: N] if word and not word.isdigit()]
    return bool(asked) and all(any(_is_japanese(letter) for letter in word) for word in asked)


def _is_japanese(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _KANA_AND_KANJI)


@instruction("words:alphabet")
def alphabet_loop(response: str) -> bool:
    initials = [word[0] for word in bare_words(response)]
    return (
        bool(initials)
        and all("a" <= initial <= "z" for initial in initials)
        and all((ord(second) - ord(first)) % 26 == 1 for first, second in pairwise(initials))
    )


@instruction("words:vowel")
def three_vowels(response: str) -> bool:
    """One paragraph with no more than three of the vowels a, e, i, o, u."""
    return (
        "\n" not in response.strip() and bool(words(response)) and len(set("aeiou") & set(response.lower())) <= 3
    )


@instruction("words:consonants")
def consonant_clusters(response: str) -> bool:
    """Two consonants beside each other in every word."""
    said = response.lower().split()
    return all(any({first, second} <= _CONSONANTS for first, second in pairwise(word)) for word in said)


@instruction("words:prime_lengths")
def prime_lengths(response: str) -> bool:
    said = bare_words(response)
    return bool(said) and all(_is_prime(length) for length in {len(word) for word in said})


def _is_prime(value: int) -> bool:
    return value > 1 and all(value % divisor for divisor in range(2, int(value**0.5) + 1))


@instruction("words:odd_even_syllables")
def alternating_syllables(response: str) -> bool:
    import syllapy

    odd = [syllapy.count(word) % 2 for word in bare_words(response)]
    return len(odd) >= 2 and all(first != second for first, second in pairwise(odd))


@instruction("words:start_verb")
def starts_with_a_verb(response: str) -> bool:
    return any(is_verb(word) for word in words(response)[:1])


@instruction("words:last_first")
def chained_sentences(response: str) -> bool:
    """The last word of each sentence is the first of the next."""
    said = [lower_words(sentence) for sentence in sentences(response)]
    return len(said) >= 2 and all(first and second and first[-1] == second[0] for first, second in pairwise(said))


@instruction("words:paragraph_last_first")
def closed_paragraphs(response: str) -> bool:
    """Each line with words ends with the word that it starts with."""
    said = [spoken for spoken in map(lower_words, response.split("\n")) if spoken]
    return bool(said) and all(len(spoken) >= 2 and spoken[0] == spoken[-1] for spoken in said)


@instruction("sentence:alliteration_increment")
def growing_alliteration(response: str) -> bool:
    """Each sentence has more words that share their initial with a neighbour than the one before."""
    counts = [_alliterative(bare_words(sentence)) for sentence in sentences(response)]
    return len(counts) >= 2 and all(first < second for first, second in pairwise(counts))


def _alliterative(said: list[str]) -> int:
    shared = [first[0] == second[0] for first, second in pairwise(said)]
    return sum(before or after for before, after in pairwise([False, *shared, False]))
