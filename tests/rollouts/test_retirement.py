"""Solved problems are not asked again."""

import json

import pytest

from rewards.problem import Problem
from rollouts.problems import ProblemsExhausted, ShuffledProblems
from tests.rollouts.groups import build_group


def stream(count: int = 4, retire_at: float | None = 0.875, epochs: int | None = None) -> ShuffledProblems:
    problems = [Problem(str(n), (), "math", "1") for n in range(count)]
    return ShuffledProblems(problems, 0, epochs, retire_at=retire_at)


@pytest.mark.parametrize(
    ("scores", "share"),
    [
        ((1.0,) * 7 + (0.0,), 0.875),
        ((1.0,) * 6 + (0.0, 0.0), 0.75),
        ((1.0,) * 7 + (None,), 0.875),  # an invalid verdict solves nothing
        ((1.0, None), 0.5),
    ],
)
def test_the_solved_share_is_of_all_samples(scores: tuple[float | None, ...], share: float) -> None:
    assert build_group(0, scores).solved_share == share


@pytest.mark.parametrize(("share", "retired"), [(0.875, 1), (1.0, 1), (0.8749, 0), (0.0, 0)])
def test_a_problem_is_retired_from_the_share_on(share: float, retired: int) -> None:
    problems = stream()
    problems.finished("2", share)
    assert problems.retired == retired
    asked = {problems.next().id for _ in range(8)}
    assert ("2" not in asked) == bool(retired)


def test_without_a_share_nothing_is_retired() -> None:
    problems = stream(retire_at=None)
    problems.finished("2", 1.0)
    assert problems.retired == 0


def test_the_order_of_the_others_stays() -> None:
    problems, less = stream(), stream()
    less.finished("2", 1.0)
    order = [problems.next().id for _ in range(12)]
    assert [less.next().id for _ in range(9)] == [name for name in order if name != "2"]


def test_when_all_are_retired_there_are_no_more() -> None:
    problems = stream(2)
    for name in ("0", "1"):
        problems.finished(name, 1.0)
    with pytest.raises(ProblemsExhausted, match="all 2 problems are retired"):
        problems.next()


def test_epochs_end_where_the_rest_of_the_last_one_is_retired() -> None:
    problems = stream(3, epochs=1)
    first = problems.next().id
    for name in {"0", "1", "2"} - {first}:
        problems.finished(name, 1.0)
    with pytest.raises(ProblemsExhausted, match="used 1 times"):
        problems.next()


def test_the_retired_stand_in_the_checkpoint() -> None:
    running, restored = stream(9), stream(9)
    for _ in range(4):
        running.finished(running.next().id, 1.0)
    restored.load_state(json.loads(json.dumps(running.state())))
    assert restored.retired == 4
    assert [running.next() for _ in range(20)] == [restored.next() for _ in range(20)]
