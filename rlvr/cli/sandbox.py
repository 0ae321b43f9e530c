"""`rlvr sandbox`: what confines the code that a verifier runs."""

from typing import Annotated

import typer

sandbox = typer.Typer(help="Look after the sandbox in which code is run.", no_args_is_help=True)


@sandbox.callback()
def _group() -> None:
    """Look after the sandbox in which code is run."""


@sandbox.command()
def doctor(
    isolation: Annotated[
        str, typer.Option(help="Try this kind: namespaces, user-namespaces, bubblewrap or none.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Try which isolation works here, attack it, and tell how fast it is.

    The exit code is 0 where every attack was stopped, and 1 where one was not or where no isolation works.

    Example: [bold]rlvr sandbox doctor --json[/bold]
    """
    from rewards.sandbox.doctor import diagnose

    diagnosis = diagnose(isolation)
    if as_json:
        import json

        typer.echo(json.dumps(diagnosis.as_row(), indent=2))
    else:
        typer.echo(f"isolation: {diagnosis.isolation or 'none works here; code is not run'}")
        if diagnosis.isolation is not None:
            typer.echo(f"control group: {'yes' if diagnosis.cgroup else 'no; one process and no threads instead'}")
            typer.echo(f"an empty execution: {diagnosis.milliseconds} ms")
        for name, stopped in diagnosis.attacks.items():
            typer.echo(f"  {'stopped' if stopped else 'NOT STOPPED'}: {name}")
        for kind, reason in diagnosis.unavailable.items():
            typer.echo(f"  not here: {kind} ({reason})")
    if not diagnosis.is_safe:
        raise typer.Exit(1)
