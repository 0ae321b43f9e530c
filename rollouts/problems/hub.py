"""Problems from a Hugging Face data set: by its hub id, or from a local folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from base_training.errors import InputError
from rollouts.problems.fields import Fields, question_from_row
from rollouts.problems.question import Question
from rollouts.problems.registry import source


class HubSettings(Fields):
    """Which data set, and which column is what; the id is the split and the row's number by default."""

    path: str = Field(description="A hub id such as openai/gsm8k, or a local folder.")
    name: str | None = Field(None, description="The configuration of the data set, such as main.")
    split: str = "train"
    revision: str | None = Field(None, description="A commit or tag of the data set, so that it never changes.")

    def is_local(self, base_path: Path) -> bool:
        """Whether it is read without a network."""
        return (base_path / self.path).is_dir()


@source("hub", HubSettings, generated=False)
def hub(settings: HubSettings, base_path: Path) -> Iterator[Question]:
    """One problem a row of the split."""
    for number, row in enumerate(_rows(settings, base_path)):
        name = f"{settings.split}:{number}"
        yield question_from_row(row, f"{settings.path} {name}", default_id=name, fields=settings)


def _rows(settings: HubSettings, base_path: Path) -> Any:
    try:
        import datasets
    except ImportError as error:
        raise InputError(
            "problems.source: hub needs the datasets library, which is not installed; `pip install datasets`, "
            "or export the data to JSON lines and use the source jsonl"
        ) from error
    folder = base_path / settings.path
    try:
        if (folder / "dataset_dict.json").is_file():
            return datasets.load_from_disk(str(folder))[settings.split]
        if (folder / "state.json").is_file():
            return datasets.load_from_disk(str(folder))
        place = str(folder) if settings.is_local(base_path) else settings.path
        return datasets.load_dataset(place, settings.name, split=settings.split, revision=settings.revision)
    except (OSError, ValueError, KeyError, datasets.exceptions.DatasetsError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"problems.source: cannot load the data set {settings.path!r} (name {settings.name}, split "
            f"{settings.split}): {reason}; give a local folder, or see that the hub can be reached"
        ) from error
