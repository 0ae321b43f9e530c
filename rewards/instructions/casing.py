"""Instructions about capitals, punctuation and the language of the whole response."""

from rewards.instructions.arguments import Relation, language, number, relation
from rewards.instructions.instruction import instruction
from rewards.instructions.language import is_in
from rewards.instructions.text import words

_COMMAS = frozenset(",，、،﹐︐")


@instruction("language:response_language", language=language)
def response_language(response: str, language: str) -> bool:
    return is_in(response, language)


@instruction("change_case:english_capital")
def english_capitals(response: str) -> bool:
    return response.isupper() and is_in(response, "en")


@instruction("change_case:english_lowercase")
def english_lowercase(response: str) -> bool:
    return response.islower() and is_in(response, "en")


@instruction("change_case:capital_word_frequency", capital_frequency=number, capital_relation=relation)
def capital_words(response: str, capital_frequency: int, capital_relation: Relation) -> bool:
    return capital_relation(sum(word.isupper() for word in words(response)), capital_frequency)


@instruction("format:title_case")
def title_case(response: str) -> bool:
    """Every word starts with a capital and goes on in small letters, unless it has capitals inside."""
    spoken = [word for word in words(response) if word[0].isalpha()]
    return bool(spoken) and not any(word[0].islower() for word in spoken)


@instruction("punctuation:no_comma")
def no_comma(response: str) -> bool:
    """Neither a comma nor one of another script in its place."""
    return _COMMAS.isdisjoint(response)


@instruction("punctuation:punctuation_dot")
def no_dot(response: str) -> bool:
    return frozenset(".。．｡…").isdisjoint(response)


@instruction("punctuation:punctuation_exclamation")
def no_exclamation_mark(response: str) -> bool:
    return frozenset("!！﹗¡").isdisjoint(response)


@instruction("count:punctuation")
def every_mark(response: str) -> bool:
    """Each of ``. , ! ? ; :``, and an interrobang beside them."""
    for interrobang in ("?!", "!?", "‽"):
        if interrobang in response:
            return set(".,!?;:") <= set(response.replace(interrobang, "", 1))
    return False
