"""`rlvr series`: the checkpoints of a run: list them, name milestones, thin them out, hand one on."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rlvr.series.inventory import Entry

series = typer.Typer(help="List, tag, prune and export the checkpoints of a run.", no_args_is_help=True)

RunArgument = Annotated[Path, typer.Argument(help="A run's folder, such as runs/math.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The result as JSON.")]


@series.command("list")
def list_checkpoints(run: RunArgument, as_json: JsonOption = False) -> None:
    """Show every checkpoint with its size, its tags and what it was measured at.

    Example: [bold]rlvr series list runs/math[/bold]
    """
    from rlvr.series.inventory import inventory

    entries = inventory(run)
    if as_json:
        typer.echo(json.dumps([_row(entry) for entry in entries], indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("step", "size", "tags", "evaluations")
    for entry in entries:
        table.add_row(str(entry.step), _size(entry.size), Text(_names(entry)), Text(_evaluations(entry)))
    Console().print(table if entries else f"{run} has no whole checkpoint yet")


@series.command("tag")
def tag(
    run: RunArgument,
    which: Annotated[str, typer.Argument(metavar="STEP", help="A step, another tag, last, or best.")],
    name: Annotated[str, typer.Argument(help="The milestone's name.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the name away instead.")] = False,
) -> None:
    """Name a milestone. What is tagged is never pruned, nor dropped by the run itself.

    Example: [bold]rlvr series tag runs/math best release-1[/bold]
    """
    from rlvr.series.inventory import find_entry, run_series
    from rlvr.series.tags import remove_tag, write_tag

    entry, folder = find_entry(run, which), run_series(run).path
    if remove:
        remove_tag(folder, name, entry.step)
        typer.echo(f"step {entry.step} is no longer {name}")
    else:
        write_tag(folder, name, entry.step)
        typer.echo(f"step {entry.step} is {name}")


@series.command("prune")
def prune(
    run: RunArgument,
    keep_every: Annotated[
        int | None, typer.Option(min=1, help="Keep those whose step is a multiple of this.")
    ] = None,
    keep_last: Annotated[int, typer.Option(min=1, help="Keep so many of the newest.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete checkpoints: all but the tagged ones, the best by the held-out measure, the last, and every N-th.

    Evaluations, metrics and rollouts stay.

    Example: [bold]rlvr series prune runs/math --keep-every 100 --dry-run[/bold]
    """
    from rlvr.series.retention import decide
    from rlvr.series.retention import prune as delete

    decisions = decide(run, keep_every, keep_last)
    freed = sum(one.entry.size for one in decisions if not one.stays) if dry_run else delete(decisions)
    if as_json:
        rows = [
            {"step": one.entry.step, "bytes": one.entry.size, "kept_as": list(one.reasons)} for one in decisions
        ]
        typer.echo(json.dumps({"dry_run": dry_run, "freed_bytes": freed, "checkpoints": rows}, indent=2))
        return
    gone = "would go" if dry_run else "deleted"
    for one in decisions:
        fate = f"stays: {', '.join(one.reasons)}" if one.stays else gone
        typer.echo(f"step {one.entry.step:>6}  {_size(one.entry.size):>9}  {fate}")
    typer.echo(f"{'would free' if dry_run else 'freed'} {_size(freed)}")


@series.command("export")
def export(
    run: RunArgument,
    out: Annotated[Path, typer.Argument(help="The folder to write; it must not exist.")],
    which: Annotated[str, typer.Option("--checkpoint", help="A step, a tag, last, or best.")] = "last",
    as_json: JsonOption = False,
) -> None:
    """Write a checkpoint as a folder that transformers and vLLM load, with a model card made from its lineage.

    Example: [bold]rlvr series export runs/math exported/math --checkpoint best[/bold]
    """
    from rlvr.series.export import export as write
    from rlvr.series.inventory import find_entry

    entry = find_entry(run, which)
    folder = write(run, which, out)
    if as_json:
        typer.echo(json.dumps({"folder": str(folder), "step": entry.step}))
    else:
        typer.echo(f"step {entry.step} stands in {folder}")


def _row(entry: "Entry") -> dict[str, Any]:
    return {
        "step": entry.step,
        "path": str(entry.path),
        "bytes": entry.size,
        "tags": list(entry.tags),
        "best": entry.is_best,
        "last": entry.is_last,
        "evaluations": [
            {"suite": one.suite, "metric": one.metric, "value": one.value, "ci95": one.ci95, "n": one.n}
            for one in entry.evaluations
        ],
    }


def _names(entry: "Entry") -> str:
    return ", ".join([*entry.tags, *(["best"] if entry.is_best else []), *(["last"] if entry.is_last else [])])


def _evaluations(entry: "Entry") -> str:
    from rlvr.series.visible import visible

    told = [f"{one.suite} {_value(one.value, one.metric)} (n = {one.n})" for one in entry.evaluations]
    return visible("; ".join(told) or "none")


def _value(value: float | None, metric: str) -> str:
    from rlvr.series.outcomes import is_share

    if value is None:
        return "no verdict"
    return f"{value:.1%}" if is_share(metric) else f"{value:.4g} {metric}"


def _size(size: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} B"
