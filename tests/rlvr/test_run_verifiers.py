"""Which verifier scores which problem."""

from typing import Any

import pytest

from base_training.errors import InputError
from rlvr.preflight import problem_set
from rlvr.recipe import Recipe, parse_recipe
from rlvr.run_verifiers import RunVerifiers

SUMS = {"kind": "sums", "settings": {"low": 0, "high": 9}}
MIX = [{"domain": name, "source": SUMS} for name in ("math", "words")]


def recipe(**changes: Any) -> Recipe:
    content = {
        "name": "small",
        "model": "olmo3-nano",
        "problems": {"source": SUMS, "held_out": 20},
        "verifier": "math",
        "learner": {"steps": 1},
    }
    parsed = parse_recipe({**content, **changes}, origin="small.yaml")
    assert isinstance(parsed, Recipe)
    return parsed


def names(made: Recipe) -> tuple[set[str], set[str]]:
    """Of training and held-out problems."""
    problems = problem_set(made)
    return {p.verifier for p in problems.train.problems}, {p.verifier for p in problems.held_out}


def test_one_verifier_scores_everything() -> None:
    assert names(recipe()) == ({"math"}, {"math"})
    assert list(RunVerifiers.of(recipe()).by_name) == ["math"]


def test_held_out_problems_may_have_another_one() -> None:
    made = recipe(verifier="random", evaluation={"verifier": "math"})
    assert names(made) == ({"random"}, {"evaluation:math"})
    assert list(RunVerifiers.of(made).by_name) == ["random", "evaluation:math"]


def test_each_domain_has_its_own() -> None:
    by_domain = {"math": "math", "words": {"name": "general", "settings": {"check": "f1"}}}
    made = recipe(problems={"mix": MIX, "held_out": 20}, verifier={"by_domain": by_domain})
    assert names(made) == ({"math", "words"}, {"math", "words"})
    sections = RunVerifiers.of(made).by_name
    assert (sections["math"].name, sections["words"].name) == ("math", "general")
    assert sections["words"].settings == {"check": "f1"}


def test_one_override_replaces_those_of_all_domains() -> None:
    made = recipe(problems={"mix": MIX, "held_out": 20}, verifier="random")
    assert names(made) == ({"random"}, {"random"})


def test_a_domain_without_a_verifier_is_named() -> None:
    verifier = {"by_domain": {"math": "math", "word": "general"}}
    made = recipe(problems={"mix": MIX, "held_out": 20}, verifier=verifier)
    with pytest.raises(InputError, match=r"has none for 'words'; did you mean word.* There are math, word"):
        problem_set(made)


@pytest.mark.parametrize("verifier", [{"by_domain": {}}, {"name": "math", "by_domain": {"math": "math"}}])
def test_one_or_many_but_not_both(verifier: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="give one verifier, or by_domain with one for each domain"):
        recipe(verifier=verifier)


def test_a_wrong_key_within_a_domain_is_told_with_the_nearest_right_one() -> None:
    with pytest.raises(InputError, match=r"by_domain\.math\.timeout: unknown key; did you mean timeout_s\?"):
        recipe(verifier={"by_domain": {"math": {"name": "math", "timeout": 3}}})
    with pytest.raises(InputError, match=r"problems\.mix\.0\.templat: unknown key; did you mean template\?"):
        recipe(problems={"mix": [{**MIX[0], "templat": "x"}]})


OPENED = {"source": SUMS, "held_out": 20, "template": "thinking", "chat": False}


class TestThinking:
    """A prompt that ends in an opening tag."""

    def test_the_verifier_is_told(self) -> None:
        made = recipe(problems=OPENED)
        assert names(made) == ({"math (thinking opened)"}, {"math (thinking opened)"})
        (section,) = RunVerifiers.of(made).by_name.values()
        assert section.settings == {"starts_thinking": True}

    def test_not_where_the_recipe_says_it_itself(self) -> None:
        said = {"name": "math", "settings": {"starts_thinking": False}}
        (section,) = RunVerifiers.of(recipe(problems=OPENED, verifier=said)).by_name.values()
        assert section.settings == {"starts_thinking": False}

    def test_not_one_that_knows_nothing_of_thinking(self) -> None:
        assert list(RunVerifiers.of(recipe(problems=OPENED, verifier="random")).by_name) == ["random"]

    def test_a_chat_template_ends_the_turn_behind_it(self) -> None:
        made = recipe(problems={**OPENED, "chat": True})
        assert list(RunVerifiers.of(made).by_name) == ["math"]

    def test_in_a_mix_each_prompt_has_the_one_for_it(self) -> None:
        mix = [{**MIX[0], "template": "thinking"}, {**MIX[1], "template": "answer"}]
        made = recipe(problems={"mix": mix, "held_out": 20, "chat": False})
        assert {(p.domain, p.verifier) for p in problem_set(made).held_out} == {
            ("math", "math (thinking opened)"),
            ("words", "math"),
        }
        sections = RunVerifiers.of(made).by_name
        assert {name: section.settings for name, section in sections.items()} == {
            "math": {},
            "math (thinking opened)": {"starts_thinking": True},
        }
