"""Training problems that an evaluation asks too."""

import json
from pathlib import Path
from typing import Any

import pytest

from base_training.errors import InputError
from rollouts.config import ProblemsSection
from rollouts.problems import ProblemSet, Question
from rollouts.problems.contamination import contaminated

TRAINS = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "How many clips did Natalia sell altogether in April and May?"
)
RENAMED = TRAINS.replace("Natalia", "Maria", 1)  # the first sentence's name, not the question's
OTHER = "A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts in total does it take?"


def questions(*texts: str) -> list[Question]:
    return [Question(str(place), text, "1") for place, text in enumerate(texts)]


def found(train: list[str], evaluation: list[str], data_set: bool = True, **rule: Any) -> set[int]:
    asked = questions(*evaluation)
    rule = {"ngram": 8, "overlap": 0.5, **rule}
    return contaminated(questions(*train), asked, asked if data_set else [], **rule)


@pytest.mark.parametrize("asked", [TRAINS, TRAINS.upper(), TRAINS.replace(" ", "  \n")])
@pytest.mark.parametrize("data_set", [True, False])
def test_the_same_text_is_found_whatever_its_case_and_spacing(asked: str, data_set: bool) -> None:
    assert found([OTHER, TRAINS], [asked], data_set) == {1}


def test_punctuation_hides_nothing_in_a_data_set() -> None:
    assert found(["What is 3+4?"], ["what is 3 + 4"]) == {0}
    assert found(["What is 3+4?"], ["What is 3-4?"]) == set()


def test_half_of_the_ngrams_are_enough() -> None:
    """Of 24 n-grams of eight words, the one changed word is in the first; all others are shared."""
    assert found([RENAMED], [TRAINS]) == {0}
    assert found([RENAMED], [TRAINS], overlap=0.99) == set()
    assert found([OTHER], [TRAINS]) == set()


def test_the_share_is_of_one_question_and_not_of_all_together() -> None:
    words = TRAINS.split()
    thirds = [" ".join(words[start : start + 12]) for start in (0, 9, 18)]
    assert found([TRAINS], thirds) == set()
    assert found([TRAINS], [" ".join(words[:22])]) == {0}


def test_the_wording_of_a_task_does_not_count() -> None:
    train = [f"State the final answer to the following arithmetic problem: {n} + 1" for n in range(100, 110)]
    assert found(train, ["State the final answer to the following arithmetic problem: 55 + 1"]) == set()


def test_generated_questions_are_compared_as_a_whole_alone() -> None:
    train = ["Tom has a red hat and Ann has a blue cup. Who has the cup?", OTHER]
    asked = ["Tom has a red hat and Ann has a blue cup. Who has the hat?"]
    assert found(train, asked, data_set=False) == set()
    assert found(train, asked, data_set=True) == {0}


def jsonl(path: Path, *texts: str) -> dict[str, object]:
    path.write_text("".join(json.dumps({"question": text, "answer": "1"}) + "\n" for text in texts))
    return {"kind": "jsonl", "settings": {"path": str(path)}}


def test_what_an_evaluation_set_asks_leaves_the_run(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "train.jsonl", RENAMED, OTHER, "What is one?", "What is two?", "What is three?")
    against = jsonl(tmp_path / "test.jsonl", TRAINS)
    section = {"source": source, "held_out": 1, "decontaminate": {"against": [against]}}
    problems = ProblemSet.from_section(ProblemsSection.model_validate(section), "math", seed=0)
    assert problems.removed == {"math": 1}
    assert len(problems.train) == 3
    assert problems.describe() == "3 problems to train on, 1 held out, 1 removed that evaluations ask"

    section["decontaminate"] = None
    problems = ProblemSet.from_section(ProblemsSection.model_validate(section), "math", seed=0)
    assert (problems.removed, len(problems.train)) == ({"math": 0}, 4)


def test_a_source_that_is_the_evaluation_is_refused(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "train.jsonl", "What is one?", "What is two?", "What is three?")
    section = {"source": source, "held_out": 1, "decontaminate": {"against": [source]}}
    with pytest.raises(InputError, match="evaluations ask all 2 training problems, which leaves none"):
        ProblemSet.from_section(ProblemsSection.model_validate(section), "math", seed=0)
