"""`rlvr resume`: go on with an interrupted run."""

from pathlib import Path
from typing import Annotated

import typer

from rlvr.cli.watch import watch


def resume(
    run: Annotated[Path, typer.Argument(help="The run's folder.")],
    steps: Annotated[int | None, typer.Option(min=1, help="Go on to so many steps in all.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per event instead of the display.")
    ] = False,
) -> None:
    """Go on from a run's last checkpoint.

    Metrics and rollouts that came after it are dropped; problems that were in flight are issued again.

    Example: [bold]rlvr resume runs/quickstart[/bold]
    """
    from rlvr.run import resume as start

    watch(start(run, steps=steps), json=json)
