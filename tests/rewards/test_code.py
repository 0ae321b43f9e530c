"""The verifier ``code``: what passes, what fails, and with which reason."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.code.extract import extract_code
from rewards.code.label import read_label
from rewards.code.output import same_output
from rewards.code.values import GarbledError, decode, encode
from rewards.code.verifier import CodeVerifier
from rewards.config import VerifierSection
from rewards.pool import VerifierPool
from tests.rewards.requests import ask

ADD = {"tests": ["assert add(2, 3) == 5", "assert add(-4, 1) == -3"]}
GOOD = "def add(a, b):\n    return a + b\n"


@pytest.fixture(scope="module")
def verifier() -> Iterator[CodeVerifier]:
    verifier = CodeVerifier(timeout_s=1.0, total_timeout_s=2.0, memory_mb=128)
    verifier.warm_up()
    yield verifier
    verifier.close()


def fenced(code: str) -> str:
    return f"Here it is:\n```python\n{code}\n```\nDone."


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (GOOD, "correct"),
        ("def add(a, b):\n    return a - b\n", "wrong"),
        ("def plus(a, b):\n    return a + b\n", "missing_function"),
        ("def add(a, b) return a + b\n", "syntax_error"),
        ("import no_such_module\n" + GOOD, "load_error"),
        ("raise ValueError\n", "load_error"),
        ("def add(a, b):\n    return a / 0\n", "error"),
        ("def add(a, b):\n    while True: pass\n", "timeout"),
        ("while True: pass\n", "timeout"),
        ("import os\nos._exit(0)\n", "crash"),
        ("import os\ndef add(a, b):\n    os._exit(0)\n", "crash"),
        ("def add(a, b):\n    return 'x' * (64 << 30)\n", "memory"),
        ("import socket\ndef add(a, b):\n    socket.socket()\n", "refused"),
        ("import os\nos.execv('/bin/true', ['true'])\n", "refused"),
        ("def add(a, b):\n    return 'x' * (40 << 20)\n", "output_limit"),
    ],
)
def test_reasons(verifier: CodeVerifier, code: str, reason: str) -> None:
    verdict = verifier.verify(fenced(code), ADD)
    assert (verdict.valid, verdict.reason, verdict.score) == (True, reason, float(reason == "correct"))


@pytest.mark.parametrize(
    "response",
    [
        "",
        "I don't know.",
        "<think>\n" + fenced(GOOD),
        "```bash\nls\n```",
        "<think>" + fenced(GOOD) + "</think>No code.",
    ],
)
def test_no_answer(verifier: CodeVerifier, response: str) -> None:
    assert verifier.verify(response, ADD).reason == "no_answer"


def test_too_long(verifier: CodeVerifier) -> None:
    assert verifier.verify("x" * 400_001, ADD).reason == "too_long"
    assert verifier.verify(fenced("#" * 100_001), ADD).reason == "too_long"


TESTS: dict[str, tuple[str, list[str]]] = {
    "classes": (
        "class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
        "    def __eq__(self, other):\n        return (self.x, self.y) == (other.x, other.y)\n"
        "    def __repr__(self):\n        return f'Point({self.x})'\n    def __len__(self):\n        return 2\n"
        "    def move(self, dx):\n        self.x += dx\n",
        [
            "p = Point(1, 2)\nassert p.x == 1 and p == Point(1, 2) and p != Point(2, 2)",
            "p = Point(1, 2)\np.move(3)\nassert p.x == 4 and repr(p) == 'Point(4)' and len(p) == 2",
            "p = Point(1, 2)\np.x = 9\nassert p.x == 9 and isinstance(p, Point) and not isinstance(3, Point)",
        ],
    ),
    "exceptions": (
        "class Bad(ValueError):\n    pass\n"
        "def f(x):\n    if x < 0:\n        raise Bad(f'{x}')\n    return {}[x]\n",
        [
            "try:\n    f(-1)\n    assert False\nexcept Bad as error:\n    assert str(error) == '-1'",
            "try:\n    f(-1)\n    assert False\nexcept ValueError:\n    pass",
            "try:\n    f(1)\n    assert False\nexcept KeyError as error:\n    assert error.args == (1,)",
        ],
    ),
    "generators": (
        "def count(n):\n    for i in range(n):\n        yield i\n",
        [
            "assert list(count(3)) == [0, 1, 2]",
            "g = count(2)\nassert next(g) == 0 and next(g) == 1 and next(g, 7) == 7",
        ],
    ),
    "functions as arguments and results": (
        "def twice(f):\n    return lambda x: f(f(x))\n",
        ["assert twice(lambda x: x + 3)(1) == 7", "assert twice(twice(lambda x: x * 2))(1) == 16"],
    ),
    "in place": (
        "def order(x):\n    x.sort()\ndef put(d):\n    d['a'] = 1\ndef turn(x):\n    x.reverse()\n",
        [
            "x = [2, 1]\norder(x)\nassert x == [1, 2]",
            "d = {}\nassert put(d) is None\nassert d == {'a': 1}",
            "from collections import deque\nq = deque([1, 2])\nturn(q)\nassert q == deque([2, 1])",
            "b = bytearray(b'ab')\nturn(b)\nassert b == b'ba'",
        ],
    ),
    "values of all kinds": (
        "def same(x):\n    return x\n",
        [
            f"assert same({value}) == {value} and type(same({value})) is type({value})"
            for value in (
                "None",
                "True",
                "3",
                "-2**70",
                "1.5",
                "'é\\ud800'",
                "b'x'",
                "1j",
                "[1, [2]]",
                "(1, (2,))",
                "{1, 2}",
                "frozenset({1})",
                "{'a': {1: (2,)}}",
                "range(3)",
                "float('inf')",
                "...",
            )
        ],
    ),
    "kinds of the standard library": (
        "from collections import *\nfrom decimal import Decimal\nfrom fractions import Fraction\nimport enum\n"
        "Pair = namedtuple('Pair', 'a b')\nclass Color(enum.IntEnum):\n    RED = 1\n"
        "def f(x):\n    return {'c': Counter('aab'), 'd': Decimal('1.5'), 'f': Fraction(1, 3), 'p': Pair(1, 2),"
        " 'q': deque([1]), 'o': OrderedDict(a=1), 'dd': defaultdict(int, a=1), 'e': Color.RED}[x]\n",
        [
            "from fractions import Fraction\nassert f('f') == Fraction(1, 3) and f('p') == (1, 2) and f('e') == 1",
            "assert f('c') == {'a': 2, 'b': 1} and f('o') == {'a': 1} and f('dd') == {'a': 1}",
            "assert list(f('q')) == [1]",
            "assert str(f('d')) == '1.5'",
        ],
    ),
    "a name that is built in": ("def sum(a, b):\n    return a * b\n", ["assert sum(4, 6) == 24"]),
    "modules that nobody imported": ("def root(x):\n    return x ** 0.5\n", ["assert math.isclose(root(4), 2.0)"]),
}


@pytest.mark.parametrize("name", TESTS)
def test_honest_code_passes(verifier: CodeVerifier, name: str) -> None:
    code, tests = TESTS[name]
    for test in tests:
        verdict = verifier.verify(fenced(code), {"tests": [test]})
        assert verdict.score == 1.0, (test, verdict)


def test_setup_stands_before_the_tests_and_the_code(verifier: CodeVerifier) -> None:
    label = {"tests": ["assert area(2) == 4 * UNIT"], "setup": "import math\nUNIT = 1\n", "entry_point": "area"}
    assert verifier.verify(fenced("def area(x):\n    return math.pow(x, 2) * UNIT"), label).score == 1.0


def test_setup_may_use_the_code(verifier: CodeVerifier) -> None:
    code = "class Node:\n    def __init__(self, v):\n        self.v, self.next = v, None\n"
    code += "def total(n):\n    return n.v + (total(n.next) if n.next else 0)\n"
    label = {"tests": ["assert total(root) == 3"], "setup": "root = Node(1)\nroot.next = Node(2)"}
    assert verifier.verify(fenced(code), label).score == 1.0


def test_a_setup_that_fails_by_itself_is_invalid(verifier: CodeVerifier) -> None:
    verdict = verifier.verify(fenced(GOOD), {**ADD, "setup": "x = 1 / 0"})
    assert not verdict.valid
    assert "setup failed" in verdict.reason


def test_each_test_finds_the_setup_as_it_was(verifier: CodeVerifier) -> None:
    label = {"tests": ["assert empty(CASES) is None and CASES == []"] * 2, "setup": "CASES = [1, 2]\n"}
    assert verifier.verify(fenced("def empty(x):\n    assert x == [1, 2]\n    x.clear()\n"), label).score == 1.0


def test_a_setup_that_takes_too_long_by_itself_is_invalid(verifier: CodeVerifier) -> None:
    verdict = verifier.verify(fenced(GOOD), {**ADD, "setup": "while True: pass"})
    assert (verdict.valid, verdict.reason) == (False, "bad label: setup failed by itself: it takes too long")


def test_tests_share_their_total_time(verifier: CodeVerifier) -> None:
    code = (
        "import time\ndef f(x):\n    end = time.process_time() + 0.7\n    while time.process_time() < end: pass\n"
    )
    verdict = verifier.verify(fenced(code), {"tests": ["assert f(1) is None"] * 4})
    assert (verdict.reason, verdict.metrics["timeout"]) == ("timeout", 1)
    assert verdict.metrics["passed"] <= 2


def test_in_place_with_a_result(verifier: CodeVerifier) -> None:
    code = "def shrink(x):\n    x.pop()\n    return len(x)\n"
    tests = ["x = [1, 2]\nassert shrink(x) == 1 and x == [1]"]
    assert verifier.verify(fenced(code), {"tests": tests}).score == 0.0
    assert verifier.verify(fenced(code), {"tests": tests, "in_place": True}).score == 1.0


def test_share_of_tests() -> None:
    verifier = CodeVerifier(reward="share", timeout_s=0.3, total_timeout_s=3.0)
    code = "import os\ndef f(x):\n    if x == 1: os._exit(0)\n    while x == 2: pass\n    return x\n"
    tests = [f"assert f({x}) == {x % 5}" for x in range(8)]
    verdict = verifier.verify(fenced(code), {"tests": tests})
    verifier.close()
    expected = {"passed": 3, "tests": 8, "crash": 1, "timeout": 1, "wrong": 3}
    assert (verdict.score, verdict.correct, verdict.metrics) == (3 / 8, False, expected)
    assert verdict.reason == "crash"


SUM = {"stdin": [{"input": "2 3\n", "output": "5\n"}, {"input": "10 -4\n", "output": "6"}]}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("a, b = map(int, input().split())\nprint(a + b)", "correct"),
        ("import sys\nprint(sum(map(int, sys.stdin.read().split())))\nsys.exit(0)", "correct"),
        (
            "if __name__ == '__main__':\n    print(sum(map(int, open(0).read().split())), end='  \\n\\n')",
            "correct",
        ),
        ("print(5)", "wrong"),
        ("print(5)\n1 / 0", "error"),
        ("print(", "syntax_error"),
        ("while True: pass", "timeout"),
        ("while True: print('1' * 100000)", "output_limit"),
        ("x = 'x' * (64 << 30)", "memory"),
        ("import sys\nsys.exit(3)", "error"),
        ("import os\nos.execv('/bin/true', ['true'])", "refused"),
        ("import os, time\nos.close(0), os.close(1)\ntime.sleep(9)", "timeout"),
        ("import ctypes\nctypes.string_at(0)", "crash"),
    ],
)
def test_programs(verifier: CodeVerifier, code: str, reason: str) -> None:
    verdict = verifier.verify(fenced(code), SUM)
    assert (verdict.valid, verdict.reason) == (True, reason)


def test_large_input(verifier: CodeVerifier) -> None:
    label = {"stdin": [{"input": "1\n" * 10**5, "output": "100000"}]}
    assert verifier.verify(fenced("import sys\nprint(sum(map(int, sys.stdin)))"), label).score == 1.0


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (3, "mapping"),
        ("{", "no JSON"),
        ("[]", "JSON object"),
        ({}, "either tests or stdin"),
        (
            {
                "tests": [],
            },
            "at least one",
        ),
        ({"tests": ["assert ("]}, "no Python"),
        ({"tests": ["assert add(1) == 1"], "test": 1}, "unknown keys test"),
        ({"tests": ["assert 1"]}, "entry_point"),
        ({"tests": ["def check(candidate):\n    assert candidate()"]}, "check"),
        ({"tests": ["assert f()"], "entry_point": "f()"}, "entry_point"),
        ({"tests": ["assert f()"], "limits": {"timeout_s": -1}}, "above 0"),
        ({"tests": ["assert f()"], "limits": {"seconds": 1}}, "limits"),
        ({"stdin": []}, "at least one"),
        ({"stdin": [{"input": ""}]}, "case 0"),
        ({"stdin": [{"input": "", "output": 3}]}, "must be text"),
    ],
)
def test_bad_labels_are_invalid(verifier: CodeVerifier, label: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_label(label)
    verdict = verifier.verify(fenced(GOOD), label)
    assert not verdict.valid
    assert verdict.reason.startswith("bad label: ")


def test_a_label_as_json_text(verifier: CodeVerifier) -> None:
    assert verifier.verify(fenced(GOOD), json.dumps(ADD)).score == 1.0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```python\na = 1\n```\ntext\n```python\nb = 2\n```", "b = 2\n"),
        ("```python\ndef f(): pass\n```\n```python\nf()\n```", "def f(): pass\n"),
        ("```py\na\n```\n```text\nb\n```", "a\n"),
        ("~~~\na\n```\n~~~", "a\n```\n"),
        ("````python\n```\n````", "```\n"),
        ("```python\na = 1", "a = 1\n"),
        ("1. So:\n\n   ```python\n   def f():\n       return 1\n   ```", "def f():\n    return 1\n"),
        ("- a\n    - b\n\n      ```\n      f = 1\n      ```\nDone.", "f = 1\n"),
        ('```\ndef f():\n    """\n    ```\n    """\n```', 'def f():\n    """\n    ```\n    """\n'),
        ("def f():\n    return 1", "def f():\n    return 1"),
        ("The answer is 3.", None),
        ("```bash\nls\n```", None),
        ("", None),
    ],
)
def test_extraction(answer: str, code: str | None) -> None:
    assert extract_code(answer, "f") == code


@pytest.mark.parametrize(
    ("printed", "expected", "tolerance", "same"),
    [
        ("1 2\n3\n", "1 2\n3", 0, True),
        ("1 2 \n3", "1 2\n3\n\n", 0, True),
        ("1  2", "1 2", 0, False),
        ("0.333", "0.3333", 1e-3, True),
        ("0.333", "0.3333", 0, False),
        ("nan", "1", 1e-3, False),
        ("inf", "1", 9, False),
        ("1", "inf", 9, False),
        ("inf", "inf", 9, True),
        ("1_0", "10", 9e-9, False),
        ("\u0665", "5", 9e-9, False),
        ("yes 1.0", "yes 1", 1e-9, True),
        ("no 1.0", "yes 1", 1e-9, False),
    ],
)
def test_outputs(printed: str, expected: str, tolerance: float, same: bool) -> None:
    assert same_output(printed, expected, tolerance) is same


def _refuse(value: Any) -> Any:
    raise GarbledError(repr(value))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(SCALARS, inner) | st.frozensets(SCALARS)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_data_passes_unchanged(value: Any) -> None:
    passed = decode(json.loads(json.dumps(encode(value, _refuse))), _refuse)
    assert passed == value
    assert repr(passed) == repr(value) or isinstance(value, dict | frozenset | tuple | list)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["l", "t", "d", "i", "h", "F", "D", "r", "td"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=200)
def test_what_is_no_value_is_told_so(message: Any) -> None:
    try:
        decode(message, _refuse)
    except GarbledError:
        return


@given(st.text())
@settings(max_examples=200)
def test_extraction_takes_any_text(text: str) -> None:
    code = extract_code("```\n" + text, "f")
    assert code is None or isinstance(code, str)


@given(st.text(alphabet="def add(a,b):\n return+-'\"\\\x00é0", max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_response_gets_a_valid_verdict(verifier: CodeVerifier, text: str) -> None:
    assert verifier.verify(f"```python\n{text}\n```", ADD).valid


def test_through_the_pool() -> None:
    requests = [
        ask(fenced(code), ADD) for code in (GOOD, "def add(a, b): return 0", "def add(a, b):\n    while 1: 0")
    ]

    async def score() -> list[tuple[float, str]]:
        settings = {"timeout_s": 0.5, "total_timeout_s": 1.0}
        async with VerifierPool(VerifierSection(name="code", settings=settings)) as pool:
            return [(verdict.score, verdict.reason) for verdict in await pool.score(requests)]

    assert asyncio.run(score()) == [(1.0, "correct"), (0.0, "wrong"), (0.0, "timeout")]
