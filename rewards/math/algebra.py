"""Whether two expressions are equal, by math-verify and sympy.

Both can hang on hostile input (integrals, towers of powers, deep nesting), so this runs only in a process that is
killed when they do. Math-verify's own time-outs are off: they are alarm signals, which raise in threads, and what
it answers after one cannot be told from "wrong". Its search for expressions within a text is left out as well: it
would find a right one within rubbish.
"""

import logging
from functools import lru_cache
from typing import Any


class UnreadableError(ValueError):
    """The answer is no expression that algebra can deal with."""


def same_by_algebra(gold: str, answer: str) -> bool:
    """Compares two normalised expressions.

    Raises:
        UnreadableError: The answer is no expression.
    """
    from math_verify import verify

    for name in ("math_verify.parser", "math_verify.grader"):
        logging.getLogger(name).setLevel(logging.ERROR)  # else each warns that its time-outs are off
    try:
        expected = _parsed_gold(gold)
    except UnreadableError:
        return False
    return bool(verify(expected, _parsed_answer(answer), allow_set_relation_comp=True, timeout_seconds=None))


def warm_up() -> None:
    """Imports sympy and builds the parser's tables, which takes seconds the first time."""
    same_by_algebra("(x+1)^2", "x^2+2x+1")


def _parsed(text: str) -> Any:
    """The sympy object that a text in LaTeX is as a whole."""
    from latex2sympy2_extended.latex2sympy2 import NormalizationConfig, latex2sympy, normalize_latex
    from math_verify.grader import should_treat_as_complex

    config = NormalizationConfig(units=True, malformed_operators=True, nits=True, boxed="none")
    try:
        latex = normalize_latex(text, config)
        is_real = not should_treat_as_complex(latex)
        return latex2sympy(latex, is_real=is_real, convert_degrees=False, normalization_config=None)
    except MemoryError:
        raise
    except Exception as error:  # whatever a parser raises on it, the text is to blame
        raise UnreadableError(f"no expression: {text[:100]!r}") from error


_parsed_gold = lru_cache(maxsize=4096)(_parsed)
_parsed_answer = lru_cache(maxsize=256)(_parsed)  # the samples of a problem often share it
