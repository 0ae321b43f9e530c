"""Compares series of checkpoints: which is better, how surely, and how their recipes differ."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from base_training.errors import InputError
from base_training.run_folder import write_atomically
from rlvr.series.arms import Arm, RecipeDifference, arms_of, recipe_differences, repeated_seeds
from rlvr.series.curves import Figure
from rlvr.series.load import Series, distinct_names, load_series
from rlvr.series.results import SuiteResults, suite_results
from rlvr.series.simultaneous import RESAMPLES
from rlvr.series.suite_curves import suite_figures
from rlvr.series.training_curves import training_figures
from rlvr.series.verdicts import Claim, by_checkpoint, verdicts

if TYPE_CHECKING:
    from rlvr.evaluation.options import Watcher

SEED = 0
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that a comparison came to.

    Attributes:
        arms: Series by recipe.
        results: What was measured, by suite.
        verdicts: Gains and last differences; their intervals hold all together.
        checkpoints: Differences checkpoint by checkpoint; theirs hold together too.
        figures: Learning curves.
        recipe_differences: Settings that are not the same in all arms.
        notes: What is missing, broken or not comparable, one sentence each.
        refused: Messages about what was named and could not be read at all.
    """

    arms: tuple[Arm, ...]
    results: tuple[SuiteResults, ...]
    verdicts: tuple[Claim, ...]
    checkpoints: tuple[Claim, ...]
    figures: tuple[Figure, ...]
    recipe_differences: tuple[RecipeDifference, ...]
    notes: tuple[str, ...]
    refused: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """How the intervals were made, in words."""
        return " ".join(_method(self))


def compare(
    paths: Sequence[str | Path],
    suites: Sequence[str] = (),
    *,
    limit: int | None = None,
    watcher: "Watcher | None" = None,
) -> Comparison:
    """Compare runs, checkpoints and models.

    Args:
        paths: Runs' folders, checkpoints, or models' folders.
        suites: What to compare on; what is missing is evaluated, at all checkpoints. By default the evaluations
            that are there, and no engine is started.
        limit: At most so many problems of each suite.
        watcher: Is told how evaluations go.

    Raises:
        InputError: None of the paths can be read, or a suite or model cannot be used.
    """
    given = list(dict.fromkeys(Path(path).expanduser().resolve() for path in paths))
    loaded: list[Series] = []
    refused: list[str] = []
    for path, name in zip(given, distinct_names(given), strict=True):
        try:
            series = load_series(path, name)
        except InputError as error:
            refused.append(str(error))
            continue
        if all(series.path != other.path for other in loaded):
            loaded.append(series)
    if not loaded:
        raise InputError("\n".join(refused))
    names: set[str] = set()
    if suites:
        evaluated = [_evaluated(series, suites, limit, watcher) for series in loaded]
        loaded = [series for series, _ in evaluated]
        names = {name for _, asked in evaluated for name in asked}
    return replace(comparison_of(loaded, sorted(names)), refused=tuple(refused))


def comparison_of(series: Sequence[Series], suites: Sequence[str] = ()) -> Comparison:
    """Compare series that were read.

    Args:
        series: With names of their own.
        suites: Only these; all by default.
    """
    arms = arms_of(series)
    results, mismatches = suite_results(series, suites)
    figures = [figure for result in results for figure in suite_figures(arms, result)] + training_figures(arms)
    return Comparison(
        arms=tuple(arms),
        results=tuple(results),
        verdicts=tuple(verdicts(arms, results, SEED)),
        checkpoints=tuple(by_checkpoint(arms, results, SEED)),
        figures=tuple(_drawn(figures)),
        recipe_differences=tuple(recipe_differences(arms)),
        notes=(*(note for one in series for note in one.notes), *mismatches, *_cautions(arms)),
    )


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write ``compare.json``, ``index.html`` and a PNG of every figure.

    Returns:
        The page.

    Raises:
        InputError: The folder cannot be written.
    """
    from rlvr.series.compare_json import comparison_json
    from rlvr.series.page import page
    from rlvr.series.pictures import colours_of, figure_png

    colours = colours_of([arm.name for arm in comparison.arms])
    for figure in comparison.figures:
        write_atomically(folder / f"{figure.key}.png", figure_png(figure, colours))
    write_atomically(
        folder / "compare.json",
        json.dumps(comparison_json(comparison), indent=1, allow_nan=False, default=str) + "\n",
    )
    write_atomically(folder / "index.html", page(comparison))
    return folder / "index.html"


def _evaluated(
    series: Series, suites: Sequence[str], limit: int | None, watcher: "Watcher | None"
) -> tuple[Series, list[str]]:
    """The series with these suites answered, and what they are called."""
    from rlvr.evaluation import evaluate

    whole_run = series.recipe is not None and (series.path / "recipe.yaml").is_file()
    made = evaluate(series.path, suites, limit, all_steps=whole_run, watcher=watcher)
    return replace(series, evaluations=tuple(made)), [evaluation.suite for evaluation in made]


def _drawn(figures: Sequence[Figure]) -> list[Figure]:
    """Those with something to draw, each with a key of its own."""
    drawn: dict[str, Figure] = {}
    for figure in figures:
        lines = tuple(line for line in figure.lines if len(line.y))
        if lines:
            key, number = figure.key, 1
            while key.lower() in drawn:
                number += 1
                key = f"{figure.key}-{number}"
            drawn[key.lower()] = replace(figure, key=key, lines=lines)
    return list(drawn.values())


def _cautions(arms: Sequence[Arm]) -> list[str]:
    cautions = [
        f"{arm.name}: seed {', '.join(map(str, seeds))} stands in more than one run, which then say less than "
        "independent ones"
        for arm in arms
        if (seeds := repeated_seeds(arm))
    ]
    tokenizers: dict[str, list[str]] = {}
    for series in (series for arm in arms for series in arm.series if series.tokenizer is not None):
        tokenizers.setdefault(str(series.tokenizer), []).append(series.name)
    if len(tokenizers) > 1:
        groups = "; ".join(", ".join(names) for names in tokenizers.values())
        cautions.append(
            f"The series have different tokenizers ({groups}): right answers are compared, but lengths in tokens, "
            "entropy and KL per token do not mean the same"
        )
    return cautions


def _method(comparison: Comparison) -> list[str]:
    text = [
        "Differences are paired: both sides answered the same problems; several answers to one count together.",
        f"The {CONFIDENCE:.0%} intervals of the {len(comparison.verdicts)} verdicts hold all together, and so do "
        f"those of the {len(comparison.checkpoints)} comparisons checkpoint by checkpoint: balanced simultaneous "
        f"bootstrap intervals (Beran 1988; {RESAMPLES:,} resamples of whole problems, seed {SEED}), with two "
        "imaginary problems that flip one each way (after Bonett & Price 2012).",
    ]
    if any(len(arm.series) > 1 for arm in comparison.arms):
        text.append(
            "Runs that differ in the seed alone are replicates; the variance between them, pooled over arms, "
            "is added (Satterthwaite 1946)."
        )
    else:
        text.append("With one seed each, verdicts are about these checkpoints; other seeds may differ.")
    return text
