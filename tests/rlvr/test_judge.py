"""The judge that a run serves itself, and `rlvr judge serve`."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import rlvr
from base_training.errors import InputError
from rlvr.cli import cli
from rlvr.config import JudgeSection
from rlvr.judge import judge_model
from tests.rlvr.small_run import small_recipe, summary_of
from tests.rollouts.test_chat_server import SETTINGS, chat_folder


def test_a_judge_is_a_chat_model(tmp_path: Path) -> None:
    folder = chat_folder(tmp_path / "chat")
    model = judge_model(JudgeSection(model=str(folder), max_running=4), port=8123)
    assert (model.folder, model.max_running, model.port) == (str(folder), 4, 8123)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="has no chat template; a judge must be a chat model"):
        judge_model(JudgeSection(model=str(folder)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such-model",), "There is no model 'no-such-model'"),
        (("a", "--dtype", "int4"), "--dtype int4: expected"),
    ],
)
def test_what_cannot_be_served_ends_in_one_clear_message(arguments: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(cli, ["judge", "serve", *arguments])
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_judges_are_said_how_to_serve() -> None:
    result = CliRunner().invoke(cli, ["judge", "serve", "--help"])
    assert (result.exit_code, "rlvr judge serve smollm2-135m" in result.output) == (0, True)


@pytest.mark.slow
def test_a_run_serves_its_own_judge(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "judge": {"model": str(chat_folder(tmp_path / "chat")), "max_model_tokens": 4096},
        "verifier": {"name": "judge", "settings": SETTINGS},
        "learner": {"steps": 2},
    }
    run = rlvr.launch(small_recipe(tmp_path, **changes), run_dir=tmp_path / "run")
    assert run.wait(900)["status"] == "completed"
    samples = summary_of(tmp_path / "run")["samples"]
    assert samples["generated"] >= 2 * 4 * 4
    assert samples["invalid"] == 0
