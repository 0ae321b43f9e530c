"""What a run would be: its recipe with every default, its problems, its place on the GPUs, and their memory.

Nothing is asked of a network: what only a hub could tell is said to be unknown. A Ray cluster that the recipe
names is asked for its GPUs, unless their number is given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from base_training.errors import InputError
from base_training.models.known_config import known_config
from base_training.models.presets import PRESETS
from base_training.models.size import ModelSize
from rlvr.environment import check_environment, free_cores, quiet_libraries, versions
from rlvr.judge import judge_model
from rlvr.machines import Seat, describe_machines, seats_by_machine
from rlvr.memory import MemoryPlan, plan_memory
from rlvr.placement import Placement, plan_placement
from rlvr.preflight import (
    base_recipe,
    check_model_section,
    checked_problems,
    load_verifiers,
    local_gpus,
    problems_record,
    problems_sha256,
)
from rlvr.recipe import Recipe
from rlvr.trackers import check_trackers
from rollouts.config import SourceSection

GPUS_PER_MACHINE = 8


@dataclass(frozen=True, slots=True)
class Gpus:
    """GPUs to plan for, in place of those that are there.

    Attributes:
        count: In all; None plans for those that are there.
        per_machine: On each machine; the last one may have fewer.
        memory_gib: Of each, in GiB; None refuses nothing for its memory.
    """

    count: int | None = None
    per_machine: int = GPUS_PER_MACHINE
    memory_gib: float | None = None

    def machines(self, count: int) -> tuple[int, ...]:
        """GPUs of each machine."""
        sizes = [self.per_machine] * math.ceil(count / self.per_machine)
        return tuple(min(size, count - self.per_machine * place) for place, size in enumerate(sizes))


@dataclass(frozen=True, slots=True)
class DryRun:
    """All that is known before a run.

    Attributes:
        recipe: With every default.
        record: What it was resolved with.
        where: Its actors and what they take, on one line.
        machines: Who stands on which machine; empty without GPUs.
        memory: Of each GPU; None without GPUs, or where the model's size is not known.
        problems: What it is trained and measured on; None where that could not be read.
        notes: What could not be found out, as sentences.
    """

    recipe: Recipe
    record: dict[str, Any]
    where: str
    machines: list[list[Seat]]
    memory: MemoryPlan | None
    problems: str | None
    notes: list[str] = field(default_factory=list)

    def describe(self) -> list[str]:
        """Lines for people."""
        lines = [self.where, *describe_machines(self.machines)]
        lines += self.memory.describe() if self.memory else []
        return [*lines, *([self.problems] if self.problems else []), *self.notes]

    def as_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "recipe": self.recipe.model_dump(mode="json"),
            "resolved_with": self.record,
            "placement": {
                "actors": self.where,
                "machines": [
                    [{"role": seat.role, "index": seat.index, "gpus": seat.gpus} for seat in seats]
                    for seats in self.machines
                ],
            },
            "memory": self.memory.as_dict() if self.memory else None,
            "problems": self.problems,
            "notes": self.notes,
        }


def dry_run(recipe: Recipe, gpus: Gpus) -> DryRun:
    """Find out what a run would be, and refuse one that could not be.

    Raises:
        InputError: The installation, the model, the problems or the layout cannot be used; or the GPUs are too
            few, or too small.
        VerifierError: A verifier cannot be loaded, or a problem's label is none that it takes.
    """
    check_environment()
    check_trackers(recipe.tracking)
    quiet_libraries(hub_id=False)
    if recipe.judge is not None and "/" not in recipe.judge.model:
        judge_model(recipe.judge)
    notes: list[str] = []
    elsewhere = gpus.count is not None or recipe.cluster.address != "local"
    _check_model(recipe, elsewhere, notes)
    record: dict[str, Any] = {"versions": versions()}
    problems = _problems(recipe, record, notes)
    placement, sizes = _placement(recipe, gpus, notes)
    machines = seats_by_machine(placement, sizes, together=_together(recipe)) if sizes else []
    memory = _memory(recipe, gpus, notes) if sizes else None
    if gpus.memory_gib is not None and not sizes:
        notes.append("--gpu-memory refuses nothing here, where there are no GPUs: name some with --gpus")
    if memory is not None:
        memory.check()
    return DryRun(recipe, record, placement.describe(), machines, memory, problems, notes)


def _check_model(recipe: Recipe, elsewhere: bool, notes: list[str]) -> None:
    """Look at a model that is here; one on the hub, or random weights for another machine, are left alone."""
    name = recipe.model.name
    if name is not None and not Path(name).expanduser().is_dir():
        if "/" in name:
            notes.append(f"the model {name} is fetched from the hub when the run starts")
            return
        if elsewhere and name in PRESETS:
            return
    check_model_section(recipe.model, recipe.seed)


def _problems(recipe: Recipe, record: dict[str, Any], notes: list[str]) -> str | None:
    remote = list(dict.fromkeys(one.settings["path"] for one in _sources(recipe) if _is_remote(one)))
    if remote:
        load_verifiers(recipe)
        notes.append(
            f"the problems are read, checked and decontaminated when the run starts: {', '.join(remote)} "
            f"{'is' if len(remote) == 1 else 'are'} on the hub"
        )
        return None
    problems = checked_problems(recipe)
    record.update(problems_record(problems_sha256(problems), problems.removed))
    return problems.describe()


def _sources(recipe: Recipe) -> list[SourceSection]:
    section = recipe.problems
    against = section.decontaminate.against if section.decontaminate else ()
    return [*(part.source for part in section.parts), *against]


def _is_remote(source: SourceSection) -> bool:
    path = source.settings.get("path")
    return source.kind == "hub" and isinstance(path, str) and not Path(path).is_dir()


def _placement(recipe: Recipe, gpus: Gpus, notes: list[str]) -> tuple[Placement, Sequence[int]]:
    """What every actor takes, and the GPUs of each machine; none where the run would be on CPU cores."""
    if gpus.count is not None:
        return plan_placement(recipe, 0, gpus.count), gpus.machines(gpus.count)
    if recipe.cluster.address == "local":
        cores, here = free_cores(), local_gpus()
        return plan_placement(recipe, len(cores), here, cores), (here,) if here else ()
    there = _cluster(recipe)
    if there is not None:
        cpus, sizes = there
        return plan_placement(recipe, cpus, sum(sizes)), sizes
    wanted = recipe.rollouts.workers * recipe.rollouts.tensor_parallel + recipe.learner.engine.ranks
    notes.append(
        f"no Ray cluster runs here: planned for the {wanted} GPUs that the recipe takes; --gpus names others"
    )
    return plan_placement(recipe, 0, wanted), gpus.machines(wanted)


def _cluster(recipe: Recipe) -> tuple[int, tuple[int, ...]] | None:
    """Cores of the Ray cluster that the recipe names, and the GPUs of each machine that has any; None where the
    recipe takes any cluster and there is none."""
    from rlvr.cluster import cluster, gpus_by_machine

    try:
        with cluster(recipe.cluster) as resources:
            return resources.cpus, tuple(size for size in gpus_by_machine() if size)
    except InputError:
        if recipe.cluster.address == "auto":
            return None
        raise


def _together(recipe: Recipe) -> bool:
    return recipe.rollouts.transfer == "shared_memory"


def _memory(recipe: Recipe, gpus: Gpus, notes: list[str]) -> MemoryPlan | None:
    name = (recipe.model if recipe.model.base is None else base_recipe(recipe.model).model).name
    size = _size(name) if name else None
    if size is not None:
        return plan_memory(recipe, size, gpus.memory_gib)
    unknown = f"the size of the model {name} is not known here"
    if gpus.memory_gib is not None:
        raise InputError(
            f"{unknown}: memory cannot be checked; name a local folder of a Llama-like model, or leave "
            "--gpu-memory out"
        )
    notes.append(f"{unknown}, so that memory is not planned")
    return None


def _size(model: str) -> ModelSize | None:
    """The size of a model whose configuration lies here and is that of a Llama-like one."""
    config = known_config(model)
    try:
        return None if config is None else ModelSize.from_config(config)
    except KeyError:
        return None
