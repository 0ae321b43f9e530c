"""Which weights an evaluation is of: a model, a checkpoint, or those of a run."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from base_training.checkpoints import latest_checkpoint, list_checkpoints
from base_training.errors import InputError
from base_training.models.cache import cache_dir
from base_training.models.resolve import resolve_model
from base_training.run_folder import MANIFEST, sha256, verify_manifest
from rlvr.base_model import starting_model
from rlvr.evaluation.record import FOLDER, evaluation_path, file_name
from rlvr.evaluation.suite import Suite
from rlvr.run_folder import RunFolder

_OF_THE_MODEL = (".safetensors", ".bin", ".json", ".jinja", ".model", ".txt")
_NOT_OF_IT = frozenset({MANIFEST, "state.json", "lineage.json", "trainer_state.json", "README.md"})


@dataclass(frozen=True, slots=True)
class Target:
    """Weights to evaluate.

    Attributes:
        weights: A Hugging Face folder, or a hub id.
        sha256: Of the files of weights, configuration and tokenizer.
        run: The run that they are a checkpoint of.
        step: Training steps done, within a run.
    """

    weights: str
    sha256: str
    run: Path | None = None
    step: int | None = None

    def file_of(self, suite: Suite) -> Path:
        """Where the evaluation by a suite is written: into the run, or into the cache."""
        name, digest = file_name(suite.name), suite.sha256
        if self.run is None or self.step is None:
            return cache_dir() / FOLDER / self.sha256[:16] / f"{name}-{digest[:12]}.json"
        return self.run / FOLDER / f"{name}.{digest[:8]}-{self.step:06d}.json"

    def files_of(self, suite: Suite) -> list[Path]:
        """Where it may stand: a run writes those of its held-out problems without a part of the hash."""
        own = [] if self.run is None or self.step is None else [evaluation_path(self.run, suite.name, self.step)]
        return [*own, self.file_of(suite)]


def targets_of(
    model_or_run: str | Path, *, step: int | None, all_steps: bool, say: Callable[[str], None]
) -> list[Target]:
    """What a name means, in the order of steps.

    Args:
        model_or_run: A run's folder, a checkpoint's, any model's, a model's name, or a hub id.
        step: Of a run, this checkpoint; the newest one by default. 0 is what the run started from.
        all_steps: Of a run, what it started from and all its checkpoints.
        say: Is told what is being done.

    Raises:
        InputError: There is no such run, checkpoint or model, or its files are not those that were written.
    """
    path = Path(model_or_run).expanduser()
    if (path / "recipe.yaml").is_file():
        return _of_run(path.resolve(), step, all_steps, say)
    if step is not None or all_steps:
        raise InputError(f"{model_or_run} is no run: there is no recipe.yaml in it, and only a run has steps")
    run = path.resolve().parent.parent
    if path.is_dir() and (run / "recipe.yaml").is_file():
        for number, folder in list_checkpoints(run):
            if folder == path.resolve():
                return [_checkpoint(run, number, folder)]
    if path.is_dir() and not (path / "config.json").is_file():
        raise InputError(
            f"{path} is neither a run nor a model: it has no recipe.yaml and no config.json. "
            "Give a run's folder, a checkpoint's, a model's folder or name, or a hub id."
        )
    weights = resolve_model(str(model_or_run), seed=0)
    return [Target(weights, weights_sha256(weights))]


def weights_sha256(weights: str) -> str:
    """A hash of what a model is: its weights, configuration and tokenizer.

    Of a folder with a manifest, the hashes that stand in it are taken; of a hub id, the commit that the cache has.
    """
    folder = Path(weights)
    if not folder.is_dir():
        from huggingface_hub import try_to_load_from_cache

        file = try_to_load_from_cache(weights, "config.json")
        return hashlib.sha256(f"{weights}@{file and Path(str(file)).parent.name}".encode()).hexdigest()
    if (folder / MANIFEST).is_file():
        listed = json.loads((folder / MANIFEST).read_bytes())["files"]
        hashes = {name: entry["sha256"] for name, entry in listed.items() if _is_of_the_model(name)}
    else:
        names = (path.name for path in folder.iterdir() if path.is_file() and _is_of_the_model(path.name))
        hashes = {name: sha256(folder / name) for name in names}
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def _is_of_the_model(name: str) -> bool:
    return "/" not in name and name not in _NOT_OF_IT and name.endswith(_OF_THE_MODEL)


def _of_run(run: Path, step: int | None, all_steps: bool, say: Callable[[str], None]) -> list[Target]:
    recipe = RunFolder.open(run).recipe
    there = dict(list_checkpoints(run))
    newest = latest_checkpoint(run)
    if not all_steps and step is None and newest is None:
        raise InputError(f"{run} has no whole checkpoint yet; --step 0 is the model that it started from")
    wanted = [0, *sorted(there)] if all_steps else [newest[0] if step is None and newest else step or 0]
    targets = []
    for number in dict.fromkeys(wanted):
        if number in there:
            targets.append(_checkpoint(run, number, there[number]))
        elif number == 0:
            weights = starting_model(recipe.model, recipe.seed, say)
            targets.append(Target(weights, weights_sha256(weights), run, 0))
        else:
            steps = ", ".join(map(str, (0, *sorted(there))))
            raise InputError(f"{run} has no checkpoint of step {number}; there are {steps}")
    return targets


def _checkpoint(run: Path, step: int, folder: Path) -> Target:
    verify_manifest(folder)
    return Target(str(folder), weights_sha256(str(folder)), run, step)
