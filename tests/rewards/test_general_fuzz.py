"""Random inputs for each verifier: each comes back, with a finite score that is the same again.

Some hundreds each time, two thousand each with ``pytest -m slow``.

Inputs are made of pieces that mean something to a verifier, of random characters, and of what breaks parsers.
"""

import asyncio
import math
import random
from contextlib import suppress
from typing import Any

import pytest

from rewards.config import VerifierSection
from rewards.judge.reply import ReplyError, Scale
from rewards.judge.template import Template
from rewards.pool import VerifierPool
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from tests.rewards.judge_server import judge_server
from tests.rewards.requests import ask

SIZES = pytest.mark.parametrize("n", [200, pytest.param(2000, marks=pytest.mark.slow)])
SECRET = "Xylographer Quetzaltenango"
"""No input is made of it, so that none is right."""

PIECES = [
    *(
        "Answer: ",
        "The answer is ",
        "#### ",
        "\\boxed{",
        "}",
        "\\text{",
        "<think>",
        "</think>",
        "<answer>",
        "</answer>",
    ),
    *(
        "or ",
        "and ",
        "maybe ",
        ", ",
        ". ",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "**",
        "`",
        "```json\n",
        "```\n",
        "$",
        "(",
        ")",
        "[",
        "]",
    ),
    *(
        '{"a": ',
        "}",
        "[1, ",
        "NaN",
        "1e999",
        '"',
        "'",
        "null",
        "-0",
        "0.1",
        "9" * 400,
        "A",
        "B",
        "(C)",
        "option D",
    ),
    *(
        "Paris",
        "the",
        "C++",
        "-5",
        "Привет",
        "你好",
        "مرحبا",
        "🙂",
        "ﷺ",
        "İ",
        "ß",
        "\u200b",
        "\u0000",
        "\ud800",
        "\udfff",
    ),
    *("{label}", "{0}", "%s", "\\", "\\d+", "(a+)+", "a" * 300, " " * 300, "Score: 10", "<|im_end|>", "[INST]"),
]
SETTINGS: list[tuple[str, dict[str, Any], Any]] = [
    ("general", {"check": "normalised"}, SECRET),
    ("general", {"check": "exact"}, SECRET),
    ("general", {"check": "f1"}, SECRET),
    ("general", {"check": "contains"}, SECRET),
    ("general", {"check": "regex"}, r"Xylo\w+ Q\w+"),
    ("general", {"check": "json_schema"}, {"type": "object", "required": [SECRET]}),
    ("general", {"check": "choice"}, "Q"),
    ("length", {"target": 100, "tolerance": 10}, None),
    ("overlong", {"max_length": 400, "buffer": 200, "unit": "words"}, None),
    ("format", {"tags": ["think", "answer", "more"]}, None),
    ("format", {"pattern": r"<think>.*</think>Xylo\w+"}, None),
    ("repetition", {}, None),
    ("language", {"script": "cyrillic"}, None),
    ("language", {"language": "en"}, None),
    (
        "composite",
        {"parts": [{"name": "format", "settings": {"tags": ["think"]}, "gate": True, "weight": 0.5}, "general"]},
        SECRET,
    ),
]
SHAPING = frozenset({"length", "overlong", "repetition", "language"})


def fuzzed(seed: int, n: int) -> list[str]:
    draw = random.Random(seed)
    made = []
    for _ in range(n):
        pieces = draw.choices(PIECES, k=draw.choice((0, 1, 3, 10, 40)))
        pieces += [
            chr(draw.choice((draw.randrange(128), draw.randrange(0x11_0000)))) for _ in range(draw.randrange(8))
        ]
        draw.shuffle(pieces)
        made.append("".join(pieces))
    return made


def scored(section: VerifierSection, requests: list[ScoreRequest]) -> list[Verdict]:
    async def run() -> list[Verdict]:
        async with VerifierPool(section) as pool:
            return await pool.score(requests)

    return asyncio.run(run())


@SIZES
@pytest.mark.parametrize(
    ("name", "settings", "label"), SETTINGS, ids=[f"{s[0]}-{'-'.join(map(str, s[1]))}" for s in SETTINGS]
)
def test_any_response_gets_a_valid_verdict_and_the_same_again(
    name: str, settings: dict[str, Any], label: Any, n: int
) -> None:
    requests = [ask(response, label) for response in fuzzed(1, n)]
    section = VerifierSection(name=name, settings=settings, timeout_s=2)
    verdicts = scored(section, requests)
    assert [verdict.reason for verdict in verdicts if not verdict.valid] == []
    assert all(math.isfinite(verdict.score) and -1 <= verdict.score <= 1 for verdict in verdicts)
    if name not in SHAPING | {"composite"}:
        assert {verdict.score for verdict in verdicts} == {0.0}
    assert scored(section, requests[:200]) == verdicts[:200]


@SIZES
@pytest.mark.parametrize("check", ["normalised", "exact", "f1", "contains", "regex", "json_schema", "choice"])
def test_any_label_is_used_or_invalid(check: str, n: int) -> None:
    requests = [ask("Paris", label) for label in fuzzed(2, n)]
    section = VerifierSection(name="general", settings={"check": check}, timeout_s=2)
    for verdict in scored(section, requests):
        assert verdict.valid or verdict.reason.startswith("bad label") or "which is not in it" in verdict.reason


@SIZES
def test_any_label_of_a_composite_is_used_or_invalid(n: int) -> None:
    draw = random.Random(3)
    values = [None, "", "math", "42", 1, -1.5, [], {}, True, float("inf"), "\ud800", "os:system"]
    keys = ["verifier", "label", "weight", "settings", "gate", "threshold", "called", "other"]
    labels = [
        [
            {key: draw.choice(values) for key in draw.sample(keys, draw.randrange(9))}
            for _ in range(draw.randrange(4))
        ]
        for _ in range(n)
    ]
    verdicts = scored(VerifierSection(name="composite"), [ask("42", label) for label in labels])
    assert len(verdicts) == n
    assert all(verdict.valid or verdict.reason.startswith("bad label") for verdict in verdicts)


@SIZES
def test_any_response_can_be_shown_to_a_judge(n: int) -> None:
    requests = [ask(response, "42") for response in fuzzed(4, n)]
    with judge_server(lambda body, number: "Score: 5") as server:
        settings = {"base_url": server.url, "model": "m", "attempts": 1}
        verdicts = scored(VerifierSection(name="judge", settings=settings), requests)
    assert all(verdict.valid for verdict in verdicts)
    assert {verdict.score for verdict in verdicts} <= {0.0, 0.5}


@pytest.mark.parametrize("form", ["line", "json"])
def test_any_reply_of_a_judge_is_a_score_or_an_error(form: Any) -> None:
    scale = Scale(0, 10, form)
    scores = []
    for reply in fuzzed(5, 2000):
        with suppress(ReplyError):
            scores.append(scale.read(reply))
    assert all(0 <= score <= 10 for score in scores)


def test_no_filling_leaves_a_fence_open() -> None:
    template = Template.parse("{question}{response}", ["question", "response"])
    responses = fuzzed(6, 2000)
    for question, response in zip(responses, reversed(responses), strict=True):
        prompt, mark = template.fill({"question": question, "response": response})
        assert prompt.count(mark) == 4
