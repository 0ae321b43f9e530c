"""Tool calls: two categories of the Berkeley Function-Calling Leaderboard (Patil et al. 2025), single turn."""

import json
from collections.abc import Mapping
from typing import Any

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.evaluation.suites.data import DataSet
from rlvr.evaluation.suites.prompts import Form
from rlvr.evaluation.suites.registry import Options, suite

_WEATHER = {
    "name": "weather.now",
    "description": "Tells the weather in a city.",
    "parameters": {
        "type": "dict",
        "properties": {
            "city": {"type": "string", "description": "The city's name."},
            "days": {"type": "integer", "description": "Days to look ahead."},
        },
        "required": ["city"],
    },
}


def _asked(functions: Any, question: str) -> str:
    return f"Functions: {json.dumps(functions, ensure_ascii=False)}\nRequest: {question}"


FORM = Form(
    lead="",
    cue="Calls:",
    examples=(
        (_asked([_WEATHER], "Will it rain in Oslo over the next 3 days?"), '[weather.now(city="Oslo", days=3)]'),
    ),
    instruction="Answer with the calls of functions that the request needs and nothing else, as a list of Python "
    "calls with all arguments named.",
)


@suite("bfcl_simple", "400 requests, one function each, 1 example; right where the call has the right arguments")
def bfcl_simple(options: Options) -> Suite:
    """The category simple_python."""
    return _bfcl("bfcl_simple", "simple_python", options)


@suite("bfcl_multiple", "200 requests, one of several functions each, 1 example")
def bfcl_multiple(options: Options) -> Suite:
    """The category multiple."""
    return _bfcl("bfcl_multiple", "multiple", options)


def _bfcl(name: str, category: str, options: Options) -> Suite:
    file = f"BFCL_v4_{category}.json"
    answers = {
        row.get("id", str): row.get("ground_truth", list)
        for row in _data(f"possible_answer/{file}").rows(name, options.data)
    }
    problems = []
    for row in _data(file).rows(name, options.data):
        identity, functions = row.get("id", str), row.get("function", list)
        if identity not in answers:
            raise InputError(f"{row.where}: there is no possible answer to {identity}")
        message = FORM.messages(_asked(functions, _question(row.get("question", list), row.where)), options.chat)
        label = {"possible_answer": answers[identity], "functions": functions}
        problems.append(Problem(identity, message, "tool_calls", label, "tool_calls"))
    return Suite(
        name=name,
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=256, stop=() if options.chat else ("\n",)),
        verifiers={"tool_calls": VerifierSection(name="tool_calls")},
    )


def _data(file: str) -> DataSet:
    inside = f"bfcl_eval/data/{file}"
    return DataSet(files=(file, inside), package=("bfcl-eval", inside))


def _question(turns: list[Any], where: str) -> str:
    """What the user says in the only turn."""
    match turns:
        case [[*messages]] if all(isinstance(one, Mapping) and "content" in one for one in messages):
            return "\n".join(str(one["content"]) for one in messages)
        case _:
            raise InputError(f"{where}: 'question' must hold one turn of messages, got {str(turns)[:80]}")
