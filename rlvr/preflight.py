"""Everything that can be checked about a recipe before a process is started or a folder made."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from base_training.config import ModelSection
from base_training.errors import InputError
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.verifier import LoadedVerifier, load_section
from rlvr.environment import check_environment, free_cores, quiet_libraries, versions
from rlvr.judge import judge_model
from rlvr.placement import plan_placement
from rlvr.recipe import Recipe, StageRecipe, load_recipe
from rlvr.run_verifiers import RunVerifiers
from rlvr.trackers import check_trackers
from rollouts.problems import ProblemSet


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found out about a recipe that can run.

    Attributes:
        where: What will run on which cores or GPUs.
        problems: What it is trained and measured on, on one line.
        problems_sha256: Of all problems and labels, trained on and held out.
        removed: Training problems that evaluations ask too, by domain.
    """

    where: str
    problems: str
    problems_sha256: str
    removed: Mapping[str, int]

    def describe(self) -> str:
        """One line for people."""
        return f"{self.where}; {self.problems}"

    def record(self) -> dict[str, Any]:
        """What a resolved recipe was resolved with."""
        return {"versions": versions(), **problems_record(self.problems_sha256, self.removed)}


def check_recipe(recipe: Recipe) -> Checked:
    """Refuse a recipe that cannot run.

    Raises:
        InputError: The installation, the model, the problems or the layout cannot be used.
        VerifierError: The verifier cannot be loaded, or a problem's label is none that it takes.
    """
    check_environment()
    check_trackers(recipe.tracking)
    quiet_libraries(hub_id=True)
    check_model_section(recipe.model, recipe.seed)
    if recipe.judge is not None:
        judge_model(recipe.judge)
    problems = checked_problems(recipe)
    where = "where the cluster has room"
    if recipe.cluster.address == "local":
        cores = free_cores()
        where = plan_placement(recipe, len(cores), local_gpus(), cores).describe()
    return Checked(where, problems.describe(), problems_sha256(problems), problems.removed)


def checked_problems(recipe: Recipe) -> ProblemSet:
    """The problems of a recipe, once their verifiers have looked at the labels.

    Raises:
        InputError: They cannot be read, lack a label, or are too few.
        VerifierError: A verifier cannot be loaded, or a label is none that it takes.
    """
    verifiers = load_verifiers(recipe)
    problems = problem_set(recipe)
    for problem in (*problems.train.problems, *problems.held_out):
        try:
            verifiers[problem.verifier].check_label(problem.label)
        except (ValueError, VerifierError) as error:
            raise VerifierError(
                f"problem {problem.id}: the verifier {problem.verifier} cannot use its label: {error}"
            ) from error
    return problems


def load_verifiers(recipe: Recipe) -> dict[str, LoadedVerifier]:
    """Every verifier of a recipe by the name that problems know it by; raises VerifierError where one is wrong."""
    return {name: load_section(section) for name, section in RunVerifiers.of(recipe).by_name.items()}


def problem_set(recipe: Recipe, fits: Callable[[Problem], bool] | None = None) -> ProblemSet:
    """The problems of a recipe, each with the name of its verifier.

    Args:
        recipe: The run's.
        fits: Whether a problem's prompt is short enough, where that can be told already.

    Raises:
        InputError: They cannot be read, lack a label, or are too few.
    """
    verifiers = RunVerifiers.of(recipe)
    return ProblemSet.from_section(
        recipe.problems, verifiers.train, recipe.seed, held_out_verifier=verifiers.held_out, fits=fits
    )


def problems_record(sha256: str, removed: Mapping[str, int]) -> dict[str, Any]:
    """What a resolved recipe keeps of its problems."""
    return {"problems_sha256": sha256, "problems_removed_by_decontamination": dict(removed)}


def problems_sha256(problems: ProblemSet) -> str:
    """Of all problems and labels, trained on and held out."""
    digest = hashlib.sha256()
    for part in (problems.train.problems, problems.held_out):
        for problem in part:
            content = (problem.id, problem.messages, problem.label)
            digest.update(json.dumps(content, sort_keys=True, default=repr).encode())
    return digest.hexdigest()


def check_model_section(section: ModelSection, seed: int) -> None:
    """Refuse a model that is not there or that vLLM cannot run.

    Raises:
        InputError: What is wrong with it.
    """
    from base_training.models.resolve import resolve_model

    if (section.name is None) == (section.base is None):
        raise InputError("model: give exactly one of name and base")
    if section.name is not None:
        resolve_model(section.name, seed)
    else:
        base_recipe(section)


def base_recipe(section: ModelSection) -> StageRecipe:
    """The pretraining recipe that a model section names.

    Raises:
        InputError: There is none, or it is no base stage.
    """
    assert section.base is not None
    recipe = load_recipe(section.base)
    if not isinstance(recipe, StageRecipe):
        raise InputError(f"model.base: {section.base} is an RL run, not a base stage")
    return recipe


def local_gpus() -> int:
    """GPUs of this machine."""
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
