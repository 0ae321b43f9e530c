"""Tasks of reasoning-gym as problems, scored by their own scorers."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from reasoning_gym.factory import DATASETS

from base_training.errors import InputError
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from rollouts.config import SourceSection
from rollouts.problems.question import Question
from rollouts.problems.registry import read_questions

SMALL = ("chain_sum", "gcd", "leg_counting", "word_sorting", "simple_equations")


def read(task: str, size: int = 5, **settings: Any) -> list[Question]:
    return read_questions(SourceSection(kind="reasoning_gym", settings={"task": task, "size": size, **settings}))


def verdict(question: Question, response: str) -> Verdict:
    problem = Problem(question.id, (), "reasoning_gym", question.label)
    return asyncio.run(load_verifier("reasoning_gym").verify(ScoreRequest(problem, response)))


def gold(question: Question) -> str:
    return str(question.label["entry"]["answer"])


@pytest.mark.parametrize("task", SMALL)
def test_the_gold_answer_scores_by_the_tasks_own_scorer(task: str) -> None:
    for question in read(task):
        assert verdict(question, f"<answer>{gold(question)}</answer>").score == 1.0
        assert verdict(question, "<answer>no such thing</answer>").score < 0.2


def test_the_settings_decide_the_items() -> None:
    config = {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 1}
    questions = read("chain_sum", 40, seed=3, config=config)
    assert [q.id for q in questions[:2]] == ["chain_sum:3:0", "chain_sum:3:1"]
    assert all(len(q.label["entry"]["metadata"]["expression"]) == len("1 + 2") for q in questions)
    assert [q.text for q in read("chain_sum", 40, seed=4, config=config)] != [q.text for q in questions]
    assert read("chain_sum", 10, seed=3, config=config) == questions[:10]


def test_an_answer_alone_can_be_the_label() -> None:
    question = read("chain_sum", label="answer")[0]
    assert question.label == gold(read("chain_sum")[0])


def test_the_global_generator_is_left_alone() -> None:
    random.seed(7)
    expected = random.Random(7).random()
    read("chain_sum")
    assert random.random() == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"task": "chain_sums"}, "no task 'chain_sums'; did you mean chain_sum"),
        ({"task": "chain_sum", "config": {"size": 3}}, "config: size is a setting of the source itself"),
        ({"task": "chain_sum", "config": {"terms": 3}}, "config: chain_sum does not take it"),
        ({"task": "chain_sum", "config": {"min_terms": 5, "max_terms": 2}}, "config: chain_sum does not take it"),
        ({}, "task: missing; reasoning_gym needs it"),
    ],
)
def test_bad_settings_are_explained(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_questions(SourceSection(kind="reasoning_gym", settings=settings))


def digests(tasks: Sequence[str], hash_seed: str) -> dict[str, str]:
    """Of three items of each task, made in a process of its own."""
    code = (
        "import hashlib, json, sys\n"
        "from rollouts.config import SourceSection\n"
        "from rollouts.problems.registry import read_questions\n"
        "import rollouts.problems\n"
        "for task in sys.argv[1:]:\n"
        "    settings = {'task': task, 'size': 3, 'seed': 5}\n"
        "    questions = read_questions(SourceSection(kind='reasoning_gym', settings=settings))\n"
        "    text = json.dumps([[q.text, q.label] for q in questions])\n"
        "    print()  # some tasks print while they are made\n"
        "    print(json.dumps([task, hashlib.sha256(text.encode()).hexdigest()]))\n"
    )
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *tasks], env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith('["'))


def test_every_process_makes_the_same_items() -> None:
    tasks = (*SMALL, "ransom_note")
    assert digests(tasks, "1") == digests(tasks, "2")


@pytest.mark.slow
def test_all_tasks_make_the_same_items_in_every_process() -> None:
    tasks = sorted(DATASETS.keys() - {"composite"})
    first, second = digests(tasks, "1"), digests(tasks, "2")
    assert [task for task in tasks if first[task] != second[task]] == []
