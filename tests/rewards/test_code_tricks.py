"""More programs that try to be called right, by what they say to the judge and by what they return.

Beside those of ``test_code_hacks``; each names what it does. None may score, and none may outlast its limits.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from rewards.code.verifier import CodeVerifier

ONE = {"tests": ["assert add(2, 3) == 5"]}

LINE_TO_THE_JUDGE = """
import json, socket, struct, sys, time
frame = sys._getframe()
while "connection" not in frame.f_locals:
    frame = frame.f_back
connection = frame.f_locals["connection"]
def say(message):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)
"""

AT_LOADING: dict[str, str] = {
    "say that loading failed for no reason": 'say({"failed": ""})',
    "say that loading failed with success": 'say({"failed": "correct"})',
    "say that loading failed with something else than a word": 'say({"failed": []})',
    "say that loading failed for None": 'say({"failed": None})',
    "say that it is done": 'say({"done": True})',
    "say that a test passed": 'say({"test": 0, "reason": ""})',
    "say that the label is bad": 'say({"invalid": "the label"})',
    "say all in one breath": 'for m in [{"loaded": 1}, {"values": {"add": 5}}, {"value": True}]: say(m)',
    "name the judge's callback as its function": 'say({"loaded": 1}), say({"values": {"add": ["c", 0]}})',
    "name a built-in type as its function": 'say({"loaded": 1}), say({"values": {"add": ["ty", "object"]}})',
    "name an exception as its function": 'say({"loaded": 1}), say({"values": {"add": ["x", "BaseException"]}})',
    "hang up": "connection.shutdown(2)",
    "hang up and say more": "connection.shutdown(1); say(b'{}')",
    "announce a message that never comes": 'connection.sendall(struct.pack(">I", 9)); time.sleep(9)',
    "hand the judge a file": 'socket.send_fds(connection, [struct.pack(">I", 2) + b"[]"], [0])',
}

WHEN_CALLED: dict[str, str] = {
    "raise a number": 'say({"raised": 5, "arguments": 7})',
    "raise a nested nothing": 'say({"raised": [[["ValueError"]], None], "arguments": [["h", -1]]})',
    "raise what ends iterations": 'say({"raised": ["StopIteration"], "arguments": [5]})',
    "raise what ends the judge": 'say({"raised": ["SystemExit", "KeyboardInterrupt", "BaseException"]})',
    "answer not-a-number in JSON": "say(b'{\"value\": NaN}')",
    "answer more digits than an int may have": "say(b'{\"value\": ' + b'5' * 5000 + b'}')",
    "answer a depth of lists": "say(b'{\"value\": ' + b'[' * 100000 + b']' * 100000 + b'}')",
    "answer bytes that are no text": 'say(b\'{"value": "\\xff\\xfe"}\')',
    "answer an object": 'say({"value": {"__class__": "int", "value": 5}})',
    "answer twice": 'say({"value": 0}), say({"value": 0})',
    "call back what was never given": 'say({"callback": 1000000, "arguments": []})',
    "call back half a function": 'say({"callback": 0.5, "arguments": 1})',
    "refer to what is no number": 'say({"value": ["h", "0"]})',
    "answer an unknown tag": 'say({"value": ["__import__", "os"]})',
    "answer a zero denominator": 'say({"value": ["F", 1, 0]})',
    "answer a key that cannot be one": 'say({"value": ["d", [["l"], 1]]})',
    "answer itself for ever": 'while True: say({"callback": 0, "arguments": []})',
    "answer byte by byte": "for b in b'\\0\\0\\0c': connection.sendall(bytes([b])); time.sleep(9)",
}

AIMED: dict[str, tuple[dict[str, Any], str]] = {
    "let the test swallow the time-out": (
        {"tests": ["try:\n    f(1)\nexcept:\n    pass"]},
        "def f(x):\n    while True: pass\n",
    ),
    "let the setup swallow the time-out": (
        {"tests": ["assert f(1) is None"], "setup": "try:\n    f(0)\nexcept:\n    pass\n"},
        "def f(x):\n    while x == 0: pass\n",
    ),
    "empty the cases of the next test": (
        {
            "tests": ["assert learn(CASES) is None", "for a, b in CASES:\n    assert square(a) == b"],
            "setup": "CASES = [(2, 4), (3, 9)]\n",
        },
        "def learn(cases):\n    cases.clear()\ndef square(x):\n    return 0\n",
    ),
    "pose as text in capitals": (
        {"tests": ["assert shout('abc').isupper() and shout('x').isalpha()"]},
        "class Text:\n    def isupper(self): return True\n    isalpha = isupper\n"
        "def shout(x):\n    return Text()\n",
    ),
    "an exception equal to everything": (
        {"tests": ["try:\n    f(1)\nexcept ValueError as error:\n    assert error.args == (7,)"]},
        "class Same:\n    def __eq__(self, o): return True\n"
        "class E(ValueError):\n    def __eq__(self, o): return True\ndef f(x):\n    raise E(Same())\n",
    ),
    "an exception that never stops describing itself": (
        {"tests": ["f(1)"]},
        "class Same:\n    def __repr__(self):\n        while True: pass\n    __str__ = __repr__\n"
        "def f(x):\n    raise KeyError(Same())\n",
    ),
    "an exception with a number too long to print": (
        {"tests": ["assert f(1) == 2"]},
        "def f(x):\n    raise ValueError(10 ** 100000, f)\n",
    ),
    "an object whose text has no end": (
        {"tests": ["assert str(f(1)) == '2'"]},
        "class Long:\n    def __str__(self): return self\n    def __repr__(self): return repr(self)\n"
        "def f(x):\n    return Long()\n",
    ),
    "a generator without an end": (
        {"tests": ["assert list(count(3)) == [0, 1, 2]"]},
        "def count(n):\n    while True:\n        yield 0\n",
    ),
    "a generator instead of the list": (
        {"tests": ["assert count(3) == [0, 1, 2]"]},
        "def count(n):\n    yield from range(n)\n",
    ),
    "an item of a class": (
        {"tests": ["assert box[3] == 3"], "entry_point": "box"},
        "class Same:\n    def __eq__(self, o): return True\n"
        "class box:\n    def __class_getitem__(cls, key): return Same()\n",
    ),
    "text of its own kind": (
        {"tests": ["assert greet() == 'hello'"]},
        "class Text(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\n"
        "    def __getnewargs__(self): return ('hello',)\ndef greet():\n    return Text('x')\n",
    ),
    "a fraction of its own kind": (
        {"tests": ["from fractions import Fraction\nassert half() == Fraction(1, 2)"]},
        "class Fraction:\n    numerator = denominator = property(lambda self: self)\n"
        "    def __eq__(self, o): return True\nFraction.__module__ = 'fractions'\n"
        "def half():\n    return Fraction()\n",
    ),
    "a decimal that signals": (
        {"tests": ["from decimal import Decimal\nassert half() == Decimal('0.5')"]},
        "from decimal import Decimal\ndef half():\n    return Decimal('sNaN')\n",
    ),
    "a list of its own kind": (
        {"tests": ["assert order([2, 1]) == [1, 2]"]},
        "class Sorted(list):\n    def __eq__(self, o): return True\n    def __iter__(self): return iter([1, 2])\n"
        "def order(x):\n    return Sorted(x)\n",
    ),
    "a mapping that has everything": (
        {"tests": ["assert count('aab') == {'a': 2, 'b': 1}", "assert count('aab')['a'] == 2"]},
        "class All(dict):\n    def __missing__(self, key): return self\n    def __eq__(self, o): return True\n"
        "def count(x):\n    return All()\n",
    ),
    "not implemented": (
        {"tests": ["assert f(1) == 2 or f(1) is NotImplemented is True"]},
        "def f(x):\n    return NotImplemented\n",
    ),
    "the types themselves": (
        {"tests": ["assert f(1) == 2"]},
        "class Meta(type):\n    def __eq__(cls, o): return True\n    def __instancecheck__(cls, o): return True\n"
        "    __hash__ = type.__hash__\nclass f(metaclass=Meta):\n    def __new__(cls, x): return cls\n",
    ),
    "follow the judge with every tracer": (
        {"tests": ["assert add(2, 3) == 5"]},
        "import sys, threading\ndef spy(frame, event, arg):\n    for name in frame.f_locals:\n"
        "        frame.f_locals[name] = None\n    return spy\nsys.settrace(spy)\nsys.setprofile(spy)\n"
        "threading.settrace(spy)\nthreading.setprofile(spy)\ndef add(a, b):\n    return None\n",
    ),
    "patch what answers": (
        {"tests": ["assert add(2, 3) == 5", "assert add(1, 1) == 2"]},
        "import gc\nfor thing in gc.get_objects():\n    if type(thing).__name__ == 'Solution':\n"
        "        type(thing)._do_call = lambda self, request: {'value': True, 'changed': [0, 0]}\n"
        "def add(a, b):\n    return 0\n",
    ),
    "patch JSON": (
        {"tests": ["assert add(2, 3) == 5"]},
        "import json, json.encoder\njson.dumps = lambda *a, **k: '{\"value\": true}'\n"
        "json.JSONEncoder.encode = lambda *a: '{\"value\": true}'\ndef add(a, b):\n    return 0\n",
    ),
    "change what all the tests were given": (
        {"tests": ["x = [1]\nassert grow(x) == [1, 1] and x == [1]"]},
        "def grow(x):\n    x *= 2\n    return None\n",
    ),
    "print without end": (
        {"tests": ["assert add(2, 3) == 5"]},
        "def add(a, b):\n    while True: print('5' * 100000, flush=True)\n",
    ),
    "half a character": (
        {"tests": ["assert greet() == 'hello'"]},
        "def greet():\n    return 'hello\\ud800'\n",
    ),
    "a text with a null": (
        {"tests": ["assert greet() == 'hello'"]},
        "def greet():\n    return 'hello\\0'\n",
    ),
    "search memory for the output": (
        {"stdin": [{"input": "1", "output": "expected-7319"}]},
        "import gc, sys\nfound = []\nframe = sys._getframe()\n"
        "while frame:\n    found += map(str, frame.f_locals.values())\n    frame = frame.f_back\n"
        "found += [str(x) for x in gc.get_objects() if isinstance(x, (str, bytes, list, dict))]\n"
        "print(next(t[t.index('expected' + '-'):][:13] for t in found if 'expected' + '-' in t))\n",
    ),
    "exit well before the answer": (
        {"stdin": [{"input": "1", "output": "5"}]},
        "import sys\nsys.exit(0)\nprint(5)\n",
    ),
    "print the answer where errors go": (
        {"stdin": [{"input": "1", "output": "5"}]},
        "import sys\nprint(5, file=sys.stderr)\n",
    ),
    "print the answer when nobody listens any more": (
        {"stdin": [{"input": "1", "output": "5"}]},
        "import os, time\nif os.fork() == 0:\n    time.sleep(0.2)\n    print(5, flush=True)\nos._exit(0)\n",
    ),
    "overwrite a wrong answer": ({"stdin": [{"input": "", "output": "5"}]}, "print('4\\r5')\n"),
    "an answer with a null": ({"stdin": [{"input": "", "output": "5"}]}, "print('5\\0')\n"),
    "an answer with an invisible character": ({"stdin": [{"input": "", "output": "5"}]}, "print('5\\u200b')\n"),
    "any number where infinity is asked for": (
        {"stdin": [{"input": "", "output": "inf"}], "tolerance": 1e-6},
        "print(5)\n",
    ),
    "digits that only Python reads": (
        {"stdin": [{"input": "", "output": "50"}], "tolerance": 1e-6},
        "print('5_0')\n",
    ),
    "flood, and then the answer": (
        {"stdin": [{"input": "", "output": "5"}]},
        "import sys\nsys.stdout.write('\\n' * (20 << 20))\nprint(5)\n",
    ),
}


def at_loading(name: str) -> str:
    return f"{LINE_TO_THE_JUDGE}{AT_LOADING[name]}\ndef add(a, b):\n    return 0\n"


def when_called(name: str) -> str:
    return f"{LINE_TO_THE_JUDGE}def add(a, b):\n    {WHEN_CALLED[name]}\n    return 0\n"


@pytest.fixture(scope="module")
def verifier() -> Iterator[CodeVerifier]:
    verifier = CodeVerifier(timeout_s=0.3, total_timeout_s=1.0, memory_mb=128)
    verifier.warm_up()
    yield verifier
    verifier.close()


def assert_unpaid(verifier: CodeVerifier, code: str, label: dict[str, Any]) -> None:
    began = time.monotonic()
    verdict = verifier.verify(f"```python\n{code}\n```", label)
    assert (verdict.valid, verdict.score, verdict.correct) == (True, 0.0, False), verdict
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("name", AT_LOADING)
def test_what_code_says_at_loading_is_not_believed(verifier: CodeVerifier, name: str) -> None:
    assert_unpaid(verifier, at_loading(name), ONE)


@pytest.mark.parametrize("name", WHEN_CALLED)
def test_what_code_says_when_called_is_not_believed(verifier: CodeVerifier, name: str) -> None:
    assert_unpaid(verifier, when_called(name), ONE)


@pytest.mark.parametrize("name", AIMED)
def test_no_trick_passes(verifier: CodeVerifier, name: str) -> None:
    label, code = AIMED[name]
    assert_unpaid(verifier, code, label)


def test_the_line_to_the_judge_is_found(verifier: CodeVerifier) -> None:
    """Else the tricks above would fail for want of it."""
    code = f"{LINE_TO_THE_JUDGE}def add(a, b):\n    say({{'value': a + b}})\n    raise SystemExit\n"
    assert verifier.verify(f"```python\n{code}\n```", ONE).score == 1.0
