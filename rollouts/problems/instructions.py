"""Short texts to order, with what checks them: what the corpus ``instructions`` is made of."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from base_training.config import Section
from base_training.data.instructions import Content, Form, Request, families
from rollouts.problems.question import Question
from rollouts.problems.registry import source

Check = tuple[str, Mapping[str, Any]]
"""An instruction's id, and its arguments."""


@source("instructions", Section)
def instructions(settings: Section, base_path: Path) -> Iterator[Question]:
    """Labels are those of the verifier ``instructions``."""
    for family in families():
        for asked in family:
            yield Question(asked.text, asked.text, label_of(asked))


def label_of(asked: Request) -> dict[str, Any]:
    """One instruction for the content, one for the form."""
    checks = (_content(asked), _FORMS[asked.form])
    return {"instruction_id_list": [id for id, _ in checks], "kwargs": [dict(given) for _, given in checks]}


def _content(asked: Request) -> Check:
    checks: Mapping[Content, Check] = {
        "use": ("keywords:existence", {"keywords": [asked.noun]}),
        "begin": ("first_word:first_word_answer", {"first_word": asked.noun}),
        "end": ("last_word:last_word_answer", {"last_word": asked.noun}),
        "avoid": ("keywords:forbidden_words", {"forbidden_words": [asked.noun]}),
    }
    return checks[asked.content]


_FORMS: Mapping[Form, Check] = {
    "capitals": ("change_case:english_capital", {}),
    "small": ("change_case:english_lowercase", {}),
    "quotes": ("startend:quotation", {}),
    "title": ("detectable_format:title", {}),
    "no_comma": ("punctuation:no_comma", {}),
    "two_sentences": ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "at least"}),
    "long": ("length_constraints:number_words", {"num_words": 9, "relation": "at least"}),
    "short": ("length_constraints:number_words", {"num_words": 7, "relation": "less than"}),
}
