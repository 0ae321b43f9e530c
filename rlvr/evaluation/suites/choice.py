"""Multiple choice by likelihood: which of the choices follows the question most probably, byte by byte (OLMES)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from base_training.errors import InputError
from rewards.problem import Problem
from rlvr.evaluation.suite import Suite
from rlvr.evaluation.suites.data import DataSet, Row
from rlvr.evaluation.suites.prompts import Form
from rlvr.evaluation.suites.registry import Options, suite

ARC_EASY = DataSet(files=("arc_easy.jsonl", "ARC-Easy/test.jsonl"), hub=("allenai/ai2_arc", "ARC-Easy", "test"))
ARC_CHALLENGE = DataSet(
    files=("arc_challenge.jsonl", "ARC-Challenge/test.jsonl"), hub=("allenai/ai2_arc", "ARC-Challenge", "test")
)

FORM = Form(
    examples=(
        ("Which of these do plants take out of the air to make sugar?", "carbon dioxide"),
        ("A ball that is thrown upwards comes down again. Which force brings it down?", "gravity"),
        ("Which animal lays eggs and feeds its young with milk?", "the platypus"),
        ("Why do people in Norway see the sun so late on a winter morning?", "The Earth's axis is tilted."),
        ("What happens to most metals when they are heated?", "They get larger."),
    )
)


@suite("choice", "a file of {question, choices, answer}, multiple choice by likelihood, 5 examples", "[FILE]")
def choice(options: Options) -> Suite:
    """Without a file, ``choice.jsonl`` of the data folder."""
    if not options.argument:
        return _by_likelihood("choice", DataSet(files=("choice.jsonl",)), options.data)
    path = Path(options.argument).expanduser()
    if not path.is_file():
        raise InputError(f"suite choice: there is no file {path}")
    return _by_likelihood(f"choice/{path.stem}", DataSet(files=(path.name,)), path.parent)


@suite("arc_easy", "2,376 science questions of school, multiple choice by likelihood, 5 examples")
def arc_easy(options: Options) -> Suite:
    """ARC (Clark et al. 2018, arXiv 1803.05457)."""
    return _by_likelihood("arc_easy", ARC_EASY, options.data)


@suite("arc_challenge", "1,172 harder science questions of school, otherwise as arc_easy")
def arc_challenge(options: Options) -> Suite:
    """As ``arc_easy``."""
    return _by_likelihood("arc_challenge", ARC_CHALLENGE, options.data)


def _by_likelihood(name: str, source: DataSet, folder: Path | None) -> Suite:
    problems = []
    for number, row in enumerate(source.rows(name, folder)):
        choices, place = _choices(row)
        problems.append(
            Problem(
                id=str(row.fields.get("id", f"{name}/{number}")),
                messages=FORM.messages(row.get("question", str).strip(), chat=False),
                verifier="",
                label=place,
                domain=str(row.fields.get("subject") or "choice"),
                metadata={"choices": [f" {text.strip()}" for text in choices]},
            )
        )
    return Suite(name=name, problems=tuple(problems), score="choice")


def _choices(row: Row) -> tuple[list[str], int]:
    """The texts, and which of them is right: a place from 0, a letter or label, or the text itself."""
    given: Any = row.get("choices", (list, dict))
    texts = given.get("text") if isinstance(given, Mapping) else given
    if not isinstance(texts, list) or len(texts) < 2 or not all(isinstance(t, str) and t.strip() for t in texts):
        raise InputError(f"{row.where}: 'choices' must be at least two texts, got {str(given)[:80]}")
    labels = list(given.get("label") or []) if isinstance(given, Mapping) else []
    labels = labels or [chr(ord("A") + place) for place in range(len(texts))]
    answer = row.get("answerKey" if "answerKey" in row.fields else "answer", (int, str))
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < len(texts):
        return texts, answer
    for known in (labels, texts):
        if answer in known:
            return texts, known.index(answer)
    raise InputError(f"{row.where}: the answer {answer!r} is none of the choices {', '.join(map(str, labels))}")
