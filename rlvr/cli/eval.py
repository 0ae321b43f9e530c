"""`rlvr eval`: answer suites with a model or a run's checkpoints."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base_training.errors import InputError

if TYPE_CHECKING:
    from rlvr.evaluation.record import Evaluation


def evaluate(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="CHECKPOINT_OR_RUN",
            help="A run's folder, a checkpoint's, any model's, a model's name, or a hub id.",
        ),
    ] = None,
    suites: Annotated[
        list[str] | None,
        typer.Option(
            "--suite",
            metavar="NAME",
            help="A suite, a suite's YAML file, run for the run's own held-out problems, or lm_eval/TASK; may be "
            "repeated.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many problems of each suite, always the same ones.")
    ] = None,
    step: Annotated[
        int | None, typer.Option(min=0, help="Of a run, this checkpoint; the newest one by default.")
    ] = None,
    all_steps: Annotated[
        bool, typer.Option("--all-steps", help="Of a run, what it started from and all its checkpoints.")
    ] = False,
    samples: Annotated[
        int | None, typer.Option(min=1, help="Answers to each problem, for average@k, majority@k and pass@k.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0.0, help="Of the draws; 0 takes the likeliest token.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Longest answer.")] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="chat, plain, or auto: a conversation where the model has a chat template."),
    ] = "auto",
    data: Annotated[
        Path | None, typer.Option(help="The folder of the suites' data; or set RLVR_DATA to it.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="vLLM workers; one on each GPU, or on each core but one, by default.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="float32 or bfloat16; a run's own for its checkpoints.")] = "float32",
    fresh: Annotated[bool, typer.Option("--fresh", help="Answer again what was answered before.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Show the suites that there are.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the measures as a JSON list instead of a table.")
    ] = False,
) -> None:
    """Answer suites and keep every answer; what was answered before is read again.

    Example: [bold]rlvr eval runs/math --suite run --suite gsm8k --limit 200 --json[/bold]
    """
    if show:
        _show_suites(as_json)
        return
    if target is None:
        raise InputError("say what to evaluate: rlvr eval CHECKPOINT_OR_RUN --suite NAME; --list shows the suites")
    if form not in ("auto", "chat", "plain"):
        raise InputError(f"--format {form}: choose auto, chat or plain")
    if dtype not in ("float32", "bfloat16"):
        raise InputError(f"--dtype {dtype}: choose float32 or bfloat16")
    from rlvr.cli.eval_watcher import watching
    from rlvr.evaluation import evaluate as answer
    from rlvr.evaluation.options import EvaluationOptions

    options = EvaluationOptions(
        limit=limit,
        samples=samples,
        temperature=temperature,
        max_tokens=max_tokens,
        chat={"auto": None, "chat": True, "plain": False}[form],
        data=data,
        workers=workers,
        dtype=dtype,
        fresh=fresh,
    )
    with watching() as watcher:
        found = answer(target, suites or [], step=step, all_steps=all_steps, options=options, watcher=watcher)
    if as_json:
        typer.echo(json.dumps([_row(one) for one in found], indent=2))
    else:
        _print_table(found)


def _row(one: "Evaluation") -> dict[str, Any]:
    """A record without its answers, and where they are is for `evaluations_of` to tell."""
    from base_training.run_folder import json_value

    names = ("suite", "suite_sha256", "model", "model_sha256", "step", "metric", "value", "ci95", "n", "seconds")
    row: dict[str, Any] = json_value({**{name: getattr(one, name) for name in names}, "metrics": one.metrics})
    return row


def _print_table(found: Sequence["Evaluation"]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    stepped = any(one.step is not None for one in found)
    table = Table("suite", *(["step"] if stepped else []), "metric", "value", "95% interval", "n", box=box.SIMPLE)
    for one in found:
        table.add_row(
            escape(one.suite),
            *([str(one.step)] if stepped else []),
            one.metric,
            _number(one.metric, one.value),
            "" if one.ci95 is None else " to ".join(_number(one.metric, end) for end in one.ci95),
            str(one.n),
        )
    console = Console()
    console.print(table)
    for one in found:
        further = ", ".join(f"{name} {_number(name, value)}" for name, value in one.metrics.items())
        where = f" at step {one.step}" if one.step is not None else ""
        console.print(f"[dim]{escape(one.suite)}{where}: {escape(further)}[/dim]", highlight=False)


def _number(name: str, value: float | None) -> str:
    """Shares as percentages, other measures as they are."""
    if value is None:
        return "none"
    kind = name.partition("/")[0]
    if kind in ("bits_per_byte", "tokens", "score", "verdict"):
        return f"{value:.3f}" if kind != "tokens" else f"{value:.0f}"
    return f"{value:.1%}"


def _show_suites(as_json: bool) -> None:
    from rlvr.evaluation.suites import listed

    rows = [
        *listed(),
        ("run", "the run's own held-out problems, as during its training"),
        ("lm_eval/TASK", "a task of lm-eval in its own form; needs the package lm-eval"),
        ("path/to/suite.yaml", "a suite of one's own"),
    ]
    if as_json:
        typer.echo(json.dumps([{"suite": name, "about": about} for name, about in rows], indent=2))
        return
    width = max(len(name) for name, _ in rows)
    for name, about in rows:
        print(f"{name:<{width}}  {about}", file=sys.stdout)
