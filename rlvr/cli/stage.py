"""`rlvr launch` of a base stage: pretrain, with its progress on one line after another."""

import json as json_format
from pathlib import Path

import typer

from rlvr.recipe import StageRecipe, dump_recipe


def run_stage(recipe: StageRecipe, out: Path | None, *, dry_run: bool, json: bool) -> None:
    """Make the model of a pretraining recipe, in ``out`` or where runs look for it.

    Raises:
        InputError: The recipe's model or data cannot be used, or the folder exists.
    """
    if dry_run:
        typer.echo(dump_recipe(recipe), nl=False)
        return
    from base_training.errors import InputError
    from rlvr.base_model import base_folder, pretrain_base
    from rlvr.environment import check_environment, quiet_libraries

    check_environment()
    quiet_libraries(hub_id=False)
    folder = (out or base_folder(recipe)).resolve()
    if folder.exists():
        raise InputError(f"{folder} exists already; remove it to make it anew, or choose another --run-dir")
    show = (lambda text: typer.echo(json_format.dumps({"event": "status", "text": text}))) if json else typer.echo
    pretrain_base(recipe, folder, show)
    typer.echo(json_format.dumps({"event": "ended", "folder": str(folder)}) if json else f"done: {folder}")
