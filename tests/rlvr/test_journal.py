"""What ends a run whose verifiers give no verdicts."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from base_training.errors import InputError
from rlvr.journal import Journal
from rlvr.recipe import Recipe, parse_recipe
from rlvr.run_folder import RunFolder
from rollouts.buffer import Taken
from rollouts.sample import Group
from tests.rlvr.small_run import small_recipe
from tests.rollouts.groups import A_PROBLEM, build_group


def journal(folder: Path, **changes: object) -> Journal:
    content = {**yaml.safe_load(small_recipe(folder).read_text()), **changes}
    recipe = parse_recipe(content, origin="small.yaml", folder=folder)
    assert isinstance(recipe, Recipe)
    return Journal(RunFolder.create(folder / "run", recipe, {}), lambda event: None, 0, None)


def group(verifier: str, *scores: float | None) -> Group:
    return build_group(0, scores, problem=replace(A_PROBLEM, verifier=verifier))


def taken(*groups: Group) -> Taken:
    return Taken(groups[:1], groups[1:])


def test_no_verdict_on_most_samples_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    record = journal(tmp_path, verifier="random")
    record.check_verdicts(taken(group("random", 1.0, None), group("random", 0.0, 0.0)))
    with pytest.raises(
        InputError,
        match=r"the verifier random gave no verdict on 3 of 4 samples, more than verifier\.max_invalid_share "
        r"\(0\.5\) allows; the first reason: dead worker",
    ):
        record.check_verdicts(taken(group("random", 1.0, None), group("random", None, None)))


def test_a_verifier_that_fails_is_not_hidden_behind_those_of_other_domains(tmp_path: Path) -> None:
    by_domain = {"math": "math", "code": {"name": "random", "max_invalid_share": 0.25}}
    record = journal(tmp_path, verifier={"by_domain": by_domain})
    fine = [group("math", 1.0, 0.0)] * 9
    record.check_verdicts(taken(*fine, group("code", 1.0, 0.0, 0.0, None)))
    with pytest.raises(InputError, match=r"the verifier code gave no verdict on 2 of 4 samples.*\(0\.25\)"):
        record.check_verdicts(taken(*fine, group("code", 1.0, 0.0, None, None)))
