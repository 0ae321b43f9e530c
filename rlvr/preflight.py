"""Everything that can be checked about a recipe before a process is started or a folder made."""

from collections.abc import Iterable

from base_training.config import ModelSection
from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.verifier import load_verifier
from rlvr.environment import check_environment, free_cores, quiet_libraries
from rlvr.placement import plan_placement
from rlvr.recipe import Recipe, StageRecipe, load_recipe
from rlvr.trackers import check_trackers
from rollouts.problems import ProblemSet


def check_recipe(recipe: Recipe) -> str:
    """Refuse a recipe that cannot run.

    Returns:
        What will run where, in one line.

    Raises:
        InputError: The installation, the model, the problems or the layout cannot be used.
        VerifierError: The verifier cannot be loaded, or a problem's label is none that it takes.
    """
    check_environment()
    check_trackers(recipe.tracking)
    quiet_libraries(hub_id=True)
    check_model_section(recipe.model, recipe.seed)
    problems = problem_set(recipe)
    for section, asked in (
        (recipe.verifier, problems.train.problems),
        (recipe.held_out_verifier, problems.held_out),
    ):
        _check_labels(section, asked)
    where = "where the cluster has room"
    if recipe.cluster.address == "local":
        cores = free_cores()
        where = plan_placement(recipe, len(cores), _local_gpus(), cores).describe()
    return f"{where}; {len(problems.held_out)} problems held out"


def _check_labels(section: VerifierSection, problems: Iterable[Problem]) -> None:
    verifier = load_verifier(section.name, section.settings)
    for problem in problems:
        try:
            verifier.check_label(problem.label)
        except (ValueError, VerifierError) as error:
            raise VerifierError(
                f"problem {problem.id}: the verifier {section.name} cannot use its label: {error}"
            ) from error


def problem_set(recipe: Recipe) -> ProblemSet:
    """The problems of a recipe, each with the name of its verifier.

    Raises:
        InputError: They cannot be read, lack a label, or are too few.
    """
    return ProblemSet.from_section(
        recipe.problems, recipe.verifier.name, recipe.seed, held_out_verifier=recipe.held_out_verifier_name
    )


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


def _local_gpus() -> int:
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
