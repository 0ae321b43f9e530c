"""The model that a run starts from; a base that is missing is pretrained first, and kept."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from base_training.config import ModelSection
from base_training.models.cache import cache_dir, only_one
from base_training.models.resolve import resolve_model
from base_training.pretrain_process import pretrain_in_process
from rlvr.preflight import base_recipe
from rlvr.recipe import StageRecipe, dump_recipe


def starting_model(section: ModelSection, seed: int, say: Callable[[str], None]) -> str:
    """A local folder or a hub id.

    Args:
        section: The recipe's.
        seed: For random weights.
        say: Is told what is being done.

    Raises:
        InputError: The model is not there or cannot be made.
    """
    if section.name is not None:
        return resolve_model(section.name, seed)
    recipe = base_recipe(section)
    folder = base_folder(recipe)
    if not folder.is_dir():
        pretrain_base(recipe, folder, say)
    return str(folder)


def base_folder(recipe: StageRecipe) -> Path:
    """Where a base lies: a name and a hash of recipe and data, so that a change of either makes a new base.

    Raises:
        InputError: The data cannot be used.
    """
    from base_training.data.corpus import Corpus

    content = [dump_recipe(recipe), dict(Corpus(recipe.data, recipe.seed).fingerprints)]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return cache_dir() / "bases" / f"{recipe.name}-{digest[:12]}"


def pretrain_base(recipe: StageRecipe, folder: Path, say: Callable[[str], None]) -> None:
    """Run a pretraining stage into ``folder``, in a process of its own; one run at a time makes it.

    Raises:
        InputError: The recipe's model or data cannot be used, or the folder cannot be written.
    """

    def progress(told: Mapping[str, Any]) -> None:
        say(f"pretraining {recipe.name}: step {told['step']}/{recipe.stage.steps}, loss {told['loss']:.2f}")

    with only_one(folder):
        if not folder.is_dir():
            say(f"pretraining {recipe.name}")
            pretrain_in_process(recipe.stage, recipe.model, recipe.data, folder, recipe.seed, progress)
