"""The command line: `rlvr COMMAND --help` shows an example of each."""

import sys

import typer

from base_training.errors import InputError, ProcessError
from rewards.errors import VerifierError
from rlvr.cli.compare import compare
from rlvr.cli.eval import evaluate
from rlvr.cli.judge import judge
from rlvr.cli.launch import launch
from rlvr.cli.models import models
from rlvr.cli.resume import resume
from rlvr.cli.sandbox import sandbox
from rlvr.cli.series import series
from rlvr.cli.verifiers import verifiers
from rlvr.cli.verify import verify

cli = typer.Typer(
    name="rlvr",
    help="Asynchronous reinforcement learning from verifiable rewards.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
cli.command()(launch)
cli.command()(resume)
cli.command()(verify)
cli.command("eval")(evaluate)
cli.command()(compare)
cli.add_typer(models, name="models")
cli.add_typer(series, name="series")
cli.add_typer(verifiers, name="verifiers")
cli.add_typer(judge, name="judge")
cli.add_typer(sandbox, name="sandbox")


def app() -> None:
    """Run the command line.

    What the user can mend is one message on standard error and exit code 2, a process that died or that was waited
    for in vain one message and exit code 1.
    """
    try:
        cli()
    except (InputError, VerifierError) as error:
        print(f"rlvr: {error}", file=sys.stderr)
        sys.exit(2)
    except (ProcessError, TimeoutError) as error:
        print(f"rlvr: {error}", file=sys.stderr)
        sys.exit(1)
