"""Suites: their prompts and labels, that right answers count as right, and data that cannot be used."""

import asyncio
import json
import operator
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from base_training.errors import InputError
from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rlvr.evaluation.chosen import check_labels
from rlvr.evaluation.suite import Suite
from rlvr.evaluation.suites import Options, build_suite, listed
from rlvr.evaluation.suites.data import DATA_VARIABLE, DataSet
from rlvr.evaluation.suites.math import GSM8K_FORM
from rlvr.evaluation.suites.own import read_suite

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}

ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "gsm8k_test.jsonl": [{"question": "How many?", "answer": "She has 1,000 + 24 of them.\n#### 1,024"}],
    "math500.jsonl": [{"problem": "Halve one.", "answer": "\\frac{1}{2}", "subject": "Algebra", "level": 1}],
    "HumanEval.jsonl": [
        {
            "task_id": "HumanEval/0",
            "prompt": "from typing import List\n\n\ndef most(numbers: List) -> int:\n    '''The largest.'''\n",
            "entry_point": "most",
            "canonical_solution": "    return max(numbers)\n",
            "test": "def check(candidate):\n    assert candidate([3, 9, 2]) == 9\n    assert candidate([1]) == 1",
        }
    ],
    "mbpp.jsonl": [
        {"task_id": 3, "text": "Not of the test split.", "test_list": ["assert f() == 1"], "test_setup_code": ""},
        {"task_id": 11, "text": "Add one.", "test_list": ["assert f(1) == 2", "assert f(-1) == 0"], "code": ""},
    ],
    "ifeval.jsonl": [
        {
            "key": 1000,
            "prompt": "Say hello without a comma.",
            "instruction_id_list": ["punctuation:no_comma"],
            "kwargs": [{"num_words": None}],
        }
    ],
    "BFCL_v4_simple_python.json": [
        {
            "id": "simple_python_1",
            "question": [[{"role": "user", "content": "What is 5!?"}]],
            "function": [
                {
                    "name": "math.factorial",
                    "description": "n!",
                    "parameters": {
                        "type": "dict",
                        "properties": {"number": {"type": "integer"}},
                        "required": ["number"],
                    },
                }
            ],
        }
    ],
    "possible_answer/BFCL_v4_simple_python.json": [
        {"id": "simple_python_1", "ground_truth": [{"math.factorial": {"number": [5]}}]}
    ],
    "choice.jsonl": [
        {"id": "c0", "question": "Which is even?", "choices": ["three", "four"], "answer": 1},
        {
            "id": "c1",
            "question": "Which is odd?",
            "choices": {"text": ["5", "6"], "label": ["1", "2"]},
            "answerKey": "1",
        },
        {"id": "c2", "question": "Which is red?", "choices": ["blood", "snow"], "answer": "A"},
    ],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, rows in ROWS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def verdict(suite: Suite, problem: Problem, response: str) -> Verdict:
    async def score() -> Verdict:
        async with VerifierPool(suite.verifiers[problem.verifier]) as pool:
            [verdict] = await pool.score([ScoreRequest(problem, response)])
            return verdict

    return asyncio.run(score())


@pytest.mark.parametrize(
    ("name", "chat", "right", "wrong"),
    [
        ("gsm8k", False, " 1,000 + 24 = 1024. The answer is 1024.", " The answer is 1025, not 1024 but 1025."),
        ("gsm8k", True, "It is $1,024$ in all.", "It is 1024 or so, about 1000."),
        ("math", False, r" It is $\boxed{0.5}$.", r" It is $\boxed{2}$."),
        ("humaneval", False, "    return sorted(numbers)[-1]\n", "    return numbers[0]\n"),
        ("humaneval", True, "```python\ndef most(n):\n    return max(n)\n```", "It is the largest."),
        ("mbpp", False, "def f(n):\n    return n + 1\n", "def f(n):\n    return 2\n"),
        ("ifeval", True, "Hello there", "Hello, there"),
        ("bfcl_simple", False, " [math.factorial(number=5)]", " [math.factorial(number=6)]"),
    ],
)
def test_right_answers_are_right_and_wrong_ones_wrong(
    data: Path, name: str, chat: bool, right: str, wrong: str
) -> None:
    suite = build_suite(name, Options(data, chat))
    check_labels(suite)
    [problem] = suite.problems
    assert [verdict(suite, problem, said).correct for said in (right, wrong)] == [True, False]


def test_plain_prompts_end_where_the_answer_begins(data: Path) -> None:
    [problem] = build_suite("gsm8k", Options(data)).problems
    [message] = problem.messages
    assert message["content"].endswith("\n\nQuestion: How many?\nAnswer:")
    assert message["content"].count("Question:") == 6
    assert problem.label == "1024"


def test_conversations_show_the_examples_as_turns(data: Path) -> None:
    [problem] = build_suite("gsm8k", Options(data, chat=True)).problems
    assert [message["role"] for message in problem.messages] == ["user", "assistant"] * 5 + ["user"]
    assert problem.messages[-1]["content"] == "How many?"


def test_the_examples_of_gsm8k_reckon_rightly() -> None:
    for _, answer in GSM8K_FORM.examples:
        steps = re.findall(r"(\d+(?: [-+*/] \d+)+) = (\d+)", answer)
        assert steps[-1][1] == answer.rpartition("The answer is ")[2].rstrip(".")
        for left, right in steps:
            first, *rest = left.split(" ")
            value = Fraction(first)
            for sign, number in zip(rest[::2], rest[1::2], strict=True):
                value = OPERATORS[sign](value, int(number))
            assert value == int(right)


def test_multiple_choice_knows_places_letters_labels_and_texts(data: Path) -> None:
    suite = build_suite("choice", Options(data, chat=True))
    assert [(p.id, p.label, p.metadata["choices"]) for p in suite.problems] == [
        ("c0", 1, [" three", " four"]),
        ("c1", 0, [" 5", " 6"]),
        ("c2", 0, [" blood", " snow"]),
    ]
    assert (suite.score, suite.chat) == ("choice", False)
    assert build_suite(f"choice/{data / 'choice.jsonl'}", Options()).name == "choice/choice"


@pytest.mark.parametrize("name", ["easy", "needle", "variables", "counting", "reasoning_gym/chain_sum"])
def test_what_is_made_up_is_always_the_same(name: str) -> None:
    first, again = build_suite(name, Options()), build_suite(name, Options())
    assert len(first.problems) >= 256
    assert len({problem.id for problem in first.problems}) == len(first.problems)
    assert first.sha256 == again.sha256
    check_labels(first)


@pytest.mark.parametrize(("name", "size"), [("needle", 270), ("variables", 270), ("counting", 270), ("easy", 384)])
def test_their_sizes(name: str, size: int) -> None:
    assert len(build_suite(name, Options()).problems) == size


def test_answers_stand_in_the_long_texts_at_their_depth() -> None:
    suite = build_suite("needle/300", Options())
    for problem in suite.problems:
        text = problem.messages[0]["content"].partition("Text: ")[2].partition("\n\nQuestion:")[0]
        before, found, _ = text.partition(f"is {problem.label}.")
        assert found
        assert 290 <= len(text.split()) <= 320
        deep = int(problem.domain.split(", ")[1].partition("%")[0]) / 100
        assert abs(len(before) / len(text) - deep) < 0.15


def test_a_count_is_that_of_the_text() -> None:
    for problem in build_suite("counting/200", Options()).problems:
        text = problem.messages[0]["content"].partition("\n\nQuestion:")[0]
        assert text.count("lantern") == int(problem.label)


def test_a_variable_leads_to_its_number() -> None:
    for problem in build_suite("variables/200", Options()).problems:
        text, _, asked = problem.messages[0]["content"].partition("\n\nQuestion: Which number is VAR ")
        name = asked[0]
        while not name.isdecimal():
            name = text.partition(f"VAR {name} = ")[2].partition(".")[0].removeprefix("VAR ")
        assert name == problem.label


def test_a_limit_takes_the_same_problems_each_time_and_more_of_them_with_a_larger_one() -> None:
    suite = build_suite("easy", Options())
    few, more = suite.limited(40), suite.limited(80)
    assert (len(few.problems), len(more.problems)) == (40, 80)
    ids = [{problem.id for problem in one.problems} for one in (few, more)]
    assert ids[0] < ids[1]
    assert len({problem.domain for problem in few.problems}) == 6
    assert suite.limited(384) is suite


def test_the_hash_tells_suites_apart() -> None:
    suite = build_suite("easy", Options())
    changed = (
        replace(suite, chat=True),
        replace(suite, sampling=replace(suite.sampling, samples=2)),
        replace(suite, problems=suite.problems[::-1]),
        suite.limited(10),
    )
    assert len({one.sha256 for one in (suite, *changed)}) == 5


def test_every_suite_is_listed() -> None:
    names = [name for name, _ in listed()]
    assert {"gsm8k", "math", "reasoning_gym/TASK", "humaneval", "mbpp", "ifeval", "ifbench", "easy"} <= set(names)
    assert {"choice/[FILE]", "needle/[WORDS]", "bfcl_simple", "bfcl_multiple"} <= set(names)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gsm8", "no suite 'gsm8': did you mean gsm8k?"),
        ("gsm8k/main", "takes nothing after a slash"),
        ("reasoning_gym", "name one, as reasoning_gym/TASK"),
        ("reasoning_gym/chain_sums", "did you mean chain_sum"),
        ("needle/many", "64 to 1000000 words"),
        ("choice/nowhere.jsonl", "there is no file nowhere.jsonl"),
    ],
)
def test_a_name_that_is_none_says_what_is_near(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        build_suite(name, Options())


def test_missing_data_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    with pytest.raises(InputError) as refused:
        DataSet(("there.jsonl", "here.jsonl"), package=("no-such-package-here", "data.jsonl")).rows(
            "mine", tmp_path
        )
    assert str(refused.value) == (
        "suite mine: its problems are not here: put there.jsonl or here.jsonl into a folder and name it by --data "
        "or RLVR_DATA, or `pip install --no-deps no-such-package-here`"
    )


def test_the_variable_names_the_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(data))
    assert len(build_suite("mbpp", Options()).problems) == 1
    monkeypatch.setenv(DATA_VARIABLE, str(data / "nowhere"))
    with pytest.raises(InputError, match=r"there is no data folder .*nowhere: check --data, or RLVR_DATA"):
        build_suite("mbpp", Options())


@pytest.mark.parametrize(
    ("name", "file", "line", "said"),
    [
        ("gsm8k", "gsm8k_test.jsonl", '{"question": "Q", "solution": "1"}', r":2: no field 'answer'; there"),
        ("gsm8k", "gsm8k_test.jsonl", '{"question": 7, "answer": "#### 1"}', r":2: 'question' must be str and"),
        ("gsm8k", "gsm8k_test.jsonl", "{", r":2: not a line of JSON"),
        ("gsm8k", "gsm8k_test.jsonl", "[]", ":2: a line must be a JSON object, this is a list"),
        (
            "choice",
            "choice.jsonl",
            '{"question": "Q", "choices": ["a", "b"], "answer": "C"}',
            r":4: the answer 'C'",
        ),
        (
            "choice",
            "choice.jsonl",
            '{"question": "Q", "choices": ["a"], "answer": 0}',
            r":4: 'choices' must be at",
        ),
        (
            "bfcl_simple",
            "BFCL_v4_simple_python.json",
            '{"id": "x", "question": [[]], "function": []}',
            "no possible",
        ),
    ],
)
def test_rows_with_other_fields_are_named(data: Path, name: str, file: str, line: str, said: str) -> None:
    with (data / file).open("a") as lines:
        lines.write(line + "\n")
    with pytest.raises(InputError, match=said):
        build_suite(name, Options(data))


OWN = """
name: mine
source: {kind: jsonl, settings: {path: mine.jsonl, question: q, answer: a}}
verifier: {name: judge.py:first}
template: "{question} Be short."
cue: "A:"
lead: "Q: "
examples: [{question: "2?", answer: "3"}]
sampling: {max_tokens: 8, stop: ["\\n"]}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mine.jsonl").write_text(json.dumps({"q": "5?", "a": "6"}) + "\n")
    (tmp_path / "judge.py").write_text("def first(response, label):\n    return response.strip()[:1] == label\n")
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    return path


def test_a_suite_of_one_s_own(own: Path) -> None:
    suite = read_suite(own, chat=False)
    [problem] = suite.problems
    assert problem.messages[0]["content"] == "Q: 2? Be short.\nA: 3\n\nQ: 5? Be short.\nA:"
    assert (suite.name, suite.sampling.max_tokens, suite.sampling.stop) == ("mine", 8, ("\n",))
    here = Path.cwd()
    os.chdir("/")
    try:
        assert [verdict(suite, problem, said).correct for said in (" 6", "7")] == [True, False]
    finally:
        os.chdir(here)
    assert [m["role"] for m in read_suite(own, chat=True).problems[0].messages] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cue:", "cu:", r"mine\.yaml: cu: unknown key; did you mean cue"),
        ("verifier: {name: judge.py:first}\n", "", "give a verifier where the score is verdict"),
        ("max_tokens: 8", "max_tokens: 0", r"sampling\.max_tokens"),
        ("question: q", "question: Q", "no field 'Q'"),
        ("name: mine\n", "name: ../mine\n", r"mine\.yaml: name"),
        ("mine.jsonl", "gone.jsonl", r"gone\.jsonl"),
    ],
)
def test_a_suite_of_one_s_own_that_cannot_be_used(own: Path, old: str, new: str, said: str) -> None:
    own.write_text(OWN.replace(old, new))
    with pytest.raises(InputError, match=said):
        read_suite(own, chat=False)


@pytest.mark.parametrize("score", ["choice", "bits_per_byte"])
def test_a_suite_of_one_s_own_by_likelihood(tmp_path: Path, score: str) -> None:
    (tmp_path / "mine.jsonl").write_text(json.dumps({"question": "5?", "answer": "6", "all": ["4", "6"]}) + "\n")
    choices = "choices: all\n" if score == "choice" else ""
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nsource: {kind: jsonl, settings: {path: mine.jsonl, metadata: [all]}}\n"
        f"score: {score}\ncue: 'A:'\n{choices}"
    )
    [problem] = read_suite(tmp_path / "mine.yaml", chat=True).problems
    assert problem.messages[0]["content"] == "5?\nA:"
    assert problem.label == (1 if score == "choice" else " 6")
