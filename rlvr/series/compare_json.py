"""compare.json: a comparison for scripts."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from base_training.run_folder import json_value
from rlvr.series.arms import Arm
from rlvr.series.compare import CONFIDENCE, SEED, Comparison
from rlvr.series.load import Series
from rlvr.series.results import SuiteResults
from rlvr.series.simultaneous import RESAMPLES
from rlvr.series.verdicts import Claim


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """All of it but the answers, as JSON values; docs/compare.md tells what is where."""
    plain: dict[str, Any] = json_value(
        {
            "arms": [_arm_row(arm) for arm in comparison.arms],
            "series": [_series_row(arm, series) for arm in comparison.arms for series in arm.series],
            "recipe_differences": [asdict(row) for row in comparison.recipe_differences],
            "suites": [_suite_row(result) for result in comparison.results],
            "verdicts": [_claim_row(claim) for claim in comparison.verdicts],
            "checkpoints": [_claim_row(claim) for claim in comparison.checkpoints],
            "curves": [asdict(figure) for figure in comparison.figures],
            "notes": [*comparison.refused, *comparison.notes],
            "method": {
                "confidence": CONFIDENCE,
                "resamples": RESAMPLES,
                "seed": SEED,
                "verdicts": len(comparison.verdicts),
                "checkpoints": len(comparison.checkpoints),
                "text": comparison.method,
            },
        }
    )
    return plain


def _arm_row(arm: Arm) -> dict[str, Any]:
    return {"name": arm.name, "series": [s.name for s in arm.series], "seeds": [s.seed for s in arm.series]}


def _series_row(arm: Arm, series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "arm": arm.name,
        "path": str(series.path),
        "seed": series.seed,
        "status": series.status,
        "last_step": series.last_step,
        "checkpoints": [step for step, _ in series.checkpoints],
        "tokenizer_sha256": series.tokenizer,
    }


def _suite_row(result: SuiteResults) -> dict[str, Any]:
    evaluations = [
        {"series": name, "step": step, "value": told.value, "ci95": told.ci95, "n": told.n}
        for name, by_step in result.by_series.items()
        for step, told in sorted((step, one.evaluation) for step, one in by_step.items())
    ]
    names = {"title": result.title, "suite": result.suite, "sha256": result.sha256, "metric": result.metric}
    return {**names, "evaluations": evaluations}


def _claim_row(claim: Claim) -> Mapping[str, Any]:
    return {"text": claim.text, "better": claim.better, **asdict(claim)}
