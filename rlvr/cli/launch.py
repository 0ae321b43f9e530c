"""`rlvr launch`: start an RL run, or a base stage, from a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from base_training.errors import InputError
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
        bool,
        typer.Option("--dry-run", help="Check everything, print the resolved recipe, plan its GPUs; offline."),
    ] = False,
    gpus: Annotated[
        int | None, typer.Option(min=1, help="With --dry-run: plan for so many GPUs, not those there are.")
    ] = None,
    gpus_per_node: Annotated[
        int | None, typer.Option(min=1, help="With --dry-run: GPUs of each machine; 8 by default.")
    ] = None,
    gpu_memory: Annotated[
        float | None, typer.Option(min=1, help="With --dry-run: GiB of each GPU; what does not fit is refused.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON: one object per event, or the whole plan of a dry run.")
    ] = False,
) -> None:
    """Start a run and watch it.

    Example: [bold]rlvr launch rl_zero/math --set seed=1 --run-dir runs/math-1[/bold]

    Example: [bold]rlvr launch rl_zero/math-olmo3-7b --dry-run --gpus 72 --gpu-memory 80[/bold]
    """
    loaded = load_recipe(recipe, settings)
    if not dry_run and (gpus, gpus_per_node, gpu_memory) != (None, None, None):
        raise InputError("--gpus, --gpus-per-node and --gpu-memory plan a run: they go with --dry-run")
    if not isinstance(loaded, Recipe):
        from rlvr.cli.stage import run_stage

        run_stage(loaded, run_dir, dry_run=dry_run, json=json)
        return
    if dry_run:
        _plan(loaded, gpus, gpus_per_node, gpu_memory, json)
        return
    from rlvr.run import launch as start

    watch(start(loaded, run_dir=run_dir), json=json)


def _plan(recipe: Recipe, gpus: int | None, per_node: int | None, memory: float | None, as_json: bool) -> None:
    import json

    from rlvr.dry_run import GPUS_PER_MACHINE, Gpus, dry_run

    plan = dry_run(recipe, Gpus(gpus, per_node or GPUS_PER_MACHINE, memory))
    if as_json:
        typer.echo(json.dumps(plan.as_dict(), indent=2))
        return
    typer.echo(dump_recipe(recipe, plan.record), nl=False)
    for line in plan.describe():
        typer.echo(f"# {line}", err=True)
