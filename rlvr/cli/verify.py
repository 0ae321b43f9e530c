"""``rlvr verify``: scores one response, or a file of them."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from base_training.run_folder import writing
from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.request import GroupScoreRequest
from rewards.verdict import Verdict

_REPORT_EVERY_S = 5.0


def verify(
    verifier: Annotated[
        str, typer.Option(help="A verifier's name, or path/to/file.py:NAME, or package.module:NAME.")
    ] = "math",
    response: Annotated[str | None, typer.Option(help="The response to score.")] = None,
    label: Annotated[str | None, typer.Option(help="What it is compared with, such as the gold answer.")] = None,
    prompt: Annotated[str | None, typer.Option(help="What was asked, for verifiers that look at it.")] = None,
    input: Annotated[
        Path | None,
        typer.Option(help="JSON Lines, each {id, verifier, prompt?, response, label}, instead of one response."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="JSON Lines, each {id, score, valid, reason, metrics}; standard output by default."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option(help="A setting of the verifier, as key=value; may be repeated.")
    ] = None,
    convention: Annotated[
        str, typer.Option(help="How its function is called: native, verl, trl, openrlhf, open_instruct, ...")
    ] = "native",
    scope: Annotated[
        str | None, typer.Option(help="sample or group, for a function of another system that takes lists.")
    ] = None,
    timeout_s: Annotated[float, typer.Option(min=0.01, help="Seconds that one verdict may take.")] = 5.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that verify side by side.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="The verdict, or the summary, as JSON.")] = False,
) -> None:
    """Score one response, or a file of them, as a run would.

    The exit code is 0 when every verdict is valid, whatever its score, 1 when one is not, and 2 when nothing could
    be scored. A verifier that scores all samples of a problem at once gets the rows that share the field group,
    or else the prompt and the label.

    Example: [bold]rlvr verify --verifier math --response "The answer is 42." --label 42[/bold]

    Example: [bold]rlvr verify --settings extraction=last_integer --response "3 + 4 = 7" --label 7[/bold]

    Example: [bold]rlvr verify --input samples.jsonl --output verdicts.jsonl[/bold]
    """
    section = section_of(verifier, settings, convention, scope, timeout_s, workers)
    if input is not None:
        if response is not None or label is not None or prompt is not None:
            raise VerifierError("Give either --input, or --response and --label.")
        invalid = _verify_file(input, output, section, as_json)
    elif response is None or label is None:
        raise VerifierError("Give --response and --label, or --input FILE; rlvr verify --help shows examples.")
    else:
        invalid = _verify_one(section, response, label, prompt, as_json)
    if invalid:
        raise typer.Exit(1)


def parse_settings(pairs: list[str]) -> dict[str, Any]:
    """``key=value`` pairs as a mapping; values are read as YAML, so that numbers and lists are such.

    Raises:
        VerifierError: A pair has no key or a value that is no YAML.
    """
    parsed = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise VerifierError(f'--settings {pair}: expected key=value, such as "extraction=last_integer"')
        try:
            parsed[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise VerifierError(f"--settings {pair}: the value cannot be read: {error}") from error
    return parsed


def section_of(
    target: str, settings: list[str] | None, convention: str, scope: str | None, timeout_s: float, workers: int
) -> VerifierSection:
    """The section that options of the command line describe.

    Raises:
        VerifierError: A setting is no key=value, or there is no such convention or scope.
    """
    from pydantic import ValidationError

    values = {
        "name": target,
        "settings": parse_settings(settings or []),
        "convention": convention,
        "scope": scope,
        "timeout_s": timeout_s,
        "workers": workers,
    }
    try:
        return VerifierSection.model_validate(values)
    except ValidationError as error:
        [first, *_] = error.errors()
        raise VerifierError(f"--{first['loc'][0]} {first['input']}: {first['msg']}") from error


def _verify_one(section: VerifierSection, response: str, label: str, prompt: str | None, as_json: bool) -> int:
    """Prints one verdict; returns how many are invalid."""
    from rewards.pool import VerifierPool
    from rewards.samples import verdict_row

    messages = () if prompt is None else ({"role": "user", "content": prompt},)
    problem = Problem(id="command-line", messages=messages, verifier=section.name, label=label)

    async def score() -> Verdict:
        async with VerifierPool(section) as pool:
            pool.verifier.check_label(label)
            [verdict] = await pool.score_group(GroupScoreRequest(problem, (response,), (None,)))
            return verdict

    verdict = asyncio.run(score())
    if as_json:
        typer.echo(json.dumps({key: value for key, value in verdict_row(None, verdict).items() if key != "id"}))
    else:
        told = f"score {verdict.score:g}" if verdict.valid else "no score"
        typer.echo(f"{told} ({verdict.reason})")
    return int(not verdict.valid)


@dataclass
class _Summary:
    rows: int = 0
    invalid: int = 0
    score_sum: float = 0.0
    seconds: float = 0.0

    def add(self, row: dict[str, Any]) -> None:
        self.rows += 1
        self.invalid += not row["valid"]
        self.score_sum += row["score"] or 0.0

    def as_row(self) -> dict[str, Any]:
        scored = self.rows - self.invalid
        return {
            "rows": self.rows,
            "valid": scored,
            "invalid": self.invalid,
            "mean_score": self.score_sum / scored if scored else None,
            "seconds": round(self.seconds, 3),
        }

    def as_line(self) -> str:
        row = self.as_row()
        mean = "none" if row["mean_score"] is None else f"{row['mean_score']:.4f}"
        return f"{self.rows} verdicts in {self.seconds:.1f} s: mean score {mean}, {self.invalid} invalid"


def _verify_file(source: Path, target: Path | None, section: VerifierSection, as_json: bool) -> int:
    """Writes one verdict for each row and prints a summary; returns how many are invalid."""
    from rewards.samples import SampleScorer

    if not source.is_file():
        raise VerifierError(f"--input {source}: there is no such file.")
    console = Console(stderr=True)
    summary = _Summary()
    started = time.monotonic()

    async def score() -> None:
        scorer = SampleScorer(source, section)
        try:
            with source.open("rb") as lines, _written_whole(target) as rows, _progress(source, console) as tell:
                async for row in scorer.score(lines):
                    rows.write(json.dumps(row) + "\n")
                    summary.add(row)
                    tell(summary)
        finally:
            await scorer.close()

    asyncio.run(score())
    summary.seconds = time.monotonic() - started
    if as_json:
        typer.echo(json.dumps(summary.as_row()), err=target is None)
    else:
        console.print(summary.as_line() + ("" if target is None else f" → {target}"), highlight=False)
    return summary.invalid


@contextmanager
def _written_whole(target: Path | None) -> Iterator[IO[str]]:
    """A text file that appears under its name only when it is complete."""
    if target is None:
        yield sys.stdout
        return
    partial = target.with_name(f".{target.name}.partial")
    with writing(target):
        try:
            with partial.open("w", encoding="utf-8") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def _progress(source: Path, console: Console) -> Iterator[Callable[[_Summary], None]]:
    """Shows how many rows are done: a bar on a terminal, else a line every few seconds."""
    with source.open("rb") as lines:
        total = sum(1 for line in lines if line.strip())
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("verifying", total=total)
            yield lambda summary: progress.update(task, completed=summary.rows)
        return
    last = time.monotonic()

    def tell(summary: _Summary) -> None:
        nonlocal last
        if time.monotonic() - last > _REPORT_EVERY_S:
            last = time.monotonic()
            console.print(f"{summary.rows} of {total} verified, {summary.invalid} invalid", highlight=False)

    yield tell
