"""The shipped RL-Zero recipes: each starts from a base that never saw what the run is measured on."""

import itertools

import pytest

from base_training.data.corpus import Corpus
from rlvr.preflight import base_recipe, problem_set
from rlvr.recipe import Recipe, load_recipe


def recipe(name: str) -> Recipe:
    found = load_recipe(f"rl_zero/{name}")
    assert isinstance(found, Recipe)
    return found


@pytest.mark.parametrize("name", ["math", "code", "instructions", "general"])
def test_no_document_of_the_base_asks_what_the_run_holds_out(name: str) -> None:
    run = recipe(name)
    base = base_recipe(run.model)
    held_out = {problem.messages[0]["content"] for problem in problem_set(run).held_out}
    lengths = {len(prompt) for prompt in held_out}

    def asked(part: str, count: int) -> set[str]:
        documents = itertools.islice(Corpus(base.data, base.seed).documents(part), count)
        return {document[:length] for document in documents for length in lengths} & held_out

    assert asked("train", 20_000) == set()
    assert len(asked("held_out", 20_000)) > 0.95 * len(held_out)


@pytest.mark.parametrize("name", ["math", "code", "instructions", "general"])
def test_the_control_is_measured_by_the_recipes_own_verifier(name: str) -> None:
    control = load_recipe(f"rl_zero/{name}", ["verifier=random"])
    assert isinstance(control, Recipe)
    assert control.held_out_verifier == recipe(name).verifier
