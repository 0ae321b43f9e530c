"""Short texts to order, with what checks them: what the corpus ``instructions`` is made of."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from base_training.config import Section
from base_training.data.instructions import Content, Form, Request, families
from rollouts.problems.question import Question
from rollouts.problems.registry import source


@source("instructions", Section)
def instructions(settings: Section, base_path: Path) -> Iterator[Question]:
    """Labels are those of the verifier ``instructions``; the order in which two nouns are named makes no kin."""
    for number, family in enumerate(families()):
        for asked in family:
            yield Question(asked.text, asked.text, label_of(asked), kin=str(number))


def label_of(asked: Request) -> dict[str, Any]:
    """One instruction for the content, one for the form."""
    content, form = _CONTENTS[asked.content], _FORMS[asked.form]
    return {
        "instruction_id_list": [content, form],
        "kwargs": [_content_arguments(asked), _form_arguments(asked)],
    }


_CONTENTS: Mapping[Content, str] = {
    "use": "keywords:existence",
    "use_both": "keywords:existence",
    "begin": "first_word:first_word_answer",
    "end": "last_word:last_word_answer",
    "avoid": "keywords:forbidden_words",
}
_FORMS: Mapping[Form, str] = {
    "capitals": "change_case:english_capital",
    "small": "change_case:english_lowercase",
    "quotes": "startend:quotation",
    "title": "detectable_format:title",
    "no_comma": "punctuation:no_comma",
    "two_sentences": "length_constraints:number_sentences",
    "long": "length_constraints:number_words",
    "short": "length_constraints:number_words",
}


def _content_arguments(asked: Request) -> dict[str, Any]:
    match asked.content:
        case "begin":
            return {"first_word": asked.nouns[0]}
        case "end":
            return {"last_word": asked.nouns[0]}
        case "avoid":
            return {"forbidden_words": list(asked.nouns)}
        case _:
            return {"keywords": list(asked.nouns)}


def _form_arguments(asked: Request) -> dict[str, Any]:
    match asked.form:
        case "two_sentences":
            return {"num_sentences": 2, "relation": "at least"}
        case "long":
            return {"num_words": asked.limit, "relation": "at least"}
        case "short":
            return {"num_words": asked.limit, "relation": "less than"}
        case _:
            return {}
