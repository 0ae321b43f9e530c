"""The built-in verifier ``code``: does the response's code pass its tests?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from rewards.code.extract import extract_code
from rewards.code.label import CodeLabel, read_label
from rewards.code.output import same_output
from rewards.registry import verifier
from rewards.sandbox.limits import Limits
from rewards.sandbox.sandbox import GRACE_S, Execution, Sandbox, SandboxError
from rewards.thinking import THINK_TAGS, after_thinking, thinking_tags
from rewards.verdict import UNCLEAR, Verdict

_STRETCH = 5.0
GUEST = "rewards.code.harness:main"

Reward = Literal["all", "share"]


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
        threshold: With ``"share"``: a smaller share scores 0.
        language: Only ``"python"``, so far.
        isolation: ``"auto"``, or one of `rewards.sandbox.isolation.KINDS`.
        timeout_s: Seconds for each test and for loading; where the machine is busy, processor time counts.
        total_timeout_s: The same for all tests together. The wall clock ends all after five times as long; the
            recipe's ``verifier.timeout_s`` counts only where it is longer than that.
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
        threshold: float = 0.0,
        language: str = "python",
        isolation: str = "auto",
        timeout_s: float = 6.0,
        total_timeout_s: float = 8.0,
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
        if language != "python":
            raise ValueError(f'language: only "python" can be run, got {language!r}')
        if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be a share from 0 to 1, got {threshold!r}")
        self._threshold = threshold
        self._stop_at_failure = reward == "all"
        self._timeout_s = timeout_s
        self._total_timeout_s = total_timeout_s
        self._limits = Limits(
            wall_s=_STRETCH * total_timeout_s,
            cpu_s=total_timeout_s + 1,
            memory_mb=memory_mb,
            processes=processes,
            output_mb=output_mb,
        )
        self.longest_s = self._limits.wall_s + 2 * GRACE_S
        self._sandbox = Sandbox(GUEST, isolation, self._limits)
        self._thinking = thinking_tags(thinking)
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
            run = self._run(code, tests)
            reasons = run.of_tests(tests) if tests.tests else run.of_cases(tests)
        except _InvalidError as error:
            return Verdict.invalid(f"bad label: {error}")
        return self._verdict(reasons, len(tests.tests) + len(tests.cases), run.is_unclear)

    def _verdict(self, reasons: Sequence[str], count: int, is_unclear: bool) -> Verdict:
        """The score of ``count`` tests, of which those without a reason passed; those that did not run failed."""
        passed = reasons.count("")
        correct = passed == count
        share = passed / count
        score = float(correct) if self._stop_at_failure else share * (share >= self._threshold)
        failures = Counter(reason for reason in reasons if reason)
        reason = "correct" if correct else next(iter(failures))
        metrics = {"passed": passed, "tests": count, **failures, **({UNCLEAR: 1} if is_unclear else {})}
        return Verdict(score, correct=correct, reason=reason, metrics=metrics)

    def _run(self, code: str, tests: CodeLabel) -> "_Run":
        limits = self._limits
        if tests.memory_mb is not None:
            limits = replace(limits, memory_mb=min(round(tests.memory_mb), limits.memory_mb))
        timeout_s = min(tests.timeout_s or self._timeout_s, self._total_timeout_s)
        sources = [tests.setup, code] if tests.setup and tests.setup_first else [code]
        return _Run(self._sandbox, limits, timeout_s, self._total_timeout_s, sources, self._stop_at_failure)


class _Run:
    """The executions of one response. What hangs or crashes ends one of them; the tests after it get another.

    Attributes:
        is_unclear: Whether time ran out for what may be the machine's fault.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        limits: Limits,
        timeout_s: float,
        total_timeout_s: float,
        sources: list[str],
        stop_at_failure: bool,
    ) -> None:
        self.is_unclear = False
        self._sandbox = sandbox
        self._limits = limits
        self._timeout_s = timeout_s
        self._left_s = total_timeout_s
        self._wall_left_s = limits.wall_s
        self._sources = sources
        self._stop_at_failure = stop_at_failure

    def of_tests(self, label: CodeLabel) -> list[str]:
        """For each test why it failed; nothing where it passed. Fewer than tests where the rest need not run."""
        reasons: list[str] = []
        while len(reasons) < len(label.tests):
            if self._is_over():
                return [*reasons, "timeout"]
            judge = {
                "tests": label.tests[len(reasons) :],
                "setup": label.setup,
                "setup_first": label.setup_first,
                "names": label.names,
                "required": label.required,
                "modules": label.modules,
                "in_place": label.in_place,
                "timeout_s": min(self._timeout_s, self._left_s),
                "total_s": self._left_s,
                "stop_at_failure": self._stop_at_failure,
            }
            before = len(reasons)
            execution = self._execute({"mode": "tests", "sources": self._sources}, judge)
            for answer in execution.answers:
                if "invalid" in answer:
                    raise _InvalidError(answer["invalid"])
                if "failed" in answer:
                    return [*reasons, answer["failed"]]
                if "test" in answer:
                    reasons.append(answer["reason"])
            if self._stop_at_failure and any(reasons):
                return reasons
            told_how_it_ended = {"done": True} in execution.answers or (reasons[before:] and reasons[-1])
            if not told_how_it_ended:
                reasons.append(_ending(execution))
        return reasons

    def of_cases(self, label: CodeLabel) -> list[str]:
        """The same of each case."""
        reasons: list[str] = []
        for given, expected in label.cases:
            if self._is_over():
                return [*reasons, "timeout"]
            task = {
                "mode": "script",
                "sources": self._sources,
                "input": given,
                "timeout_s": min(self._timeout_s, self._left_s),
            }
            execution = self._execute(task)
            if len(execution.answers) == 2:
                answer = execution.answers[1]
                is_same = answer["reason"] or same_output(answer["output"], expected, label.tolerance)
                reasons.append(answer["reason"] or ("" if is_same else "wrong"))
            else:
                reasons.append(_ending(execution))
            if self._stop_at_failure and reasons[-1]:
                return reasons
        return reasons

    def _is_over(self) -> bool:
        """Whether no time is left; where it is the wall clock's alone, others had the machine."""
        self.is_unclear |= self._wall_left_s <= 0 < self._left_s
        return min(self._left_s, self._wall_left_s) <= 0

    def _execute(self, *frames: Any) -> Execution:
        execution = self._sandbox.run(frames, replace(self._limits, wall_s=self._wall_left_s))
        if not execution.answers:
            raise SandboxError("an execution ended before the code was started")
        charges = [answer["charged_s"] for answer in execution.answers if "charged_s" in answer]
        was_busy = execution.timed_out and execution.cpu_s < self._left_s
        self.is_unclear |= was_busy or any(answer.get("unclear") for answer in execution.answers)
        self._wall_left_s -= execution.wall_s
        self._left_s -= charges[-1] if charges else execution.wall_s
        return execution


def _ending(execution: Execution) -> str:
    """Why an execution ended without an answer."""
    return "timeout" if execution.timed_out else "crash"
