"""The built-in verifier ``code``: does the response's code pass its tests?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rewards.code.extract import extract_code
from rewards.code.label import CodeLabel, read_label
from rewards.code.output import same_output
from rewards.registry import verifier
from rewards.sandbox.limits import Limits
from rewards.sandbox.sandbox import Execution, Sandbox
from rewards.thinking import THINK_TAGS, after_thinking
from rewards.verdict import Verdict

GUEST = "rewards.code.harness:main"

Reward = Literal["all", "share"]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Of one test: it passed where there is no reason."""

    reason: str


class _InvalidError(Exception):
    """The label's tests failed by themselves."""


@verifier("code")
class CodeVerifier:
    """Runs the code of a response in the sandbox, against tests or as a program with given input and output.

    It runs in a worker process of the pool, which has a sandbox of its own. The sandbox alone would confine the
    code, but not the reading of a hostile response beside it, and a worker that is killed takes its sandbox along;
    so ``workers`` of the recipe are also the executions side by side.

    Args:
        reward: ``"all"``: 1 where every test passes, else 0. ``"share"``: the share of tests that pass.
        isolation: ``"auto"``, or one of `rewards.sandbox.isolation.KINDS`.
        timeout_s: Seconds for each test, and for loading the code.
        total_timeout_s: Seconds for all tests together; keep it below the recipe's ``verifier.timeout_s``.
        memory_mb: Memory that the code may take, in MiB.
        processes: Processes and threads that it may have; without a control group it has 1.
        output_mb: The most that it may print or return at once, in MiB.
        thinking: Opening and closing tag of the model's thinking blocks, in which nothing counts; None for none.
        starts_thinking: Whether the prompt's template has already opened such a block.
        max_chars: Longer responses score 0 unread.
        max_code_chars: Longer code scores 0 unread.
    """

    def __init__(
        self,
        *,
        reward: Reward = "all",
        isolation: str = "auto",
        timeout_s: float = 2.0,
        total_timeout_s: float = 4.0,
        memory_mb: int = 512,
        processes: int = 16,
        output_mb: int = 8,
        thinking: Sequence[str] | None = THINK_TAGS,
        starts_thinking: bool = False,
        max_chars: int = 400_000,
        max_code_chars: int = 100_000,
    ) -> None:
        if reward not in ("all", "share"):
            raise ValueError(f'reward must be "all" or "share", got {reward!r}')
        self._stop_at_failure = reward == "all"
        self._timeout_s = timeout_s
        self._limits = Limits(
            wall_s=total_timeout_s,
            cpu_s=total_timeout_s,
            memory_mb=memory_mb,
            processes=processes,
            output_mb=output_mb,
        )
        self._sandbox = Sandbox(GUEST, isolation, self._limits)
        self._thinking = _tags(thinking)
        self._starts_thinking = starts_thinking
        self._max_chars = max_chars
        self._max_code_chars = max_code_chars

    def check_label(self, label: Any) -> None:
        """Raises ValueError where the label holds no tests."""
        read_label(label)

    def warm_up(self) -> None:
        """Starts the sandbox; raises `VerifierError` where no isolation works here."""
        self._sandbox.start()

    def close(self) -> None:
        """Ends the sandbox; the next response starts another."""
        self._sandbox.close()

    def verify(self, response: str, label: Any) -> Verdict:
        """Runs the tests."""
        try:
            tests = read_label(label)
        except ValueError as error:
            return Verdict.invalid(f"bad label: {error}")
        if len(response) > self._max_chars:
            return Verdict.of_correctness(False, "too_long")
        answer = after_thinking(response, self._thinking, self._starts_thinking)
        code = None if answer is None else extract_code(answer, tests.entry_point)
        if code is None:
            return Verdict.of_correctness(False, "no_answer")
        if len(code) > self._max_code_chars:
            return Verdict.of_correctness(False, "too_long")
        try:
            return self._verdict(self._outcomes(code, tests), len(tests.tests) + len(tests.cases))
        except _InvalidError as error:
            return Verdict.invalid(f"bad label: {error}")

    def _verdict(self, outcomes: Sequence[_Outcome], count: int) -> Verdict:
        passed = sum(not outcome.reason for outcome in outcomes)
        correct = passed == count
        reason = "correct" if correct else next((outcome.reason for outcome in outcomes if outcome.reason), "wrong")
        score = float(correct) if self._stop_at_failure else passed / count
        return Verdict(score, correct=correct, reason=reason, metrics={"passed": passed, "tests": count})

    def _outcomes(self, code: str, tests: CodeLabel) -> list[_Outcome]:
        limits = self._limits if tests.memory_mb is None else replace(
            self._limits, memory_mb=min(round(tests.memory_mb), self._limits.memory_mb)
        )
        timeout_s = min(tests.timeout_s or self._timeout_s, limits.wall_s)
        sources = [tests.setup, code] if tests.setup and tests.setup_first else [code]
        run = _Run(self._sandbox, limits, timeout_s, sources, self._stop_at_failure)
        return run.of_tests(tests) if tests.tests else run.of_cases(tests)


class _Run:
    """The executions of one response. What hangs or crashes ends one of them; the tests after it get another."""

    def __init__(
        self, sandbox: Sandbox, limits: Limits, timeout_s: float, sources: list[str], stop_at_failure: bool
    ) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._timeout_s = timeout_s
        self._sources = sources
        self._stop_at_failure = stop_at_failure
        self._left_s = limits.wall_s

    def of_tests(self, label: CodeLabel) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        while len(outcomes) < len(label.tests):
            if self._left_s <= 0:
                outcomes.append(_Outcome("timeout"))
                return outcomes
            judge = {
                "tests": label.tests[len(outcomes) :],
                "setup": label.setup,
                "names": label.names,
                "required": label.required,
                "modules": label.modules,
                "in_place": label.in_place,
                "timeout_s": self._timeout_s,
                "stop_at_failure": self._stop_at_failure,
            }
            execution = self._execute({"mode": "tests", "sources": self._sources}, judge)
            for answer in execution.answers:
                if "invalid" in answer:
                    raise _InvalidError(answer["invalid"])
                if "failed" in answer:
                    outcomes.append(_Outcome(answer["failed"]))
                    return outcomes
                if "test" in answer:
                    outcomes.append(_Outcome(answer["reason"]))
            if {"done": True} in execution.answers or (self._stop_at_failure and outcomes and outcomes[-1].reason):
                return outcomes
            if not (execution.answers and outcomes[-1].reason):
                outcomes.append(_Outcome(_ending(execution)))
        return outcomes

    def of_cases(self, label: CodeLabel) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        for given, expected in label.cases:
            execution = self._execute({"mode": "script", "sources": self._sources, "input": given})
            if not execution.answers:
                reason = _ending(execution)
            else:
                [answer] = execution.answers
                reason = answer["reason"]
                if not reason and not same_output(answer["output"], expected, label.tolerance):
                    reason = "wrong"
            outcomes.append(_Outcome(reason))
            if reason and (self._stop_at_failure or self._left_s <= 0):
                break
        return outcomes

    def _execute(self, *frames: Any) -> Execution:
        script = len(frames) == 1
        wall_s = min(self._left_s, self._timeout_s) if script else self._left_s
        execution = self._sandbox.run(frames, replace(self._limits, wall_s=max(wall_s, 0.05)))
        self._left_s -= execution.wall_s
        return execution


def _ending(execution: Execution) -> str:
    """Why an execution ended without an answer."""
    return "timeout" if execution.timed_out else "crash"


def _tags(thinking: Sequence[str] | None) -> tuple[str, str] | None:
    if not thinking:
        return None
    if isinstance(thinking, str) or len(thinking) != 2 or not all(isinstance(tag, str) and tag for tag in thinking):
        raise ValueError(f"thinking: expected an opening and a closing tag, got {thinking!r}")
    return thinking[0], thinking[1]
