"""A run's held-out problems as a suite, and what becomes of their evaluations."""

from pathlib import Path

import pytest

from rlvr.evaluation.held_out import held_out_suite, truncate_evaluations
from rlvr.evaluation.record import evaluation_path, evaluations_of, write_evaluation
from rlvr.preflight import problem_set
from rlvr.recipe import Recipe, load_recipe
from tests.rlvr.evaluations import evaluation
from tests.rlvr.small_run import small_recipe


def recipe(folder: Path, **changes: object) -> Recipe:
    loaded = load_recipe(str(small_recipe(folder, **changes)))
    assert isinstance(loaded, Recipe)
    return loaded


def test_it_is_drawn_as_the_recipe_says(tmp_path: Path) -> None:
    loaded = recipe(tmp_path, evaluation={"verifier": "math", "temperature": 0.5, "samples_per_problem": 3})
    suite = held_out_suite(loaded, problem_set(loaded).held_out)
    assert (len(suite.problems), suite.chat) == (20, False)
    assert (suite.sampling.temperature, suite.sampling.samples, suite.sampling.max_tokens) == (0.5, 3, 12)
    assert suite.sampling.section().samples_per_problem == 3
    assert {problem.verifier for problem in suite.problems} == set(suite.verifiers)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"seed": 7}, True),
        ({"evaluation": {"verifier": "general"}}, False),
        ({"problems": {"held_out": 19}}, False),
    ],
)
def test_runs_of_other_seeds_are_measured_by_the_same_suite(
    tmp_path: Path, changes: dict[str, object], same: bool
) -> None:
    first, second = (
        held_out_suite(loaded, problem_set(loaded).held_out)
        for loaded in (recipe(tmp_path), recipe(tmp_path, **changes))
    )
    assert (first.sha256 == second.sha256) == same


def test_a_resumed_run_makes_later_evaluations_again(tmp_path: Path) -> None:
    for suite, step in (("held_out", 0), ("held_out", 6), ("reasoning_gym/chain_sum", 6)):
        write_evaluation(evaluation_path(tmp_path, suite, step), evaluation(suite=suite, step=step))
    truncate_evaluations(tmp_path, 3)
    assert [(one.suite, one.step) for one in evaluations_of(tmp_path)] == [("held_out", 0)]
