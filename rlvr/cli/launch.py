"""`rlvr launch`: start an RL run, or a base stage, from a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from rlvr.cli.watch import watch
from rlvr.recipe import Recipe, dump_recipe, load_recipe


def launch(
    recipe: Annotated[
        str, typer.Argument(help="A recipe's file, or the name of a shipped one such as rl_zero/math.")
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=VALUE", help="Override a key; may be repeated.")
    ] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Where the run is kept; runs/NAME by default.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and print the resolved recipe.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per event instead of the display.")
    ] = False,
) -> None:
    """Start a run and watch it.

    Example: [bold]rlvr launch rl_zero/math --set seed=1 --run-dir runs/math-1[/bold]
    """
    loaded = load_recipe(recipe, settings)
    if not isinstance(loaded, Recipe):
        from rlvr.cli.stage import run_stage

        run_stage(loaded, run_dir, dry_run=dry_run, json=json)
        return
    if dry_run:
        from rlvr.preflight import check_recipe

        checked = check_recipe(loaded)
        typer.echo(dump_recipe(loaded, checked.record()), nl=False)
        typer.echo(f"# {checked.describe()}", err=True)
        return
    from rlvr.run import launch as start

    watch(start(loaded, run_dir=run_dir), json=json)
