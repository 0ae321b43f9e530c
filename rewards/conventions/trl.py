"""TRL's reward functions: ``f(prompts, completions, **columns)``, which return a list of numbers or None.

https://huggingface.co/docs/trl/grpo_trainer#using-a-custom-reward-function
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rewards.conventions.calling import Foreign, foreign
from rewards.conventions.lists import ListVerifier, prompt_text, with_metrics
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.registry import Scope
from rewards.result import verdicts_of
from rewards.verdict import Verdict

OFFERED = ("prompts", "completions", "log_extra", "log_metric")
NOT_THERE = ("completion_ids", "trainer_state", "environments")
"""What only TRL's trainer has; a function must do without it."""


def adapt(
    target: str, settings: Mapping[str, Any], base_path: str | Path | None, scope: Scope | None
) -> "TrlVerifier":
    """Raises `VerifierError` where the function needs what only TRL's trainer has."""
    own = dict(settings)
    chat = own.pop("chat", True)
    function = foreign(target, own, base_path, OFFERED, needed="completions")
    missing = [name for name in function.others if name in NOT_THERE]
    if missing:
        raise VerifierError(f"verifier {target} needs {', '.join(missing)}, which only TRL's trainer has")
    return TrlVerifier(function, chat, scope or function.scope)


class TrlVerifier(ListVerifier):
    """Calls the function with conversations, or with plain text where the setting ``chat`` is false.

    The problem's columns are its columns. The label is one more: it goes by the name of the one argument without a
    default that is no column, and by the name ``label`` to functions that take that.
    """

    def __init__(self, function: Foreign, chat: bool, scope: Scope) -> None:
        super().__init__(scope)
        self._function = function
        self._chat = chat

    async def verdicts(self, responses: Sequence[str], problem: Problem) -> list[Verdict]:
        """None means that the function does not apply to a sample: its verdict is invalid."""
        count = len(responses)
        metrics: dict[str, float] = {}
        columns = self._columns(problem)
        results = await self._function.call(
            {
                **{key: [value] * count for key, value in columns.items()},
                "prompts": [self._prompt(problem)] * count,
                "completions": [self._completion(response) for response in responses],
                "log_extra": lambda column, values: None,
                "log_metric": lambda metric, value: metrics.__setitem__(metric, float(value)),
            }
        )
        return with_metrics(verdicts_of(results, count), {key: [value] * count for key, value in metrics.items()})

    def _columns(self, problem: Problem) -> dict[str, Any]:
        columns = dict(problem.metadata)
        missing = [name for name in self._function.others if name not in columns]
        if len(missing) > 1:
            raise VerifierError(
                f"{', '.join(missing)} are no columns of problem {problem.id}; only one of them can be its label"
            )
        [name] = missing or ["label"]
        return {name: problem.label, **columns}

    def _prompt(self, problem: Problem) -> Any:
        return [dict(message) for message in problem.messages] if self._chat else prompt_text(problem)

    def _completion(self, response: str) -> Any:
        return [{"role": "assistant", "content": response}] if self._chat else response
