"""`rlvr compare`: which series of checkpoints is better, by how much, and how surely."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rlvr.series.compare import Comparison


def compare(
    runs: Annotated[
        list[str], typer.Argument(help="Folders of runs; or of checkpoints, or of models to compare them with.")
    ],
    suites: Annotated[
        list[str] | None,
        typer.Option("--suite", help="Evaluate what is missing of this suite; may be repeated. See rlvr eval."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many problems of each suite.")] = None,
    out: Annotated[Path, typer.Option(help="Where compare.json, index.html and the pictures go.")] = Path(
        "runs/compare"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print compare.json instead of the verdicts.")] = False,
) -> None:
    """Compare runs checkpoint by checkpoint and as a whole, in words, numbers and curves.

    Without --suite it compares by the evaluations that the runs made themselves, and starts no engine. Runs whose
    recipes differ in the seed alone count as replicates. The exit code is 1 where something named cannot be read;
    the rest is compared all the same.

    Example: [bold]rlvr compare runs/math runs/control --out runs/compare[/bold]

    Example: [bold]rlvr compare runs/math runs/control --suite gsm8k --limit 200[/bold]
    """
    # numpy alone would take a thread for each core, and collapse where other processes use them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from rich.console import Console

    from rlvr.series.compare import compare as compared
    from rlvr.series.compare import write_comparison

    if suites:
        from rlvr.cli.eval_watcher import watching

        with watching() as watcher:
            comparison = compared(runs, suites, limit=limit, watcher=watcher)
    else:
        with Console(stderr=True).status("comparing"):
            comparison = compared(runs)
    with Console(stderr=True).status("writing the page"):
        page = write_comparison(comparison, out)
    if as_json:
        typer.echo((out / "compare.json").read_text(encoding="utf-8"), nl=False)
    else:
        _print(comparison, page)
    for message in comparison.refused:
        typer.echo(f"rlvr: {message}", err=True)
    if comparison.refused:
        raise typer.Exit(1)


def _print(comparison: "Comparison", page: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    from rlvr.series.visible import visible

    console = Console(highlight=False)
    for note in comparison.notes:
        console.print(Text(f"! {visible(note)}", "yellow"), soft_wrap=True)
    for claim in comparison.verdicts:
        console.print(Text(visible(claim.text), "bold" if claim.better else ""), soft_wrap=True)
    if not comparison.verdicts:
        console.print("nothing to judge: no suite was evaluated at two checkpoints or on two sides")
    for row in comparison.recipe_differences:
        values = ", ".join(f"{arm}: {value}" for arm, value in row.values.items())
        console.print(Text(visible(f"{row.key}  {values}"), "dim"), soft_wrap=True)
    console.print(Text(str(page), "dim"), soft_wrap=True)
