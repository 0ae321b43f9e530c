"""Recipes: found, overridden, validated, with errors that say where and what."""

from pathlib import Path

import pytest
import yaml

from base_training.errors import InputError
from rlvr.recipe import Recipe, StageRecipe, dump_recipe, load_recipe, parse_recipe, shipped_recipes

SMALL = {
    "name": "small",
    "model": "olmo3-nano",
    "problems": {"source": {"kind": "sums"}},
    "verifier": "math",
    "learner": {"steps": 3},
}


def parse(**changes: object) -> Recipe:
    recipe = parse_recipe({**SMALL, **changes}, origin="small.yaml")
    assert isinstance(recipe, Recipe)
    return recipe


def test_a_plain_string_names_a_model_and_a_verifier() -> None:
    recipe = parse()
    assert recipe.model.name == "olmo3-nano"
    assert recipe.verifier.name == "math"


def test_defaults_are_olmo_3s() -> None:
    algorithm = parse().algorithm
    assert (algorithm.advantage, algorithm.kl_coefficient, algorithm.normalisation) == ("group_mean", 0.0, "token")
    assert (algorithm.clip_low, algorithm.clip_high, algorithm.importance_cap) == (0.2, 0.272, 2.0)


def test_a_resolved_recipe_reads_back_equal() -> None:
    recipe = parse(seed=7)
    assert parse_recipe(yaml.safe_load(dump_recipe(recipe)), origin="again") == recipe


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rollots": {}}, "small.yaml: rollots: unknown key; did you mean rollouts?"),
        (
            {"learner": {"steps": 3, "row_token": 8}},
            "small.yaml: learner.row_token: unknown key; did you mean row_tokens?",
        ),
        (
            {"rollouts": {"sampling": {"max_token": 5}}},
            "small.yaml: rollouts.sampling.max_token: unknown key; did you mean max_tokens?",
        ),
        ({"learner": {}}, "small.yaml: learner.steps: missing; it has no default"),
        (
            {"judge": {"model": "smollm2-135m", "max_runing": 4}},
            "small.yaml: judge.max_runing: unknown key; did you mean max_running?",
        ),
    ],
)
def test_a_wrong_key_is_told_with_the_nearest_right_one(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as told:
        parse(**changes)
    assert str(told.value) == message


def test_a_wrong_type_is_told_with_its_place_and_value() -> None:
    with pytest.raises(InputError, match=r"small\.yaml: learner\.steps: .*integer.*got 'many'"):
        parse(learner={"steps": "many"})


def test_overrides_reach_into_sections_and_strings(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({k: v for k, v in SMALL.items() if k != "name"}))
    recipe = load_recipe(str(file), ["learner.optimizer.lr=0.5", "verifier.timeout_s=9", "model.dtype=bfloat16"])
    assert isinstance(recipe, Recipe)
    assert recipe.name == "mine"
    assert recipe.learner.optimizer.lr == 0.5
    assert (recipe.verifier.name, recipe.verifier.timeout_s) == ("math", 9)
    assert (recipe.model.name, recipe.model.dtype) == ("olmo3-nano", "bfloat16")


@pytest.mark.parametrize("override", ["seed", "=3", "learner.steps.more=1", "seed=[1"])
def test_an_override_that_cannot_be_read_is_refused(override: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(SMALL))
    with pytest.raises(InputError, match="--set"):
        load_recipe(str(file), [override])


def test_files_beside_the_recipe_become_absolute(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({**SMALL, "verifier": "mine.py:score"}))
    recipe = load_recipe(str(file))
    assert isinstance(recipe, Recipe)
    assert recipe.verifier.name == f"{tmp_path / 'mine.py'}:score"


def test_an_unknown_name_lists_the_shipped_recipes() -> None:
    with pytest.raises(InputError, match=r"no recipe 'rl_zero/maths'.*rl_zero/math"):
        load_recipe("rl_zero/maths")


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "plain"])
def test_a_file_that_is_no_mapping_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"broken\.yaml"):
        load_recipe(str(file))


@pytest.mark.parametrize("file", sorted(shipped_recipes().rglob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_recipe_is_valid(file: Path) -> None:
    assert isinstance(load_recipe(str(file)), Recipe | StageRecipe)


def test_reading_a_recipe_imports_no_framework() -> None:
    import subprocess
    import sys

    code = (
        "import sys, rlvr.recipe; "
        "print([m for m in ('torch', 'vllm', 'ray', 'deepspeed', 'transformers') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    )


class TestExtends:
    """A recipe on top of another one."""

    @staticmethod
    def write(folder: Path, stem: str, /, **content: object) -> str:
        folder.mkdir(exist_ok=True)
        (folder / f"{stem}.yaml").write_text(yaml.safe_dump(content))
        return str(folder / f"{stem}.yaml")

    def heir(self, folder: Path, **changes: object) -> Recipe:
        self.write(folder, "parent", **{**SMALL, "rollouts": {"workers": 3, "sampling": {"max_tokens": 9}}})
        recipe = load_recipe(self.write(folder, "heir", extends="parent.yaml", **changes))
        assert isinstance(recipe, Recipe)
        return recipe

    def test_its_sections_are_merged_and_its_name_is_its_own(self, tmp_path: Path) -> None:
        recipe = self.heir(tmp_path, rollouts={"sampling": {"temperature": 0.5}})
        assert recipe.name == "heir"
        assert (recipe.rollouts.workers, recipe.rollouts.sampling.max_tokens) == (3, 9)
        assert recipe.rollouts.sampling.temperature == 0.5

    def test_another_kind_of_section_keeps_nothing(self, tmp_path: Path) -> None:
        changes = {"kind": "jsonl", "settings": {"path": "x.jsonl"}}
        above = {"source": {"kind": "sums", "settings": {"low": 2}}}
        self.write(tmp_path, "grandparent", **{**SMALL, "problems": above})
        target = self.write(tmp_path, "heir", extends="grandparent.yaml", problems={"source": changes})
        recipe = load_recipe(target)
        assert isinstance(recipe, Recipe)
        assert recipe.problems.source is not None
        assert (recipe.problems.source.kind, recipe.problems.source.settings) == ("jsonl", {"path": "x.jsonl"})

    def test_what_is_set_on_the_command_line_goes_on_top(self, tmp_path: Path) -> None:
        self.heir(tmp_path)
        recipe = load_recipe(str(tmp_path / "heir.yaml"), ["rollouts.workers=5"])
        assert isinstance(recipe, Recipe)
        assert recipe.rollouts.workers == 5

    def test_files_lie_beside_the_recipe_that_names_them(self, tmp_path: Path) -> None:
        self.write(tmp_path / "above", "parent", **{**SMALL, "verifier": "mine.py:score"})
        (tmp_path / "above" / "mine.py").write_text("")
        recipe = load_recipe(self.write(tmp_path, "heir", extends="above/parent.yaml"))
        assert isinstance(recipe, Recipe)
        assert recipe.verifier.name == f"{tmp_path / 'above' / 'mine.py'}:score"

    def test_a_shipped_recipe_is_found_by_its_name(self, tmp_path: Path) -> None:
        recipe = load_recipe(self.write(tmp_path, "heir", extends="quickstart", seed=5))
        assert isinstance(recipe, Recipe)
        assert (recipe.seed, recipe.model.name, recipe.name) == (5, "smollm2-135m", "heir")

    @pytest.mark.parametrize(
        ("extends", "message"),
        [
            ("heir.yaml", r"heir\.yaml: extends goes in a circle"),
            ("nowhere", "no recipe 'nowhere'"),
            (["a"], r"extends: expected the path or name of one recipe, got \['a'\]"),
        ],
    )
    def test_what_cannot_be_extended_is_refused(self, extends: object, message: str, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=message):
            load_recipe(self.write(tmp_path, "heir", extends=extends))
