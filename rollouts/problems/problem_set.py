"""A recipe's problems, split into those held out for evaluation and those to train on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from base_training.data.split import split_families
from base_training.errors import InputError
from rewards.problem import Problem
from rollouts.config import ProblemsSection
from rollouts.problems.question import Question
from rollouts.problems.registry import read_questions
from rollouts.problems.stream import ShuffledProblems


@dataclass(frozen=True, slots=True)
class ProblemSet:
    """What a run is measured on and what it learns from; the two share no question.

    Attributes:
        held_out: Problems for evaluation, as many as the recipe asks for.
        train: The training problems, epoch by epoch.
        fingerprint: SHA-256 of all held-out and training problems, in hexadecimal.
    """

    held_out: tuple[Problem, ...]
    train: ShuffledProblems
    fingerprint: str

    @classmethod
    def from_section(
        cls,
        section: ProblemsSection,
        verifier_name: str,
        seed: int,
        base_path: Path = Path(),
        held_out_verifier: str | None = None,
    ) -> Self:
        """Read, split and wrap the problems of a recipe.

        Args:
            section: The recipe's.
            verifier_name: Scores the answers.
            seed: Decides the order of training; the split is the section's own, so that runs of several seeds
                are measured on the same problems.
            base_path: Where the source's relative paths start.
            held_out_verifier: Scores the answers to held-out problems; ``verifier_name`` by default.

        Raises:
            InputError: Problems that cannot be read, lack a label, or are too few.
        """
        questions = read_questions(section.source, base_path)
        held_out, train = split_questions(questions, section.held_out, section.split_seed)
        if section.count is not None:
            if section.count > len(train):
                raise InputError(
                    f"problems.count: {section.count} training problems asked for, yet {len(questions)} problems "
                    f"with {section.held_out} held out leave {len(train)}"
                )
            train = train[: section.count]
        held_out_problems, train_problems = (
            tuple(_problem(q, section, verifier) for q in side)
            for side, verifier in ((held_out, held_out_verifier or verifier_name), (train, verifier_name))
        )
        fingerprint = _fingerprint((*held_out_problems, *train_problems))
        stream = ShuffledProblems(train_problems, seed, section.epochs, fingerprint)
        return cls(held_out_problems, stream, fingerprint)


def split_questions(
    questions: Sequence[Question], held_out: int, split_seed: int
) -> tuple[list[Question], list[Question]]:
    """Draw the held-out questions, whole kins at a time; the training questions come in shuffled order.

    Of the last kin that is drawn, what exceeds ``held_out`` is left out of both sides.

    Raises:
        InputError: Too few questions to hold out that many and train on others.
    """
    kins: dict[str, list[Question]] = {}
    for question in questions:
        kins.setdefault(question.side_key, []).append(question)
    kept, train = split_families(list(kins.values()), held_out, split_seed)
    if len(kept) < held_out or not train:
        raise InputError(
            f"problems.held_out: {held_out} problems to hold out, yet the source has only {len(questions)} "
            f"({len(kins)} that differ), which leaves none to train on; hold out fewer or add problems"
        )
    return kept, train


def _problem(question: Question, section: ProblemsSection, verifier_name: str) -> Problem:
    content = section.template.replace("{question}", question.text)
    message = {"role": "user", "content": content}
    return Problem(question.id, (message,), verifier_name, question.label, section.domain, question.metadata)


def _fingerprint(problems: Sequence[Problem]) -> str:
    digest = hashlib.sha256()
    for problem in problems:
        row = [problem.id, list(problem.messages), problem.verifier, problem.label, dict(problem.metadata)]
        digest.update(json.dumps(row, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()
