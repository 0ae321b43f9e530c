"""A run's held-out problems as a suite: what it is measured on and never trains on."""

from collections.abc import Sequence
from pathlib import Path

from rewards.problem import Problem
from rlvr.evaluation.record import FOLDER
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.recipe import Recipe
from rlvr.run_verifiers import RunVerifiers

SUITE = "held_out"


def held_out_suite(recipe: Recipe, problems: Sequence[Problem]) -> Suite:
    """The suite that a run is evaluated on, now and whenever one of its checkpoints is.

    Args:
        recipe: The run's.
        problems: Those that it holds out.
    """
    section, training = recipe.evaluation, recipe.rollouts.sampling
    return Suite(
        name=SUITE,
        problems=tuple(problems),
        chat=recipe.problems.chat,
        sampling=Sampling(
            temperature=section.temperature,
            max_tokens=section.max_tokens or training.max_tokens,
            samples=section.samples_per_problem,
            stop=training.stop,
        ),
        verifiers=RunVerifiers.of(recipe).measuring,
    )


def truncate_evaluations(run: Path, step: int) -> None:
    """Remove the evaluations after ``step``: a resumed run makes those steps, and what they led to, again."""
    for path in (run / FOLDER).glob("*.json"):
        number = path.stem.rpartition("-")[2]
        if number.isdigit() and int(number) > step:
            path.unlink()
