"""The tool calls verifier: the formats it reads, what it compares, and what does not fool it."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.pool import VerifierPool
from rewards.tool_calls.answers import read_label
from rewards.tool_calls.call import Call
from rewards.tool_calls.formats import FORMATS
from rewards.tool_calls.pythonic import read_python_calls
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from tests.rewards.requests import ask, verdict_of

WEATHER = [{"get_weather": {"city": ["Paris", "Paris, France"], "unit": ["celsius", ""]}}]
IN_PARIS = {"name": "get_weather", "arguments": {"city": "Paris"}}


def hermes(*calls: dict[str, Any]) -> str:
    return "\n".join(f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in calls)


def reason_of(response: str, label: Any, **settings: Any) -> str:
    """The reason, where the verdict is a valid 1 for "correct" and a valid 0 for all others."""
    verdict = verdict_of("tool_calls", ask(response, label), **settings)
    assert (verdict.valid, verdict.score) == (True, float(verdict.reason == "correct")), verdict
    return verdict.reason


@pytest.mark.parametrize(
    ("format", "response"),
    [
        ("hermes", hermes(IN_PARIS)),
        ("hermes", "I shall look.\n" + hermes(IN_PARIS) + "\nA moment."),
        ("hermes", hermes({"name": "get_weather", "parameters": {"city": "paris"}})),
        ("olmo3", '<function_calls>\nget_weather(city="Paris")\n</function_calls>'),
        ("olmo3", 'Let me see.\n<function_calls>get_weather(city="Paris", unit="celsius")</function_calls>'),
        ("pythonic", '[get_weather(city="Paris")]'),
        ("pythonic", "get_weather(city='Paris, France', unit='Celsius',)"),
        ("pythonic", '```python\n[get_weather(city="""Paris""")]\n```'),
        ("json", json.dumps(IN_PARIS)),
        ("json", json.dumps([IN_PARIS])),
        ("json", f"```json\n{json.dumps(IN_PARIS, indent=2)}\n```"),
        ("json", json.dumps({"tool_calls": [{"type": "function", "function": IN_PARIS}]})),
        ("json", json.dumps({"name": "get_weather", "arguments": json.dumps({"city": "Paris"})})),
    ],
)
def test_reads_a_call_in_each_format(format: str, response: str) -> None:
    for setting in (format, "auto"):
        assert reason_of(response, WEATHER, format=setting) == "correct"
    assert reason_of(f"<think>{response}</think>No call.", WEATHER) == "no_call"
    assert reason_of(f"<think>No call.</think>{response}", WEATHER) == "correct"
    assert reason_of(response, []) == "unexpected_call"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ('[get_weather(city="London")]', "wrong_value"),
        ("[get_weather(city=75001)]", "wrong_type"),
        ("[get_weather(city=True)]", "wrong_type"),
        ('[get_weather(city=["Paris"])]', "wrong_type"),
        ("[get_weather(city=None)]", "wrong_type"),
        ("[get_weather()]", "missing_argument"),
        ('[get_weather(unit="celsius")]', "missing_argument"),
        ('[get_weather(city="Paris", unit="kelvin")]', "wrong_value"),
        ('[get_weather(city="Paris", unit="-")]', "wrong_value"),
        ('[get_weather(city="Paris", day="today")]', "unexpected_argument"),
        ('[get_Weather(city="Paris")]', "wrong_function"),
        ('[weather.get_weather(city="Paris")]', "wrong_function"),
        ('[get_weather(city="Paris"), get_weather(city="Paris")]', "wrong_count"),
        ('[get_weather(city="London"), get_weather(city="Paris")]', "wrong_count"),
        ("[]", "no_call"),
        ("It is sunny in Paris.", "no_call"),
        ('Sure: [get_weather(city="Paris")]', "no_call"),
        ("", "no_answer"),
        (" \n", "no_answer"),
        ("<think>hm", "no_answer"),
        ("x" * 400_001, "too_long"),
    ],
)
def test_tells_what_is_wrong(response: str, reason: str) -> None:
    assert reason_of(response, WEATHER) == reason


@pytest.mark.parametrize(
    "response",
    [
        '[get_weather("Paris")]',
        "[get_weather(city=paris)]",
        '[get_weather(city="Par" + "is")]',
        '[get_weather(city=f"Paris")]',
        '[get_weather(city=str("Paris"))]',
        '[get_weather(city="Paris", city="London")]',
        '[get_weather(**{"city": "Paris"})]',
        '[get_weather(city="Paris"]',
        '[get_weather(city="Paris)]',
        '[get_weather(city="Paris")] and more',
        '[get_weather(city={"a": 1, "a": 2})]',
        '[get_weather(city={1: "Paris"})]',
        "[get_weather(city=1e999)]",
        "[get_weather(city=" + "9" * 5000 + ")]",
        "[get_weather(city=" + "[" * 30 + "]" * 30 + ")]",
        '[get_weather(city="\\N{no such letter}")]',
        "__import__('os').system('true')",
        "<tool_call>{}</tool_call>",
        "<tool_call>[1]</tool_call>",
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}',
        '{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>',
        '<tool_call>{"name": "get_weather", "name": "f", "arguments": {"city": "Paris"}}</tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": {"city": NaN}}</tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": ["Paris"]}</tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}, "parameters": {}}</tool_call>',
        "<tool_call>" + '{"a":' * 60_000 + "</tool_call>",
        hermes(IN_PARIS) + '<function_calls>get_weather(city="London")</function_calls>',
        "<function_calls>get_weather(city=Paris)</function_calls>",
        "<function_calls>call the weather tool</function_calls>",
        '{"name": "get_weather", "arguments": {"city": "Paris"}',
    ],
)
def test_what_is_no_plain_call_is_unparsable(response: str) -> None:
    assert reason_of(response, WEATHER) == "unparsable"
    assert reason_of(response, []) == "unparsable"


@pytest.mark.parametrize(
    "response",
    [
        "It is noon.",
        "None of my tools can tell (sadly).",
        "[1, 2]",
        '{"answer": 42}',
        "```json\n[]\n```",
        "[link](url)",
    ],
)
def test_no_call_is_right_where_none_is_asked_for(response: str) -> None:
    assert reason_of(response, []) == "correct"


@pytest.mark.parametrize("response", ["", " \n", "<think>", "</think>", "<think>I see.</think>", "\u200b\x00"])
def test_silence_is_no_answer_where_no_call_is_asked_for(response: str) -> None:
    assert reason_of(response, []) == "no_answer"
    assert reason_of("fine", [], starts_thinking=True) == "no_answer"


@pytest.mark.parametrize(
    ("values", "schema", "value", "reason"),
    [
        ([5], {}, "5", "correct"),
        ([5], {}, "5.0", "wrong_type"),
        ([5], {"type": "float"}, "5.0", "correct"),
        ([5], {"type": "integer"}, "5.0", "wrong_type"),
        ([5.0], {}, "5", "correct"),
        ([1], {}, "True", "wrong_type"),
        ([True], {}, "1", "wrong_type"),
        ([True], {}, "true", "correct"),
        ([-5], {}, "-5", "correct"),
        ([1_000], {}, "1_000", "correct"),
        ([0.001], {}, "1e-3", "correct"),
        ([".5"], {}, '".5"', "correct"),
        (["April 1, 2024"], {}, '"april 1 2024"', "correct"),
        (["it's"], {}, '"it\'s"', "correct"),
        (["line\nbreak"], {}, '"line\\nbreak"', "correct"),
        (["-5"], {}, '"5"', "wrong_value"),
        (["1.5"], {}, '"15"', "wrong_value"),
        (["1.50"], {}, '"1.5"', "correct"),
        (["x"], {}, '""', "wrong_value"),
        ([""], {}, '""', "correct"),
        ([[1, 2]], {}, "[1, 2]", "correct"),
        ([[1, 2]], {}, "(1, 2)", "correct"),
        ([[1, 2]], {}, "[2, 1]", "wrong_value"),
        ([[1, 2]], {"items": {"type": "float"}}, "[1.0, 2.0]", "correct"),
        ([[]], {}, "[]", "correct"),
        ([["New York"]], {}, '["new york"]', "correct"),
        ([{"low": [1], "high": [9, 10]}], {}, '{"low": 1, "high": 10}', "correct"),
        ([{"low": [1], "high": [9, ""]}], {}, '{"low": 1}', "correct"),
        ([{"low": [1], "high": [9]}], {}, '{"low": 1}', "wrong_value"),
        ([{"low": [1]}], {}, '{"low": 1, "high": 2}', "wrong_value"),
        ([[{"a": [1]}, {"a": [2]}]], {}, '[{"a": 1}, {"a": 2}]', "correct"),
        ([[{"a": [1]}, {"a": [2]}]], {}, '[{"a": 2}, {"a": 1}]', "wrong_value"),
        ([{"at": [{"x": 1, "tags": ["a", "b"]}]}], {}, '{"at": {"x": 1, "tags": ["a", "b"]}}', "correct"),
        ([{"at": [{"x": 1, "tags": ["a", "b"]}]}], {}, '{"at": {"x": 1, "tags": "a"}}', "wrong_value"),
        ([{"tags": ["a", "b"]}], {}, '{"tags": ["a", "b"]}', "wrong_value"),
        ([None], {}, "None", "correct"),
        ([None], {}, "0", "wrong_type"),
    ],
)
def test_compares_values_with_their_types(
    values: list[Any], schema: dict[str, Any], value: str, reason: str
) -> None:
    functions = [{"name": "f", "parameters": {"type": "dict", "properties": {"a": schema}, "required": ["a"]}}]
    label = {"possible_answer": [{"f": {"a": values}}], "functions": functions}
    assert reason_of(f"[f(a={value})]", label) == reason


TWO = [{"f": {"a": [1, 2]}}, {"f": {"a": [1]}}]


def test_parallel_calls_may_come_in_any_order_unless_it_is_asked_for() -> None:
    assert reason_of("[f(a=1), f(a=2)]", TWO) == "correct"
    assert reason_of("[f(a=2), f(a=1)]", TWO) == "correct"
    assert reason_of("[f(a=2), f(a=2)]", TWO) == "wrong_value"
    assert reason_of("[f(a=1), g()]", TWO) == "wrong_function"
    assert reason_of("[f(a=1)]", TWO) == "wrong_count"
    ordered = {"possible_answer": TWO, "ordered": True}
    assert reason_of("[f(a=2), f(a=1)]", ordered) == "correct"
    assert reason_of("[f(a=1), f(a=2)]", ordered) == "wrong_value"
    assert (
        reason_of(hermes({"name": "f", "arguments": {"a": 2}}, {"name": "f", "arguments": {"a": 1}}), TWO)
        == "correct"
    )
    assert reason_of("<function_calls>\nf(a=2)\nf(a=1)\n</function_calls>", TWO) == "correct"


def test_many_calls_are_not_compared() -> None:
    assert reason_of("[" + "f(a=1)," * 5000 + "]", TWO) == "wrong_count"


def test_an_argument_that_the_tool_demands_may_not_be_left_out() -> None:
    functions = [
        {"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {}}, "required": ["a"]}}}
    ]
    answers = [{"f": {"a": [1, ""]}}]
    assert reason_of("[f()]", {"possible_answer": answers}) == "correct"
    assert reason_of("[f()]", {"possible_answer": answers, "functions": functions}) == "missing_argument"


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("no json", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (None, "must be a list of calls"),
        ({"answers": []}, "has possible_answer"),
        ({"possible_answer": [], "orderd": True}, "may have functions and ordered"),
        ({"possible_answer": [], "ordered": "yes"}, "ordered must be true or false"),
        ([{}], "each call must be an object"),
        (["f(a=1)"], "each call must be an object"),
        ([{"f": {}, "g": {}}], "each call must be an object"),
        ([{"f": {"a": 1}}], "needs a list of possible values"),
        ([{"f": {"a": []}}], "no value is possible for a"),
        ([{"f": ["a"]}], "needs a list of possible values"),
        (
            {"possible_answer": [{"f": {}}], "functions": [{"name": "g"}]},
            "f is not one of the label's functions g",
        ),
        ({"possible_answer": [{"f": {}}], "functions": ["f"]}, "descriptions with a name"),
    ],
)
def test_a_label_of_another_form_is_invalid(label: Any, message: str) -> None:
    with pytest.raises(VerifierError, match="verifier tool_calls: ") as refused:
        load_verifier("tool_calls").check_label(label)
    assert message in str(refused.value)
    verdict = verdict_of("tool_calls", ask("[f(a=1)]", label))
    assert not verdict.valid
    assert verdict.reason.startswith("bad label: ")


def test_takes_a_label_as_json() -> None:
    assert reason_of("[f(a=2), f(a=1)]", json.dumps(TWO)) == "correct"


def test_refuses_a_format_that_it_does_not_know() -> None:
    with pytest.raises(VerifierError, match="did you mean hermes"):
        load_verifier("tool_calls", {"format": "hermez"})


def test_scores_in_a_pool() -> None:
    async def score() -> list[Verdict]:
        async with VerifierPool(VerifierSection(name="tool_calls")) as pool:
            return await pool.score([ask(text, TWO) for text in ("[f(a=2), f(a=1)]", "[f(a=3)]")])

    assert [verdict.score for verdict in asyncio.run(score())] == [1.0, 0.0]


HACKS = {
    "two tries": '[get_weather(city="Paris"), get_weather(city="London")]',
    "two tries in tags": hermes(IN_PARIS, {"name": "get_weather", "arguments": {"city": "London"}}),
    "two formats": hermes({"name": "get_weather", "arguments": {"city": "Rome"}})
    + '<function_calls>get_weather(city="Paris")</function_calls>',
    "a call while thinking": f"<think>{hermes(IN_PARIS)}</think>I cannot tell.",
    "thinking without end": f"<think>{hermes(IN_PARIS)}",
    "all values in a list": '[get_weather(city=["Paris", "Paris, France"], unit="celsius")]',
    "the label itself": json.dumps(WEATHER),
    "the label as arguments": json.dumps({"name": "get_weather", "arguments": WEATHER[0]["get_weather"]}),
    "an argument twice": '[get_weather(city="London", city="Paris")]',
    "a key twice": '{"name": "get_weather", "arguments": {"city": "London", "city": "Paris"}}',
    "a name twice": '{"name": "drop_tables", "arguments": {"city": "Paris"}, "name": "get_weather"}',
    "arguments twice": '{"name": "get_weather", "arguments": {"city": "Paris"}, "parameters": {"city": "London"}}',
    "a positional argument": '[get_weather("Paris")]',
    "code in an argument": '[get_weather(city=__import__("os").environ.get("CITY", "Paris"))]',
    "an expression": '[get_weather(city="Par" "is")]',
    "more arguments": '[get_weather(city="Paris", country="France", unit="celsius")]',
    "marks for nothing": '[get_weather(city="Paris", unit="-_*")]',
    "a name around it": '[tools.get_weather(city="Paris")]',
    "a call within a call": '[get_weather(city=get_city(name="Paris"))]',
    "tags that do not close": '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}<tool_call>',
    "every tool": "["
    + ", ".join(f'{name}(city="Paris")' for name in ("get_weather", "get_time", "get_news"))
    + "]",
}


@pytest.mark.parametrize("hack", HACKS)
def test_what_only_looks_like_it_earns_nothing(hack: str) -> None:
    assert reason_of(HACKS[hack], WEATHER) != "correct"


TOKENS = [
    "<tool_call>",
    "</tool_call>",
    "<function_calls>",
    "</function_calls>",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ":",
    "=",
    "\n",
]
TOKENS += [
    "f(a=1)",
    '{"name": "f", "arguments": {"a": 1}}',
    "f",
    "a",
    "1",
    "-1.5e3",
    '"x"',
    "'''",
    '"""',
    "'",
    '"',
    "\\",
    "None",
]
TOKENS += [
    "```json\n",
    "```",
    "<think>",
    "</think>",
    '"name":',
    "\x00",
    "\ud800",
    "é",
    "\u200b",
    " ",
    "9" * 5000,
    "__import__",
]
RESPONSES = st.one_of(st.lists(st.sampled_from(TOKENS), max_size=20).map("".join), st.text(max_size=60))


@settings(max_examples=2000, deadline=None)
@given(RESPONSES, st.sampled_from(sorted(FORMATS)), st.sampled_from([TWO, WEATHER, [], [{"f": {"a": [1]}}]]))
def test_any_response_gets_the_same_valid_verdict_twice(response: str, format: str, label: Any) -> None:
    verifier = load_verifier("tool_calls", {"format": format})
    verdicts = [asyncio.run(verifier.verify(ask(response, label))) for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].valid, verdicts[0].reason
    assert verdicts[0].score == 0.0 or label is not WEATHER


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["possible_answer", "functions", "ordered", "f", "name", "parameters"])
LABELS = st.recursive(
    JSON_VALUES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3)
)


@settings(max_examples=300, deadline=None)
@given(LABELS)
def test_any_label_is_read_or_refused(label: Any) -> None:
    try:
        read_label(label)
    except ValueError:
        return
    assert verdict_of("tool_calls", ask("[f(a=1)]", label)).valid


FINITE = st.floats(allow_nan=False, allow_infinity=False)
LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.from_regex(r"\A[a-z_][a-z0-9_]{0,8}\Z"), LITERALS, max_size=4))
def test_reads_back_what_python_writes(arguments: dict[str, Any]) -> None:
    written = f"f({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
    assert read_python_calls(written) == [Call("f", arguments)]


ENDLESS = [
    "f(" * 200_000,
    "f(a=" + "[" * 390_000,
    "f(a='" + "\\" * 399_000,
    "[" + "f()," * 99_000,
    "'''" * 130_000,
]
ENDLESS += [
    "<tool_call>" * 36_000,
    "<tool_call></tool_call>" * 17_000,
    "f(a='''" * 50_000,
    " " * 399_999 + "f",
    "f" * 400_000,
]
ENDLESS += [
    "{" * 399_000 + '"name":',
    "f." * 200_000,
    "f(a=" + "9" * 399_000,
    "```\n" * 100_000,
    "[f(a=''" + ",''" * 130_000,
]


@pytest.mark.parametrize("at", range(len(ENDLESS)))
def test_a_long_response_takes_no_long_time(at: int) -> None:
    for format in FORMATS:
        started = time.process_time()
        assert verdict_of("tool_calls", ask(ENDLESS[at], WEATHER), format=format).score == 0.0
        assert time.process_time() - started < 2.5


def _bfcl(category: str) -> list[tuple[dict[str, Any], list[Any]]]:
    """Questions and possible answers of one category of BFCL v4."""
    folder = os.environ.get("RLVR_TEST_DATA")
    assert folder, "set RLVR_TEST_DATA to the folder with the data sets; this test's docstring says which"
    data = Path(folder) / "bfcl_eval" / "data"
    questions = _rows(data / f"BFCL_v4_{category}.json")
    answers = {
        row["id"]: row["ground_truth"] for row in _rows(data / "possible_answer" / f"BFCL_v4_{category}.json")
    }
    return [(question, answers[question["id"]]) for question in questions]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _gold(question: dict[str, Any], answers: list[Any]) -> list[Call]:
    """One of the possible answers; what may be left out is, unless the tool's description demands it."""
    demanded = {each["name"]: each["parameters"].get("required", []) for each in question["function"]}
    return [
        Call(
            name,
            {
                key: _first(values)
                for key, values in arguments.items()
                if "" not in values or key in demanded[name]
            },
        )
        for answer in answers
        for name, arguments in answer.items()
    ]


def _first(values: list[Any]) -> Any:
    """The first value that says something; what its objects may leave out is left out."""
    return _plain(next((value for value in values if value != ""), ""))


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and all(isinstance(listed, list) for listed in value.values()):
        return {key: _first(listed) for key, listed in value.items() if "" not in listed}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _perturbed(calls: list[Call], answers: list[Any]) -> list[list[Call]]:
    """What must not pass: a call less, one more, another tool, an argument less, one more, another value."""
    first, rest = calls[0], calls[1:]
    found = [rest, [first, *calls], [Call(first.name + "_", first.arguments), *rest]]
    found.append([Call(first.name, {**first.arguments, "no_such_argument": 1}), *rest])
    [allowed] = answers[0].values()
    for name in first.arguments:
        if "" not in allowed[name]:
            found.append(
                [Call(first.name, {key: first.arguments[key] for key in first.arguments if key != name}), *rest]
            )
        for value in ("no such value", 987654321, {"no such key": 1}, [["no such item"]]):
            found.append([Call(first.name, {**first.arguments, name: value}), *rest])
    return found


def _written(format: str, calls: list[Call]) -> str:
    as_json = [{"name": call.name, "arguments": call.arguments} for call in calls]
    as_python = [f"{call.name}({', '.join(f'{k}={v!r}' for k, v in call.arguments.items())})" for call in calls]
    return {
        "hermes": hermes(*as_json) or "No call.",
        "olmo3": "<function_calls>\n" + "\n".join(as_python) + "\n</function_calls>",
        "pythonic": f"[{', '.join(as_python)}]",
        "json": json.dumps(as_json),
    }[format]


@pytest.mark.slow
@pytest.mark.parametrize("category", ["simple_python", "multiple", "parallel", "parallel_multiple"])
def test_the_possible_answers_of_bfcl_pass_and_no_others(category: str) -> None:
    """RLVR_TEST_DATA holds bfcl-eval 2026.3.23: ``pip install --no-deps --target FOLDER bfcl-eval==2026.3.23``."""
    wrong: list[str] = []
    for question, answers in _bfcl(category):
        calls = _gold(question, answers)
        for label in (answers, {"possible_answer": answers, "functions": question["function"]}):
            for format in ("hermes", "olmo3", "pythonic", "json"):
                wrong += _unexpected(question["id"], format, [calls, *_perturbed(calls, answers)], label)
    assert wrong == []


def _unexpected(id: str, format: str, attempts: list[list[Call]], label: Any) -> list[str]:
    """What is told of attempts, the first of which must pass alone, where that is not so."""
    verdicts = [verdict_of("tool_calls", ask(_written(format, calls), label)) for calls in attempts]
    return [
        f"{id} {format} {at} {verdict}" for at, verdict in enumerate(verdicts) if verdict.score != float(at == 0)
    ]
