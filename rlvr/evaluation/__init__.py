"""Evaluation: `evaluate` answers suites with a model or the checkpoints of a run."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlvr.evaluation.answering import evaluate

__all__ = ["evaluate"]


def __getattr__(name: str) -> Any:
    if name == "evaluate":
        from rlvr.evaluation.answering import evaluate

        return evaluate
    raise AttributeError(f"module 'rlvr.evaluation' has no attribute {name!r}")
