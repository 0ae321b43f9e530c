"""A run's folder: where everything stands, and the recipe it was made by."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base_training.checkpoints import latest_checkpoint, list_checkpoints
from base_training.errors import InputError
from base_training.run_folder import require_space, verify_manifest, write_atomically, writing
from rlvr.recipe import Recipe, dump_recipe, parse_recipe, read_yaml
from rlvr.series.tags import read_tags

SMALLEST_FREE_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of one run.

    Attributes:
        path: The folder itself, absolute.
        recipe: The resolved recipe.
        is_new: Whether this process made it.
    """

    path: Path
    recipe: Recipe
    is_new: bool = False

    @classmethod
    def create(cls, path: Path, recipe: Recipe, record: Mapping[str, Any]) -> "RunFolder":
        """Make a new folder with its resolved recipe.

        Raises:
            InputError: It exists, cannot be written, or its disk is full.
        """
        path = path.resolve()
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise InputError(
                f"{path} exists already: go on with `rlvr resume {path}`, or choose another --run-dir"
            )
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
        folder = cls(path, recipe, is_new=True)
        try:
            require_space(path, SMALLEST_FREE_BYTES)
            folder.write_recipe(record)
        except InputError:
            folder.discard()
            raise
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """An existing run's folder.

        Raises:
            InputError: There is no run in it.
        """
        file = path.resolve() / "recipe.yaml"
        if not file.is_file():
            raise InputError(f"{path} holds no run: there is no recipe.yaml in it")
        recipe = parse_recipe(read_yaml(file), origin=str(file), folder=file.parent)
        if not isinstance(recipe, Recipe):
            raise InputError(f"{file}: this is a base stage, not an RL run")
        return cls(file.parent, recipe)

    def with_steps(self, steps: int) -> "RunFolder":
        """The same run, to go on to another number of steps; see `write_recipe`.

        Raises:
            InputError: It has gone further already.
        """
        newest = latest_checkpoint(self.path)
        if newest is not None and newest[0] > steps:
            raise InputError(f"{self.path} has done {newest[0]} steps already: it cannot go on to {steps}")
        learner = self.recipe.learner.model_copy(update={"steps": steps})
        return RunFolder(self.path, self.recipe.model_copy(update={"learner": learner}))

    def write_recipe(self, record: Mapping[str, Any]) -> None:
        """Write the resolved recipe, with a record of what it was resolved with."""
        write_atomically(self.path / "recipe.yaml", dump_recipe(self.recipe, record))

    def remove_leftovers(self) -> None:
        """Remove checkpoints that a crash left half-written."""
        for path in (self.path / "checkpoints").glob(".*"):
            shutil.rmtree(path, ignore_errors=True)

    def newest_checkpoint(self) -> Path | None:
        """The last complete checkpoint, checked against its manifest.

        Raises:
            InputError: It does not match its manifest.
        """
        newest = latest_checkpoint(self.path)
        if newest is None:
            return None
        _, path = newest
        verify_manifest(path)
        return path

    def keep_checkpoints(self, count: int | None) -> None:
        """Remove all but the last ``count`` checkpoints and the tagged ones; None keeps them all.

        Raises:
            InputError: The tags cannot be read.
        """
        if count is not None:
            tagged = read_tags(self.path).values()
            for step, path in list_checkpoints(self.path)[:-count]:
                if step not in tagged:
                    shutil.rmtree(path)

    @property
    def has_steps(self) -> bool:
        """Whether anything was trained that would be worth keeping."""
        metrics = self.path / "metrics.jsonl"
        return latest_checkpoint(self.path) is not None or (metrics.is_file() and metrics.stat().st_size > 0)

    def discard(self) -> None:
        """Remove a folder that nothing came of, so that its name is free again."""
        shutil.rmtree(self.path, ignore_errors=True)
