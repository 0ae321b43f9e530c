"""Suites by name. A new one is one file here, or one function in a file, and one line below."""

from rlvr.evaluation.suites import (
    choice,
    code,
    easy,
    instructions,
    long_context,
    math,
    reasoning,
    tool_calls,
)
from rlvr.evaluation.suites.registry import Options, build_suite, listed, suite

__all__ = [
    "Options",
    "build_suite",
    "choice",
    "code",
    "easy",
    "instructions",
    "listed",
    "long_context",
    "math",
    "reasoning",
    "suite",
    "tool_calls",
]
