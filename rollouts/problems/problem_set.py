"""A recipe's problems, split into those held out for evaluation and those to train on."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from base_training.data.split import split_families
from base_training.errors import InputError
from base_training.text.question_templates import QUESTION, opens_thinking
from rewards.problem import Problem
from rollouts.config import DomainSection, ProblemsSection, SourceSection
from rollouts.problems.contamination import contaminated
from rollouts.problems.mixed import MixedProblems
from rollouts.problems.question import Question
from rollouts.problems.registry import is_generated, read_questions
from rollouts.problems.stream import ShuffledProblems

TrainingProblems = ShuffledProblems | MixedProblems


class VerifierNames(Protocol):
    """Says which verifier scores a problem."""

    def __call__(self, domain: str, chosen: str | None, thinking_opened: bool) -> str:
        """Its name.

        Args:
            domain: The problem's.
            chosen: The name that the problem's own row gives.
            thinking_opened: Whether the prompt has opened the block in which the model thinks.

        Raises:
            ValueError: There is none for it.
        """


@dataclass(frozen=True, slots=True)
class ProblemSet:
    """What a run is measured on and what it learns from; the two share no question.

    Attributes:
        held_out: Problems for evaluation, as many as the recipe asks for.
        train: The training problems, epoch by epoch.
        fingerprint: SHA-256 of all held-out and training problems, in hexadecimal.
        removed: Training problems that evaluations ask too, by the domain they left.
        too_long: Problems left out because their prompts are too long.
        domains: Those of all problems, in the recipe's order.
    """

    held_out: tuple[Problem, ...]
    train: TrainingProblems
    fingerprint: str
    removed: Mapping[str, int]
    too_long: int
    domains: tuple[str, ...]

    def describe(self) -> str:
        """One line for people."""
        removed = sum(self.removed.values())
        domains = f" of {', '.join(self.domains)}" if len(self.domains) > 1 else ""
        return (
            f"{len(self.train):,} problems{domains} to train on, {len(self.held_out):,} held out, "
            f"{removed:,} removed that evaluations ask"
            + (f", {self.too_long:,} left out for long prompts" if self.too_long else "")
        )

    @classmethod
    def from_section(
        cls,
        section: ProblemsSection,
        verifier_name: str | VerifierNames,
        seed: int,
        base_path: Path = Path(),
        held_out_verifier: str | VerifierNames | None = None,
        fits: Callable[[Problem], bool] | None = None,
    ) -> Self:
        """Read, split, decontaminate and wrap the problems of a recipe.

        Args:
            section: The recipe's.
            verifier_name: Scores the answers to all problems; or says by which verifier each is scored.
            seed: Decides the order of training; the split is the section's own, so that runs of several seeds
                are measured on the same problems.
            base_path: Where the sources' relative paths start.
            held_out_verifier: The same for held-out problems; ``verifier_name`` by default.
            fits: Whether a problem's prompt is short enough; all are by default.

        Raises:
            InputError: Problems that cannot be read, lack a label or a verifier, or are too few.
        """
        sides = [_sides(part, section, base_path) for part in section.parts]
        evaluations = [(part.source, kept) for part, (kept, _) in zip(section.parts, sides, strict=True)]
        evaluations += _named_evaluations(section, base_path)
        asked: list[Problem] = []
        learned: list[list[Problem]] = []
        removed: dict[str, int] = {}
        for part, (kept, questions) in zip(section.parts, sides, strict=True):
            clean = _clean(questions, evaluations, section)
            removed[part.domain] = removed.get(part.domain, 0) + len(questions) - len(clean)
            measured_by = held_out_verifier or verifier_name
            asked += [_problem(one, part, section, measured_by) for one in kept]
            learned.append([_problem(one, part, section, verifier_name) for one in _counted(clean, part)])
        held_out, *trained = ([p for p in some if fits is None or fits(p)] for some in (asked, *learned))
        everything = [*held_out, *(problem for problems in trained for problem in problems)]
        if not held_out or not all(trained):
            raise InputError(
                "problems.max_prompt_tokens: a source has no problem with so short a prompt; raise it"
            )
        _require_unique(everything)
        fingerprint = _fingerprint(everything)
        streams = [
            ShuffledProblems(problems, seed, section.epochs, fingerprint, section.retire_at, place)
            for place, problems in enumerate(trained)
        ]
        weights = [part.weight for part in section.parts]
        train = MixedProblems(streams, weights) if section.mix else streams[0]
        too_long = len(asked) + sum(map(len, learned)) - len(everything)
        domains = tuple(dict.fromkeys(problem.domain for problem in (*train.problems, *held_out)))
        return cls(tuple(held_out), train, fingerprint, removed, too_long, domains)


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


def _sides(
    part: DomainSection, section: ProblemsSection, base_path: Path
) -> tuple[list[Question], list[Question]]:
    """Held-out and training questions of one source."""
    questions = read_questions(part.source, base_path)
    return split_questions(questions, part.held_out or section.held_out, section.split_seed)


def _named_evaluations(section: ProblemsSection, base_path: Path) -> list[tuple[SourceSection, list[Question]]]:
    against = section.decontaminate.against if section.decontaminate else ()
    return [(source, read_questions(source, base_path)) for source in against]


def _clean(
    questions: Sequence[Question],
    evaluations: Sequence[tuple[SourceSection, Sequence[Question]]],
    section: ProblemsSection,
) -> Sequence[Question]:
    """The training questions that no evaluation asks."""
    rule = section.decontaminate
    if rule is None:
        return questions
    gone = contaminated(
        questions,
        [one for _, asked in evaluations for one in asked],
        [one for source, asked in evaluations if not is_generated(source) for one in asked],
        ngram=rule.ngram,
        overlap=rule.overlap,
    )
    if len(gone) == len(questions):
        raise InputError(
            f"problems.decontaminate: evaluations ask all {len(questions)} training problems, which leaves none; "
            "train on others, raise overlap, or set problems.decontaminate to null"
        )
    return [question for place, question in enumerate(questions) if place not in gone]


def _counted(questions: Sequence[Question], part: DomainSection) -> Sequence[Question]:
    if part.count is not None and part.count > len(questions):
        raise InputError(
            f"problems.count: {part.count} training problems asked for, yet with {part.held_out} held out and "
            f"those removed that evaluations ask, {part.source.kind} leaves {len(questions)}"
        )
    return questions[: part.count]


def _problem(
    question: Question, part: DomainSection, section: ProblemsSection, verifier: str | VerifierNames
) -> Problem:
    domain = question.domain or part.domain
    template = part.template or QUESTION
    if not isinstance(verifier, str):
        try:
            verifier = verifier(domain, question.verifier, opens_thinking(template, section.chat))
        except ValueError as error:
            raise InputError(f"problem {question.id}: {error}") from error
    message = {"role": "user", "content": template.replace(QUESTION, question.text)}
    return Problem(
        f"{part.domain}/{question.id}" if section.mix else question.id,
        (*question.history, message),
        verifier,
        question.label,
        domain,
        question.metadata,
    )


def _require_unique(problems: Sequence[Problem]) -> None:
    seen: set[str] = set()
    for problem in problems:
        if problem.id in seen:
            raise InputError(
                f"problems.mix: two problems have the id {problem.id!r}; give the sources domains of their own"
            )
        seen.add(problem.id)


def _fingerprint(problems: Sequence[Problem]) -> str:
    digest = hashlib.sha256()
    for problem in problems:
        row = [problem.id, list(problem.messages), problem.verifier, problem.label, dict(problem.metadata)]
        digest.update(json.dumps(row, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()
