"""The files that a new verifier starts from."""

import keyword
import re
from pathlib import Path
from string import Template

from rewards.errors import VerifierError

_VERIFIER = Template('''"""The verifier $name."""

from rewards.verdict import Verdict
from rewards.verifier import verifier


@verifier("$name")
class $kind:
    """Scores 1 where the last line of a response is the label. Put your own rule in its place.

    Args:
        max_chars: Longer responses score 0 unread.
    """

    def __init__(self, max_chars: int = 100_000) -> None:
        self.max_chars = max_chars

    def check_label(self, label: object) -> None:
        """Raises ValueError where a label cannot be used: its problem is at fault, not the response."""
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"the label must be a text, got {label!r}")

    def verify(self, response: str, label: str) -> Verdict:
        self.check_label(label)
        if len(response) > self.max_chars:
            return Verdict.of_correctness(False, "too_long")
        lines = response.strip().splitlines()
        if not lines:
            return Verdict.of_correctness(False, "no_answer")
        return Verdict.of_correctness(lines[-1].strip() == label.strip())
''')

_TEST = Template('''"""What $name says."""

import asyncio
from pathlib import Path

import pytest

from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier

VERIFIER = load_verifier(f"{Path(__file__).with_name('$module.py')}:$kind")


def verdict(response: str, label: object = "42") -> Verdict:
    problem = Problem("1", ({"role": "user", "content": "6 * 7 = ?"},), "$name", label)
    return asyncio.run(VERIFIER.verify(ScoreRequest(problem, response)))


@pytest.mark.parametrize(("response", "score"), [("So it is\\n42", 1.0), ("42 or so", 0.0), ("", 0.0)])
def test_scores(response: str, score: float) -> None:
    assert verdict(response).score == score


def test_a_bad_label_is_invalid() -> None:
    assert not verdict("42", None).valid
''')

_SAMPLES = """{"id": "1", "prompt": "6 * 7 = ?", "response": "So it is\\n42", "label": "42"}
{"id": "2", "prompt": "Capital of France?", "response": "Paris", "label": "Paris"}
"""


def write_template(name: str, folder: Path) -> list[Path]:
    """Writes a verifier, its tests, and samples for ``rlvr verifiers check``.

    Args:
        name: Letters, digits, ``-`` and ``_``.
        folder: Where to; it must exist.

    Returns:
        The files.

    Raises:
        VerifierError: The name is none, or a file is there already.
    """
    module = name.replace("-", "_")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", module) or keyword.iskeyword(module):
        raise VerifierError(
            f'"{name}" is no name for a verifier; use letters, digits, - and _, such as exact-date'
        )
    words = {"name": name, "module": module, "kind": "".join(word.capitalize() for word in module.split("_"))}
    files = {
        folder / f"{module}.py": _VERIFIER.substitute(words),
        folder / f"test_{module}.py": _TEST.substitute(words),
        folder / f"{module}.jsonl": _SAMPLES,
    }
    there = [str(path) for path in files if path.exists()]
    if not folder.is_dir() or there:
        reason = f"{', '.join(there)} exists already" if there else f"there is no folder {folder}"
        raise VerifierError(f"cannot write the verifier {name}: {reason}")
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return list(files)
