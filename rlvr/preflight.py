"""Everything that can be checked about a recipe before a process is started or a folder made."""

from base_training.config import ModelSection
from base_training.errors import InputError
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
    verifier = load_verifier(recipe.verifier.name, recipe.verifier.settings)
    problems = ProblemSet.from_section(recipe.problems, recipe.verifier.name, recipe.seed)
    for problem in problems.held_out:
        verifier.check_label(problem.label)
    where = "where the cluster has room"
    if recipe.cluster.address == "local":
        cores = free_cores()
        where = plan_placement(recipe, len(cores), _local_gpus(), cores).describe()
    return f"{where}; {len(problems.held_out)} problems held out"


def check_model_section(section: ModelSection, seed: int) -> None:
    """Refuse a model that is not there or that vLLM cannot run.

    Raises:
        InputError: What is wrong with it.
    """
    from base_training.models.build import check_model
    from base_training.models.resolve import resolve_model

    if (section.name is None) == (section.base is None):
        raise InputError("model: give exactly one of name and base")
    if section.name is not None:
        check_model(resolve_model(section.name, seed))
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
