"""The recipe: the whole configuration of a run, composed of the sections that the packages own.

Reading one imports no framework, so that `rlvr launch --dry-run` answers at once and a bad key fails before
anything starts.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from base_training.config import DataSection, ModelField, Section, StageSection
from base_training.errors import InputError
from rewards.config import VerifiersField, VerifiersSection
from rlvr.config import (
    AlgorithmSection,
    ClusterSection,
    EvaluationSection,
    JudgeSection,
    LearnerSection,
    StopSection,
    TrackingSection,
)
from rlvr.inheritance import inherited
from rlvr.recipe_errors import explain
from rollouts.config import BufferSection, ProblemsSection, RolloutsSection

RECORD = "resolved_with"
"""The key of a resolved recipe that records installed versions and the data's fingerprint."""

EXTENDS = "extends"
"""The key of a recipe that names another one, whose keys hold where it has none of its own."""


class Recipe(Section):
    """An RL run."""

    name: str = Field(min_length=1, description="Names the run's folder.")
    seed: int = Field(0, ge=0)
    model: ModelField
    problems: ProblemsSection
    verifier: VerifiersField
    judge: JudgeSection | None = None
    rollouts: RolloutsSection = RolloutsSection()
    buffer: BufferSection = BufferSection()
    algorithm: AlgorithmSection = AlgorithmSection()
    learner: LearnerSection
    evaluation: EvaluationSection = EvaluationSection()
    stop: StopSection = StopSection()
    cluster: ClusterSection = ClusterSection()
    tracking: TrackingSection = TrackingSection()

    @property
    def held_out_verifier(self) -> VerifiersSection:
        """What held-out answers are scored by, whatever the run is trained on."""
        return self.evaluation.verifier or self.verifier


class StageRecipe(Section):
    """A base training stage."""

    name: str = Field(min_length=1)
    seed: int = Field(0, ge=0)
    model: ModelField
    data: DataSection
    stage: StageSection


AnyRecipe = Recipe | StageRecipe


def shipped_recipes() -> Path:
    """The folder of the recipes that come with the project, in a checkout and in an installed wheel alike."""
    installed = Path(__file__).parent / "configs"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "configs"


def find_recipe(target: str) -> Path:
    """The file that a path or a name such as ``rl_zero/math`` means.

    Raises:
        InputError: There is none; the message lists the names that exist.
    """
    candidates = [
        Path(target),
        Path(f"{target}.yaml"),
        shipped_recipes() / f"{target}.yaml",
        shipped_recipes() / target,
    ]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    known = sorted(
        str(p.relative_to(shipped_recipes()).with_suffix("")) for p in shipped_recipes().rglob("*.yaml")
    )
    raise InputError(f"no recipe {target!r}: not a file, and not one of the shipped ones ({', '.join(known)})")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping that a recipe's file holds.

    Raises:
        InputError: Not YAML, or not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: a recipe is a mapping of sections, this is a {type(content).__name__}")
    return content


def with_overrides(content: dict[str, Any], overrides: list[str]) -> dict[str, Any]:
    """A copy with each ``a.b=value`` set; values are read as YAML.

    Raises:
        InputError: An override without ``=``, or through something that is no section.
    """
    result = {key: value.copy() if isinstance(value, dict) else value for key, value in content.items()}
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key:
            raise InputError(f"--set {override}: write it as section.key=value")
        *sections, last = key.split(".")
        place = result
        for section in sections:
            inner = place.get(section, {})
            if isinstance(inner, str):
                inner = {"name": inner}
            if not isinstance(inner, dict):
                raise InputError(f"--set {override}: {section} is a value, not a section")
            place[section] = dict(inner)
            place = place[section]
        try:
            place[last] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise InputError(f"--set {override}: the value is not valid YAML") from error
    return result


def load_recipe(target: str, overrides: list[str] | None = None) -> AnyRecipe:
    """Read, override, validate; every default is filled in and relative files are made absolute.

    Args:
        target: A path, or the name of a shipped recipe.
        overrides: ``a.b=value`` each.

    Raises:
        InputError: A missing file, an unknown key (with the nearest right one), a wrong type, or
            recipes that extend each other in a circle.
    """
    path = find_recipe(target)
    content = with_overrides(_with_parents(path), overrides or [])
    content.setdefault("name", path.stem)
    return parse_recipe(content, origin=str(path), folder=path.parent)


def _with_parents(path: Path, heirs: tuple[Path, ...] = ()) -> dict[str, Any]:
    """What a file holds, on top of the recipe that it extends, which lies beside it or is found by its name."""
    if path in heirs:
        raise InputError(f"{heirs[0]}: extends goes in a circle: {', '.join(map(str, (*heirs, path)))}")
    content = _with_absolute_files(read_yaml(path), path.parent)
    parent = content.pop(EXTENDS, None)
    if parent is None:
        return content
    if not isinstance(parent, str):
        raise InputError(f"{path}: extends: expected the path or name of one recipe, got {parent!r}")
    beside = (path.parent / parent).resolve()
    content_above = _with_parents(beside if beside.is_file() else find_recipe(parent), (*heirs, path))
    content_above.pop("name", None)
    return inherited(content_above, content)


def parse_recipe(content: dict[str, Any], origin: str, folder: Path | None = None) -> AnyRecipe:
    """Validate a recipe's mapping; ``origin`` names it in errors, ``folder`` is where its relative files lie."""
    content = {key: value for key, value in content.items() if key != RECORD}
    kind: type[AnyRecipe] = StageRecipe if "stage" in content else Recipe
    try:
        return kind.model_validate(_with_absolute_files(content, folder or Path.cwd()))
    except ValidationError as error:
        raise InputError(explain(error, kind, origin)) from error


def dump_recipe(recipe: AnyRecipe, record: Mapping[str, Any] | None = None) -> str:
    """The resolved recipe as YAML: every default written out; it reads back to an equal recipe.

    Args:
        recipe: What to write.
        record: What it was resolved with, such as versions; kept for people and not read back.
    """
    content = recipe.model_dump(mode="json") | ({RECORD: dict(record)} if record else {})
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _with_absolute_files(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Files that lie beside the recipe, or else below the working folder, by their absolute paths."""

    def absolute(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: absolute(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [absolute(inner) for inner in value]
        if not isinstance(value, str) or len(value) > 1024 or "\n" in value or not ("/" in value or "." in value):
            return value
        file, colon, name = value.rpartition(":") if ".py:" in value else (value, "", "")
        for root in (folder, Path.cwd()):
            if file and (root / file).exists() and not Path(file).is_absolute():
                return f"{(root / file).resolve()}{colon}{name}"
        return value

    return {
        key: absolute(value) if key in ("model", "problems", "verifier", "judge", "evaluation", "data") else value
        for key, value in content.items()
    }
