"""``rlvr verifiers``: list what there is, start a new one, try one out, serve some over HTTP."""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rewards.errors import VerifierError
from rlvr.cli.verify import section_of

if TYPE_CHECKING:
    from rewards.check import CheckReport
    from rewards.config import VerifierSection

TOKEN_VARIABLE = "RLVR_VERIFIER_TOKEN"

verifiers = typer.Typer(
    help="List verifiers, start one of your own, try one out, or serve some.", no_args_is_help=True
)

SettingsOption = Annotated[
    list[str] | None, typer.Option(help="A setting of the verifier, as key=value; may be repeated.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="The result as JSON.")]


@verifiers.command("list")
def list_verifiers(as_json: JsonOption = False) -> None:
    """Show every verifier that can be named without a path, and where it comes from.

    Any function in a file or module works too, as path/to/file.py:NAME or package.module:NAME.

    Example: [bold]rlvr verifiers list --json[/bold]
    """
    from rewards.listing import listed

    rows = listed()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "scope", "settings", "source")
    for row in rows:
        table.add_row(row["name"], row["scope"], ", ".join(row["settings"]), row["source"])
    Console().print(table)


@verifiers.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What recipes will call it.")],
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path("."),
) -> None:
    """Write a verifier to start from, with its tests and samples to check it with.

    Example: [bold]rlvr verifiers new exact-date[/bold]
    """
    from rewards.template import write_template

    written = write_template(name, folder)
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Try it: rlvr verifiers check {written[0]}:{name} --samples {written[-1]}")


@verifiers.command("check")
def check(
    target: Annotated[
        str, typer.Argument(help="A verifier's name, or path/to/file.py:NAME, or package.module:NAME.")
    ],
    samples: Annotated[
        Path, typer.Option(help="JSON Lines of right answers, each {id, prompt?, response, label}.")
    ],
    settings: SettingsOption = None,
    convention: Annotated[str, typer.Option(help="How its function is called: native, verl, trl, ...")] = "native",
    scope: Annotated[str | None, typer.Option(help="sample or group, for a function that takes lists.")] = None,
    timeout_s: Annotated[float, typer.Option(min=0.01, help="Seconds that one verdict may take.")] = 5.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that verify side by side.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Try out a verifier before a run trusts it.

    Right answers must score and garbage must not; empty, huge and hostile responses must come back with a valid
    verdict and without reward; the same input must score the same in another process; labels that cannot be used
    must become invalid verdicts. The exit code is 1 where one of these fails.

    Example: [bold]rlvr verifiers check my_verifiers.py:polite --samples samples.jsonl[/bold]
    """
    from rewards.check import check as tried_out
    from rewards.samples import read_samples

    section = section_of(target, settings, convention, scope, timeout_s, workers)
    requests = read_samples(samples, target)
    report = asyncio.run(tried_out(section, requests, say=lambda what: typer.echo(f"trying {what}", err=True)))
    if as_json:
        typer.echo(json.dumps(_as_row(report), indent=2))
    else:
        _print_report(report)
    if not report.passed:
        raise typer.Exit(1)


@verifiers.command("serve")
def serve(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Verifiers to serve, or a YAML file of names and sections; requests choose by name, the first is "
            "the default."
        ),
    ],
    host: Annotated[
        str, typer.Option(help="The address to listen on; others than this machine's own need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that verify side by side, for each verifier.")
    ] = 1,
    settings: SettingsOption = None,
    convention: Annotated[str, typer.Option(help="How its function is called: native, verl, trl, ...")] = "native",
    timeout_s: Annotated[float, typer.Option(min=0.01, help="Seconds that one verdict may take.")] = 5.0,
    waiting: Annotated[
        int, typer.Option(min=1, help="Responses that may wait before requests are turned away.")
    ] = 4096,
    max_body_mib: Annotated[int, typer.Option(min=1, help="Largest body of a request, in MiB.")] = 32,
    without_token: Annotated[
        bool, typer.Option("--without-token", help="Serve the network without a token.")
    ] = False,
) -> None:
    """Serve verifiers over HTTP: POST /verify, /verify/batch, /verify/group, /openrlhf; GET /health, /metrics.

    /verify answers NeMo Gym's requests too. The environment variable RLVR_VERIFIER_TOKEN holds the bearer token
    that requests must bring, where it is set.

    A file gives each verifier settings of its own, under the name that requests know it by:
    gsm8k: {name: math, settings: {extraction: hashes}}

    Example: [bold]rlvr verifiers serve math --workers 2[/bold]
    """
    try:
        from rewards.server.app import Limits
        from rewards.server.run import LOOPBACK
        from rewards.server.run import serve as run
    except ImportError as error:
        raise VerifierError(
            f"serving verifiers needs more packages ({error}): pip install 'rlvr[serve]'"
        ) from error
    token = os.environ.get(TOKEN_VARIABLE) or None
    if host not in LOOPBACK and token is None and not without_token:
        raise VerifierError(
            f"--host {host} lets the network in: set {TOKEN_VARIABLE} to a token that requests must bring, or say "
            "--without-token"
        )
    sections: dict[str, VerifierSection] = {}
    for name in names:
        if name.endswith((".yaml", ".yml")):
            sections |= _sections_in(Path(name))
        else:
            sections[name] = section_of(name, settings, convention, None, timeout_s, workers)
    limits = Limits(waiting, max_body_mib * 2**20, token)
    run(sections, host, port, limits, lambda address: typer.echo(f"serving {', '.join(sections)} at {address}"))


def _sections_in(path: Path) -> dict[str, "VerifierSection"]:
    """The verifiers of a file by the names that requests know them by.

    Raises:
        VerifierError: It cannot be read, or holds something else.
    """
    import yaml
    from pydantic import TypeAdapter, ValidationError

    from rewards.config import VerifierField

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        named: dict[str, VerifierSection] = TypeAdapter(dict[str, VerifierField]).validate_python(content)
    except OSError as error:
        raise VerifierError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise VerifierError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise VerifierError(f"{path}: {where}: {first['msg']}; expected names and verifiers' sections") from error
    if not named:
        raise VerifierError(f"{path} names no verifier; expected such as gsm8k: {{name: math, settings: {{...}}}}")
    return named


def _as_row(report: "CheckReport") -> dict[str, Any]:
    return {
        "verifier": report.verifier,
        "passed": report.passed,
        "verdicts_per_s": round(report.per_s, 1),
        "worst_s": round(report.worst_s, 3),
        "worst": report.worst,
        "findings": [
            {"name": one.name, "passed": one.passed, "tried": one.tried, "failures": list(one.failures)}
            for one in report.findings
        ],
    }


def _print_report(report: "CheckReport") -> None:
    for one in report.findings:
        typer.echo(f"{'ok  ' if one.passed else 'FAIL'} {one.name} ({one.tried} tried)")
        for failure in one.failures:
            typer.echo(f"       {failure}")
    typer.echo(f"{report.per_s:,.0f} verdicts/s; longest {report.worst_s:.2f} s, on {report.worst}")
