"""Reward functions of other systems, called as those call them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier

FILE = Path(__file__).with_name("foreign_functions.py")
QUESTION = ({"role": "user", "content": "What is 6 * 7?"},)


def asked(response: str, label: Any = "42", **columns: Any) -> ScoreRequest:
    return ScoreRequest(Problem("6*7", QUESTION, "mine", label, "math", columns), response)


def verdict(
    convention: str, name: str, response: str, label: Any = "42", columns: Any = None, **settings: Any
) -> Verdict:
    loaded = load_verifier(f"{FILE}:{name}", settings, convention=convention)
    return asyncio.run(loaded.verify(asked(response, label, **(columns or {}))))


def group(convention: str, name: str, responses: tuple[str, ...], scope: Any = "group") -> list[Verdict]:
    loaded = load_verifier(f"{FILE}:{name}", {}, convention=convention, scope=scope)
    problem = Problem("6*7", QUESTION, "mine", "42")
    return asyncio.run(loaded.verify_group(GroupScoreRequest(problem, responses, (None,) * len(responses))))


@pytest.mark.parametrize(
    ("name", "response", "score", "correct"),
    [
        ("verl_score", "so #### 42", 1.0, True),
        ("verl_score", "so #### 43", 0.0, False),
        ("verl_without_source", "42", 1.0, True),
        ("verl_dict", "42", 1.0, True),
        ("verl_dict", "43", -1.0, False),
        ("verl_async", "42", 1.0, True),
    ],
)
def test_verl(name: str, response: str, score: float, correct: bool) -> None:
    answer = verdict("verl", name, response)
    assert (answer.score, answer.correct) == (score, correct)


def test_verl_numbers_of_a_dict_are_metrics() -> None:
    assert verdict("verl", "verl_dict", "42").metrics == {"acc": 1.0, "chars": 2.0}


def test_verl_settings_are_further_arguments() -> None:
    assert verdict("verl", "verl_without_source", "42", score=0.25).score == 0.25


def test_verl_gets_what_its_row_holds() -> None:
    label = {"style": "rule", "ground_truth": "42"}
    columns = {"data_source": "gsm8k", "extra_info": {"split": "train"}}
    answer = verdict("verl", "verl_tells", "42", label, columns)
    assert (answer.score, answer.metrics) == (1.0, {"split": 1.0})
    assert verdict("verl", "verl_score", "#### 42", label).score == 1.0


@pytest.mark.parametrize(
    ("name", "response", "columns", "settings", "score"),
    [
        ("trl_chat", "42", {}, {}, 1.0),
        ("trl_chat", "43", {}, {}, 0.0),
        ("trl_chat", "42", {"solution": "43"}, {}, 0.0),
        ("trl_plain", "x" * 15, {}, {"chat": False}, 1.0),
        ("trl_async", "four", {}, {}, 4.0),
        ("trl_columns", "", {"difficulty": 3}, {}, 3.0),
    ],
)
def test_trl(name: str, response: str, columns: Any, settings: Any, score: float) -> None:
    assert verdict("trl", name, response, columns=columns, **settings).score == score


def test_trl_none_does_not_apply() -> None:
    assert not verdict("trl", "trl_chat", "42", label="?").valid


def test_trl_metrics() -> None:
    assert verdict("trl", "trl_logs", "42") == Verdict(
        0.5, correct=False, reason="scored", metrics={"mean_length": 2.5}
    )


def test_trl_groups_come_together() -> None:
    assert [v.score for v in group("trl", "trl_distinct", ("a", "b", "a", "a"))] == [1 / 3, 1.0, 1 / 3, 1 / 3]


def test_trl_a_wrong_number_of_results_is_invalid() -> None:
    answers = group("trl", "trl_one_too_many", ("a", "b"))
    assert [(v.valid, v.reason) for v in answers] == [
        (False, "the verifier returned 3 results for 2 responses")
    ] * 2


@pytest.mark.parametrize("name", ["accuracy_reward", "think_format_reward"])
def test_trl_with_its_own_functions(name: str) -> None:
    loaded = load_verifier(f"trl.rewards:{name}", convention="trl")
    responses = [r"<think>6 * 7</think>So \boxed{42}.", r"So \boxed{43}."]
    answers = [asyncio.run(loaded.verify(asked(response, r"\boxed{42}"))) for response in responses]
    assert [answer.score for answer in answers] == [1.0, 0.0]


def test_openrlhf() -> None:
    right, wrong = verdict("openrlhf", "openrlhf_torch", "42"), verdict("openrlhf", "openrlhf_torch", "43")
    assert (right.score, right.correct, right.metrics) == (0.5, True, {"accuracy": 1.0, "right": 1.0})
    assert (wrong.score, wrong.correct, wrong.metrics) == (-0.5, False, {"accuracy": 0.0, "right": 0.0})
    assert verdict("openrlhf", "openrlhf_list", "42").score == 1.0
    assert 'without "rewards"' in verdict("openrlhf", "openrlhf_without_rewards", "42").reason


@pytest.mark.openrlhf
def test_openrlhf_itself_says_the_same_of_a_function(tmp_path: Path) -> None:
    from openrlhf.utils.agent import SingleTurnAgentExecutor

    file = tmp_path / "reward_func.py"
    file.write_text("from tests.rewards.foreign_functions import openrlhf_torch as reward_func\n")
    executor = SingleTurnAgentExecutor(str(file))
    question = QUESTION[0]["content"]
    for response in ("42", "43"):
        [theirs] = asyncio.run(executor._fetch_rewards_via_func([question + response], [question], ["42"]))
        ours = verdict("openrlhf", "openrlhf_torch", response)
        assert [ours.score] == theirs["rewards"].tolist()
        assert [float(ours.correct or False)] == theirs["scores"].tolist()


def test_openrlhf_groups_come_together() -> None:
    answers = group("openrlhf", "openrlhf_torch", ("42", "43", "42", "44"))
    assert [answer.score for answer in answers] == [0.5, -0.5, 0.5, -0.5]
    assert [answer.metrics["accuracy"] for answer in answers] == [0.5] * 4


def test_open_instruct() -> None:
    assert verdict("open_instruct", "LastWord", "It is 42") == Verdict(2.0, correct=True, reason="scored")
    assert verdict("open_instruct", "LastWord", "It is 43") == Verdict(0.0, correct=False, reason="scored")
    assert verdict("open_instruct", "LastWord", "42", verifier_config="any").score == 2.0
    assert verdict("open_instruct", "AsksAround", "42").score == 1.0


def test_open_instruct_token_ids_are_not_made_up() -> None:
    answer = verdict("open_instruct", "CountsTokens", "42")
    assert not answer.valid
    assert "token ids" in answer.reason


@pytest.mark.parametrize(
    ("name", "settings", "response", "answer"),
    [
        ("score_answer", {}, "42", Verdict(1.0, correct=True, reason="scored")),
        (
            "score_answer",
            {},
            "<think>43</think> <answer> 42 </answer>",
            Verdict(1.0, correct=True, reason="scored"),
        ),
        (
            "score_answer",
            {},
            "<answer>42</answer> or <answer>43</answer>",
            Verdict(0.0, correct=False, reason="scored"),
        ),
        ("score_answer", {}, "<think>42", Verdict.of_correctness(False, "no_answer")),
        ("score_answer", {}, "", Verdict.of_correctness(False, "no_answer")),
        ("score_answer", {}, "forty-two", Verdict.of_correctness(False, "unparsable")),
        ("score_answer", {"require_tag": True}, "42", Verdict.of_correctness(False, "no_answer")),
        ("score_answer", {"max_chars": 10}, "42" * 10, Verdict.of_correctness(False, "too_long")),
        ("Sums", {"tolerance": 1}, "43", Verdict(1.0, correct=True, reason="scored")),
    ],
)
def test_reasoning_gym(name: str, settings: Any, response: str, answer: Verdict) -> None:
    assert verdict("reasoning_gym", name, response, **settings) == answer
    entry = {"question": "6 * 7", "answer": "42", "metadata": {}}
    assert verdict("reasoning_gym", name, response, entry, **settings) == answer


def test_reasoning_gym_a_bad_entry_is_invalid() -> None:
    assert not verdict("reasoning_gym", "score_answer", "42", {"answer": "forty-two"}).valid


@pytest.mark.parametrize(
    ("convention", "name", "settings", "message"),
    [
        ("verll", "verl_score", {}, 'no convention "verll"; did you mean verl'),
        ("verl", "verl_needs_more", {}, "also needs tokenizer; give it under settings"),
        ("verl", "trl_chat", {}, "of which it must take solution_str|also needs"),
        ("verl", "verl_without_source", {"methode": "strict"}, "did you mean method"),
        ("verl", "verl_score", {"ground_truth": "42"}, 'no setting "ground_truth"'),
        ("trl", "trl_needs_ids", {}, "needs completion_ids, which only TRL's trainer has"),
        ("openrlhf", "verl_score", {}, "of which it must take queries"),
        ("open_instruct", "LastWord", {"weights": 1}, "cannot be made with the settings"),
        ("open_instruct", "verl_score", {}, "expected a VerifierFunction"),
        ("reasoning_gym", "score_answer", {"tolerance": 1}, "takes no settings tolerance"),
        ("http", "verl_score", {}, "needs an address"),
    ],
)
def test_wrong_functions_end_in_one_clear_message(convention: str, name: str, settings: Any, message: str) -> None:
    with pytest.raises(VerifierError, match=message):
        load_verifier(f"{FILE}:{name}", settings, convention=convention)


@pytest.mark.parametrize("convention", ["verl", "open_instruct", "reasoning_gym", "http"])
def test_functions_of_single_samples_take_no_groups(convention: str) -> None:
    with pytest.raises(VerifierError, match="single samples, not groups"):
        load_verifier(f"{FILE}:verl_score", convention=convention, scope="group")


def test_runs_in_a_process_like_any_verifier() -> None:
    section = VerifierSection(name=f"{FILE}:trl_distinct", convention="trl", scope="group")
    problem = Problem("6*7", QUESTION, "mine", "42")

    async def run() -> list[Verdict]:
        async with VerifierPool(section) as pool:
            return await pool.score_group(GroupScoreRequest(problem, ("a", "b", "a"), (1, 2, 3)))

    assert [answer.score for answer in asyncio.run(run())] == [0.5, 1.0, 0.5]
