"""Several domains in one run."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from base_training.errors import InputError
from rewards.problem import Problem
from rollouts.config import ProblemsSection
from rollouts.problems import MixedProblems, ProblemSet, ProblemsExhausted, ShuffledProblems


def sums(low: int, high: int) -> dict[str, Any]:
    return {"kind": "sums", "settings": {"low": low, "high": high}}


def section(**changes: Any) -> ProblemsSection:
    mix = [
        {"domain": "small", "source": sums(0, 9), "weight": 3, "template": "answer"},
        {"domain": "large", "source": sums(50, 59), "held_out": 7, "count": 30},
    ]
    return ProblemsSection.model_validate({"mix": mix, "held_out": 20, "template": "Q: {question}", **changes})


def by_domain(domain: str, chosen: str | None, thinking_opened: bool) -> str:
    return f"{chosen or domain} verifier"


def problem(name: str) -> Problem:
    return Problem(name, (), "math", "1", name.partition("/")[0])


def stream(domain: str, count: int, **settings: Any) -> ShuffledProblems:
    return ShuffledProblems([problem(f"{domain}/{n}") for n in range(count)], 0, **settings)


def test_each_domain_has_its_own_template_verifier_and_share_of_the_held_out() -> None:
    problems = ProblemSet.from_section(section(), by_domain, seed=0)
    held_out = Counter((p.domain, p.verifier) for p in problems.held_out)
    assert held_out == {("small", "small verifier"): 15, ("large", "large verifier"): 7}
    assert problems.domains == ("small", "large")
    assert Counter(p.domain for p in problems.train.problems)["large"] == 30
    contents = {p.domain: p.messages[-1]["content"] for p in problems.held_out}
    assert contents["large"].startswith("Q: What is 5")
    assert contents["small"].startswith("Work out the following problem")
    assert "{question}" not in contents["small"]
    assert all(p.id.startswith(f"{p.domain}/") for p in problems.held_out)


@given(weights=st.lists(st.integers(1, 5), min_size=1, max_size=4), asked=st.integers(1, 200))
def test_at_any_time_each_domain_has_its_share(weights: list[int], asked: int) -> None:
    mixed = MixedProblems([stream(f"d{i}", 7) for i in range(len(weights))], weights)
    counts = Counter(mixed.next().domain for _ in range(asked))
    for place, weight in enumerate(weights):
        assert abs(counts[f"d{place}"] - asked * weight / sum(weights)) <= len(weights)


def test_a_domain_that_is_used_up_leaves_the_others() -> None:
    mixed = MixedProblems([stream("a", 2, epochs=1), stream("b", 4, epochs=1)], [1, 1])
    assert [mixed.next().domain for _ in range(6)] == ["a", "b", "a", "b", "b", "b"]
    with pytest.raises(ProblemsExhausted, match="the 6 problems of all 2 domains are used up"):
        mixed.next()


@given(before=st.integers(0, 30), after=st.integers(1, 30))
def test_a_restored_mix_goes_on_where_it_was(before: int, after: int) -> None:
    def mixed() -> MixedProblems:
        return MixedProblems([stream("a", 5, retire_at=0.5), stream("b", 9, place=1, retire_at=0.5)], [2, 1])

    running, restored = mixed(), mixed()
    for number in range(before):
        asked = running.next()
        if number % 8 == 0 and number < 24:
            running.finished(asked.id, 1.0)
    restored.load_state(json.loads(json.dumps(running.state())))
    assert [running.next() for _ in range(after)] == [restored.next() for _ in range(after)]
    assert running.retired == restored.retired


def test_a_state_of_another_mix_is_refused() -> None:
    mixed = MixedProblems([stream("a", 2), stream("b", 2)], [1, 1])
    for state in (stream("a", 2).state(), MixedProblems([stream("a", 2)], [1]).state()):
        with pytest.raises(InputError, match="made with another mix than this one of 2 sources"):
            mixed.load_state(state)


def test_two_sources_of_one_domain_may_not_share_ids() -> None:
    part = {"domain": "math", "source": sums(0, 9)}
    with pytest.raises(InputError, match=r"problems\.mix: two problems have the id 'math/"):
        ProblemSet.from_section(section(mix=[part, part]), "math", seed=0)


def test_a_row_without_a_verifier_is_named() -> None:
    def none_for(domain: str, chosen: str | None, thinking_opened: bool) -> str:
        raise ValueError("verifier.by_domain has none for 'small'")

    with pytest.raises(InputError, match=r"problem \d\+\d: verifier\.by_domain has none for 'small'"):
        ProblemSet.from_section(section(), none_for, seed=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": sums(0, 9)}, "give one source, or a mix of several"),
        ({"mix": []}, "give one source, or a mix of several"),
        ({"count": 3}, "count belongs to the parts of a mix"),
        ({"mix": [{"domain": "", "source": sums(0, 9)}]}, "at least 1 character"),
        ({"template": "anser"}, r"or be the name of one: plain, answer, thinking, code, instructions, general"),
    ],
)
def test_a_mix_that_says_too_much_or_too_little_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        section(**changes)


def test_long_prompts_are_left_out_and_counted() -> None:
    def fits(problem: Problem) -> bool:
        return "0" not in problem.id

    problems = ProblemSet.from_section(section(), "math", seed=0, fits=fits)
    everything = [*problems.held_out, *problems.train.problems]
    assert not [p for p in everything if "0" in p.id]
    assert problems.too_long > 0
    assert f"{problems.too_long} left out for long prompts" in problems.describe()
    with pytest.raises(InputError, match=r"problems\.max_prompt_tokens: a source has no problem"):
        ProblemSet.from_section(section(), "math", seed=0, fits=lambda problem: False)
