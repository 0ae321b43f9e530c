"""What the workers of an evaluation are started with."""

from collections.abc import Sequence

from base_training.errors import InputError
from rlvr.evaluation.longest import longest_sequence
from rlvr.evaluation.prepared import Prepared
from rlvr.recipe import Recipe
from rollouts.config import RolloutsSection

DEFAULT = RolloutsSection(max_running=64, kv_cache_gib=2)
ROUNDED_TO = 32


def engine_section(weights: str, recipe: Recipe | None, prepared: Sequence[Prepared]) -> RolloutsSection:
    """Room for the longest prompt and answer, as far as the model takes it; else as in the run, if it is one's.

    Args:
        weights: A Hugging Face folder, or a hub id.
        recipe: The run's: the same problems are then answered in the same batches.
        prepared: What will be asked.

    Raises:
        InputError: A prompt is longer than the model takes.
    """
    most = longest_sequence(weights)
    for one in prepared:
        if most is not None and one.longest > most:
            raise InputError(
                f"suite {one.suite.name}: its longest prompt takes {one.longest} tokens, the model takes {most}: "
                "choose a shorter one (needle, variables, counting take a length after a slash) or another model"
            )
    section = recipe.rollouts if recipe else DEFAULT
    needed = max(one.needed for one in prepared)
    tokens = max(-(-needed // ROUNDED_TO) * ROUNDED_TO, section.max_model_tokens if recipe else 0)
    if most is not None:
        tokens = min(tokens, most)
    return section.model_copy(update={"max_model_tokens": tokens, "transfer": "shared_memory"})
