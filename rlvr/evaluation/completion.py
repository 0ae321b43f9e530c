"""The verifier of code that completes what its problem began."""

from collections.abc import Mapping
from typing import Any

from rewards.code.extract import extract_code
from rewards.code.verifier import CodeVerifier
from rewards.thinking import after_thinking
from rewards.verdict import Verdict

_FENCE = "~" * 12


class CompletionVerifier(CodeVerifier):
    """Runs a problem's beginning and the response that goes on from it, as HumanEval's own scorer does.

    The column ``prefix`` is the beginning. Where the column ``continues`` is true the response goes on right after
    it, up to the first fence; else the response's code block stands below it, and may define the function anew.
    Settings are those of the verifier ``code``.
    """

    def verify(  # type: ignore[override]
        self, response: str, label: Mapping[str, Any], prefix: str, continues: bool
    ) -> Verdict:
        """Runs the tests on both together."""
        if continues:
            code: str | None = response.partition("```")[0]
        else:
            answer = after_thinking(response)
            written = None if answer is None else extract_code(answer, label.get("entry_point"))
            code = None if written is None else f"\n\n{written}"
        if code is None:
            return Verdict.of_correctness(False, "no_answer")
        return super().verify(f"{_FENCE}python\n{prefix}{code}\n{_FENCE}\n", label)
