import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rlvr.cli.models import models


def run(*arguments: str) -> str:
    result = CliRunner().invoke(models, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_list_as_json_has_presets_and_models_to_fetch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path))
    rows = {row["name"]: row for row in json.loads(run("list", "--json"))}
    assert list(rows) == ["olmo3-nano", "olmo3-micro", "olmo3-7b", "olmo3-32b", "smollm2-135m"]
    assert rows["olmo3-7b"]["parameters"] == 7_298_011_136
    assert rows["smollm2-135m"]["licence"] == "Apache-2.0"
    assert rows["smollm2-135m"]["folder"] is None


def test_the_list_says_where_a_fetched_model_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path))
    folder = tmp_path / "models" / "smollm2-135m"
    folder.mkdir(parents=True)
    assert json.loads(run("list", "--json"))[-1]["folder"] == str(folder)
    assert f"smollm2-135m lies in {folder}" in run("list")


def test_fetching_what_is_there_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path))
    folder = tmp_path / "models" / "smollm2-135m"
    folder.mkdir(parents=True)
    assert run("fetch", "smollm2-135m") == f"smollm2-135m is there already: {folder}\n"


@pytest.mark.parametrize("command", ["list", "fetch"])
def test_help_shows_an_example(command: str) -> None:
    assert f"Example: rlvr models {command}" in run(command, "--help")
