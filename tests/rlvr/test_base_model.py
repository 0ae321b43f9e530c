"""Where a base is kept: by its recipe and by what it learns from."""

from pathlib import Path

import pytest

from base_training.errors import InputError
from rlvr.base_model import base_folder
from rlvr.recipe import StageRecipe


def recipe(text: Path, steps: int = 10) -> StageRecipe:
    return StageRecipe.model_validate(
        {"name": "tiny", "model": "olmo3-nano", "data": {"text": [str(text)]}, "stage": {"steps": steps}}
    )


def test_the_same_recipe_and_data_are_one_base(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("one line\n" * 1000)
    assert base_folder(recipe(text)) == base_folder(recipe(text))
    assert base_folder(recipe(text)).name.startswith("tiny-")


def test_other_settings_are_another_base(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("one line\n" * 1000)
    assert base_folder(recipe(text)) != base_folder(recipe(text, steps=11))


def test_other_text_under_the_same_path_is_another_base(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("one line\n" * 1000)
    before = base_folder(recipe(text))
    text.write_text("another line\n" * 1000)
    assert base_folder(recipe(text)) != before


def test_text_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file or folder"):
        base_folder(recipe(tmp_path / "gone.txt"))
