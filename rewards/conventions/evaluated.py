"""Answers that a scorer of reasoning-gym would run as code.

Some of its scorers hand the answer to ``eval`` or to ``sympy.parse_expr``, which evaluates too. What could do more
there than compute is kept from them.
"""

import ast
import re
from collections.abc import Mapping
from typing import Any

BY_EVAL = frozenset(
    {"binary_matrix", "bitwise_arithmetic", "n_queens", "number_sorting", "spiral_matrix", "string_insertion"}
)
"""Data sets whose scorers call ``eval``, on the answer or on what their own item holds."""

BY_SYMPY = frozenset(
    {"countdown", "intermediate_integration", "polynomial_multiplication", "puzzle24", "simple_integration"}
)
"""Data sets whose scorers call ``sympy.parse_expr``."""

_HELD = ("problem", "integrand", "solution")
"""Where an item's metadata holds text that its scorer evaluates."""

_COMPUTES = (
    *(ast.Expression, ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Load, ast.Name),
    *(ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator),
)
_SYMPY_TEXT = re.compile(r"[\w\s+\-*/^().,!=]*", re.ASCII)  # Python reads full-width letters as plain ones
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FUNCTIONS = frozenset(
    {"sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "exp", "log", "ln", "sqrt", "pi"}
    | {"asin", "acos", "atan", "asinh", "acosh", "atanh", "Abs", "Integral"}
)


def runs_code(dataset: str, text: str) -> bool:
    """Whether a data set's scorer would run a text as more than arithmetic."""
    if dataset in BY_EVAL:
        return _calls(text)
    if dataset in BY_SYMPY:
        names = _NAME.findall(text)
        return _SYMPY_TEXT.fullmatch(text) is None or any(len(n) > 1 and n not in _FUNCTIONS for n in names)
    return False


def check_entry(dataset: str, entry: Mapping[str, Any]) -> None:
    """Raises ValueError where an item itself holds code that the scorer would run."""
    metadata = entry.get("metadata")
    held = [metadata.get(field) for field in _HELD] if isinstance(metadata, Mapping) else []
    for text in (entry["answer"], *held):
        if isinstance(text, str) and runs_code(dataset, text):
            raise ValueError(f"the entry holds code, where {dataset} has an expression: {text[:100]!r}")


def _calls(text: str) -> bool:
    """Whether Python would call or look up something in a text; what it cannot parse it does not run."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return not all(isinstance(node, _COMPUTES) for node in ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
