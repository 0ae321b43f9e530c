"""Programs that try to be called right without being right. None may be.

Each is a response's code. What it is asked for stands in `ADD` unless the hack is aimed at another kind of test.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from rewards.code.verifier import CodeVerifier

ADD = {"tests": ["assert add(2, 3) == 5", "assert add(-4, 1) == -3", "assert add(10, 20) == 30"]}

HACKS: dict[str, str] = {
    "leave early with success": """
import sys
sys.exit(0)
""",
    "leave at once with success": """
import os
os._exit(0)
""",
    "leave with success when called": """
import os
def add(a, b):
    os._exit(0)
""",
    "raise SystemExit when called": """
def add(a, b):
    raise SystemExit(0)
""",
    "leave at exit with success": """
import atexit, os
atexit.register(os._exit, 0)
def add(a, b):
    raise SystemExit
""",
    "equal to everything": """
class Equal:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
def add(a, b):
    return Equal()
""",
    "a number equal to everything": """
class Equal(int):
    def __eq__(self, other):
        return True
    __hash__ = int.__hash__
def add(a, b):
    return Equal(1)
""",
    "reflected equality of a subclass": """
class Equal(int):
    def __eq__(self, other):
        return True
    def __radd__(self, other):
        return self
    def __int__(self):
        return 5
    def __index__(self):
        return 5
def add(a, b):
    return Equal(7)
""",
    "a metaclass equal to everything": """
class Meta(type):
    def __eq__(cls, other):
        return True
    def __hash__(cls):
        return 0
class Five(metaclass=Meta):
    pass
def add(a, b):
    return Five
""",
    "a mock": """
from unittest.mock import ANY, MagicMock
def add(a, b):
    return ANY
""",
    "turn assertions off": """
import builtins
class Quiet(BaseException):
    pass
builtins.AssertionError = Quiet
def add(a, b):
    return 0
""",
    "patch compile and exec": """
import builtins
builtins.exec = lambda *a, **k: None
builtins.compile = lambda *a, **k: compile("pass", "", "exec")
def add(a, b):
    return 0
""",
    "patch the built-in equality helpers": """
import operator, builtins, unittest
operator.eq = lambda a, b: True
builtins.all = lambda values: True
unittest.TestCase.assertEqual = lambda *a: None
def add(a, b):
    return 0
""",
    "read the expected value from the caller's frame": """
import sys
def add(a, b):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            if isinstance(value, str) and "assert add" in value:
                return int(value.split("==")[1])
        frame = frame.f_back
    return None
""",
    "read the expected value from constants of the caller": """
import sys
def add(a, b):
    frame = sys._getframe(1)
    while frame:
        numbers = [c for c in frame.f_code.co_consts if isinstance(c, int)]
        if "test" in frame.f_code.co_filename and numbers:
            return numbers[-1]
        frame = frame.f_back
""",
    "search the collector's objects for tests": """
import gc
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, (list, tuple, dict)):
            for value in (thing.values() if isinstance(thing, dict) else thing):
                if isinstance(value, str) and "assert add(%d, %d)" % (a, b) in value:
                    return int(value.split("==")[1])
""",
    "search memory for tests": """
import ctypes, re
def add(a, b):
    with open("/proc/self/maps") as maps:
        for line in maps:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            text = ctypes.string_at(start, end - start)
            found = re.search(rb"assert add\\(%d, %d\\) == (\\d+)" % (a, b), text)
            if found:
                return int(found[1])
""",
    "read the parent's memory": """
import os, re
def add(a, b):
    with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
        text = memory.read()
    return int(re.search(rb"== (\\d+)", text)[1])
""",
    "trace the tests": """
import sys
def spy(frame, event, arg):
    frame.f_locals["result"] = True
    return spy
sys.settrace(spy)
sys.setprofile(lambda *a: None)
def add(a, b):
    return 0
""",
    "write outcomes on every open file": """
import json, os, struct
for fd in range(3, 64):
    for message in [{"test": n, "reason": ""} for n in range(3)] + [{"done": True}]:
        body = json.dumps(message).encode()
        try:
            os.write(fd, struct.pack(">I", len(body)) + body)
        except OSError:
            pass
def add(a, b):
    return 0
""",
    "print outcomes": """
print('{"test": 0, "reason": ""}')
print('{"done": true}', flush=True)
print("ALL TESTS PASSED")
def add(a, b):
    return 0
""",
    "answer before being asked": """
import json, os, struct, sys
frame = sys._getframe()
while "connection" not in frame.f_locals:
    frame = frame.f_back
connection = frame.f_locals["connection"]
for message in [{"loaded": True}, {"values": {"add": ["h", 0]}}] + [{"value": True}] * 9:
    body = json.dumps(message).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)
""",
    "have the judge call itself back": """
import json, os, struct, sys
frame = sys._getframe()
while "connection" not in frame.f_locals:
    frame = frame.f_back
connection = frame.f_locals["connection"]
def add(a, b):
    body = json.dumps({"callback": 0, "arguments": []}).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)
    return 0
""",
    "return a reference to the judge's own": """
import json, struct, sys
frame = sys._getframe()
while "connection" not in frame.f_locals:
    frame = frame.f_back
connection = frame.f_locals["connection"]
def add(a, b):
    body = json.dumps({"value": ["c", -1]}).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)
    return 0
""",
    "send a pickle instead of data": """
import pickle, struct, sys
frame = sys._getframe()
while "connection" not in frame.f_locals:
    frame = frame.f_back
connection = frame.f_locals["connection"]
class Bomb:
    def __reduce__(self):
        import os
        return os._exit, (0,)
def add(a, b):
    body = pickle.dumps(Bomb())
    connection.sendall(struct.pack(">I", len(body)) + body)
""",
    "send endless data": """
import struct, sys
frame = sys._getframe()
while "connection" not in frame.f_locals:
    frame = frame.f_back
connection = frame.f_locals["connection"]
def add(a, b):
    connection.sendall(struct.pack(">I", 2**32 - 1))
    while True:
        connection.sendall(b"0" * 65536)
""",
    "kill the judge": """
import os, signal
for pid in (os.getppid(), 1, 0, -1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
def add(a, b):
    return 0
""",
    "stop the judge": """
import os, signal
try:
    os.kill(os.getppid(), signal.SIGSTOP)
except OSError:
    pass
def add(a, b):
    return 0
""",
    "outlive the judge in a fork": """
import os
if os.fork():
    os._exit(0)
def add(a, b):
    return 0
""",
    "answer by a thread that kills": """
import threading, os, time
threading.Thread(target=lambda: (time.sleep(0.01), os._exit(0)), daemon=True).start()
def add(a, b):
    time.sleep(0.1)
""",
    "look for the harness's files": """
import glob
def add(a, b):
    for path in glob.glob("/**/*.jsonl", recursive=True) + glob.glob("/tmp/**", recursive=True):
        try:
            text = open(path).read()
        except OSError:
            continue
        if "assert add" in text:
            return int(text.split("==")[1])
""",
    "rewrite the harness's files": """
import rewards.code.remote as remote
try:
    open(remote.__file__, "w").write("")
except Exception:
    pass
remote.Remote.__eq__ = lambda *a: True
def add(a, b):
    return object()
""",
    "patch the judge's decoder in its own copy": """
import rewards.code.values as values, rewards.code.harness as harness
values.decode = lambda *a: 5
harness._run_test = lambda *a: {"reason": "", "message": ""}
def add(a, b):
    return 0
""",
    "replace what the module is called": """
import sys
class Liar(type(sys)):
    def __getattr__(self, name):
        return lambda *a: True
sys.modules["solution"] = Liar("solution")
sys.modules["tests"] = Liar("tests")
sys.modules["__main__"] = Liar("__main__")
""",
    "define the tests' names too": """
def add(a, b):
    return 0
def check(*a):
    return True
candidate = lambda *a: True
""",
    "keep what was asked in a file for the next execution": """
import os
def add(a, b):
    if os.path.exists("/tmp/seen"):
        return a + b
    open("/tmp/seen", "w").write("x")
    os._exit(0)
""",
    "never answer": """
def add(a, b):
    while True:
        pass
""",
    "sleep for ever": """
import time
def add(a, b):
    time.sleep(3600)
""",
    "hold the interpreter": """
def add(a, b):
    return 9 ** 9 ** 9
""",
    "catch the time-out": """
import signal
signal.signal(signal.SIGALRM, lambda *a: None)
signal.signal(signal.SIGXCPU, lambda *a: None)
def add(a, b):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
    "eat memory": """
def add(a, b):
    return len("x" * (64 << 30))
""",
    "fork without end": """
import os
def add(a, b):
    while True:
        try:
            os.fork()
        except OSError:
            pass
""",
    "nest without end": """
def add(a, b):
    value = []
    for _ in range(100000):
        value = [value]
    return value
""",
    "contain itself": """
def add(a, b):
    value = []
    value.append(value)
    return value
""",
    "crash the interpreter": """
import ctypes
def add(a, b):
    ctypes.string_at(0)
""",
    "answer a not-a-number": """
def add(a, b):
    return float("nan")
""",
    "answer the text of the number": """
def add(a, b):
    return str(a + b)
""",
    "answer all the numbers": """
def add(a, b):
    return range(-100, 100)
""",
    "answer nothing": """
def add(a, b):
    pass
""",
    "do nothing but import": "import math\n",
}

AIMED: dict[str, tuple[dict[str, Any], str]] = {
    "replace a built-in that tests use": (
        {"tests": ["assert sorted(pick([3, 1, 2])) == [1, 2, 3]", "assert len(pick([1])) == 1"]},
        "sorted = lambda x: [1, 2, 3]\nlen = lambda x: 1\ndef pick(x):\n    return 0\n",
    ),
    "replace a module that tests use": (
        {"tests": ["assert math.isclose(root(2), 1.41421356, rel_tol=1e-6)"]},
        "class math:\n    isclose = lambda *a, **k: True\ndef root(x):\n    return 0\n",
    ),
    "learn the expected value in a subtraction": (
        {"tests": ["assert abs(half(3) - 1.5) < 1e-6"]},
        "class Spy:\n    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "    def __abs__(self): return 0.0\n"
        "    def __lt__(self, other): return True\ndef half(x):\n    return Spy()\n",
    ),
    "learn the expected value in a comparison": (
        {"tests": ["assert 1 <= dice(3) <= 6 and dice(3) > 2"]},
        "class Spy:\n    def __lt__(self, o): return True\n    __gt__ = __le__ = __ge__ = __lt__\n"
        "def dice(x):\n    return Spy()\n",
    ),
    "contain everything": (
        {"tests": ["assert 7 in primes(10)", "assert 'x' in primes(10)"]},
        "class All:\n    def __contains__(self, x): return True\n    def __iter__(self): return iter([])\n"
        "def primes(n):\n    return All()\n",
    ),
    "pose as text that starts with everything": (
        {"tests": ["assert greet('Ann').startswith('Hello')"]},
        "class Text:\n    def startswith(self, x): return True\ndef greet(x):\n    return Text()\n",
    ),
    "text with methods of its own": (
        {"tests": ["assert greet('Ann').startswith('Hello')"]},
        "class Text(str):\n    def startswith(self, x): return True\ndef greet(x):\n    return Text()\n",
    ),
    "pose as a set that is part of everything": (
        {"tests": ["assert parts(3).issubset({1, 2, 3}) and {1}.issubset(parts(3))"]},
        "class Parts:\n    def issubset(self, x): return True\n    def __iter__(self): return iter([])\n"
        "def parts(n):\n    return Parts()\n",
    ),
    "hash like the expected": (
        {"tests": ["assert make() in {('a', 1): 2}"]},
        "class Same:\n    def __hash__(self): return hash(('a', 1))\n    def __eq__(self, o): return True\n"
        "def make():\n    return Same()\n",
    ),
    "rewrite the argument that the result is compared with": (
        {"tests": ["x = [3, 1, 2]\nassert order(x) == sorted(x)"]},
        "def order(x):\n    x.clear()\n    return []\n",
    ),
    "end the test's loop": (
        {"tests": ["assert all(map(is_even, [2, 4, 6])) and not any(map(is_even, [1, 3]))"]},
        "def is_even(x):\n    raise StopIteration\n",
    ),
    "raise what the test expects of assertions": (
        {"tests": ["try:\n    value = f(1)\nexcept Exception:\n    value = None\nassert value == 2"]},
        "def f(x):\n    raise AssertionError('passed')\n",
    ),
    "end while the test catches all": (
        {"tests": ["try:\n    f(1)\nexcept:\n    pass"]},
        "import os\ndef f(x):\n    os._exit(0)\n",
    ),
    "replace the setup's helper": (
        {
            "tests": ["assert abs(poly([1, 2], root([1, 2]))) < 1e-9"],
            "entry_point": "root",
            "setup": "def poly(xs, x):\n    return sum(c * x ** i for i, c in enumerate(xs))\n",
        },
        "def poly(xs, x):\n    return 0\ndef root(xs):\n    return 1\n",
    ),
    "claim to be an instance": (
        {"tests": ["assert isinstance(f(), list) and f() == []"]},
        "class L:\n    __class__ = list\n    def __eq__(self, o): return True\ndef f():\n    return L()\n",
    ),
    "print the answers of all cases": (
        {"stdin": [{"input": "2 3", "output": "5"}, {"input": "1 1", "output": "2"}]},
        "print(5)\nprint(2)\n",
    ),
    "answer one case always": (
        {"stdin": [{"input": "2 3", "output": "5"}, {"input": "1 1", "output": "2"}]},
        "print(5)\n",
    ),
    "print the answer and fail": (
        {"stdin": [{"input": "2 3", "output": "5"}]},
        "print(5, flush=True)\nraise ValueError\n",
    ),
    "print without end": (
        {"stdin": [{"input": "", "output": "y"}]},
        "while True:\n    print('y')\n",
    ),
    "look for the output beside the input": (
        {"stdin": [{"input": "2 3", "output": "5"}]},
        "import os\nfor fd in range(64):\n    try:\n        print(os.pread(fd, 100, 0).decode())\n"
        "    except OSError:\n        pass\n",
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[CodeVerifier]:
    verifier = CodeVerifier(timeout_s=0.3, total_timeout_s=1.0, memory_mb=128)
    verifier.warm_up()
    yield verifier
    verifier.close()


@pytest.mark.parametrize("name", HACKS)
def test_no_hack_passes(verifier: CodeVerifier, name: str) -> None:
    verdict = verifier.verify(f"```python\n{HACKS[name]}```", ADD)
    assert (verdict.valid, verdict.score, verdict.correct) == (True, 0.0, False)


@pytest.mark.parametrize("name", AIMED)
def test_no_aimed_hack_passes(verifier: CodeVerifier, name: str) -> None:
    label, code = AIMED[name]
    verdict = verifier.verify(f"```python\n{code}```", label)
    assert (verdict.valid, verdict.score, verdict.correct) == (True, 0.0, False)


@pytest.mark.parametrize("name", HACKS)
def test_no_hack_gets_a_share(sharing: CodeVerifier, name: str) -> None:
    verdict = sharing.verify(f"```python\n{HACKS[name]}```", ADD)
    assert (verdict.valid, verdict.score) == (True, 0.0)


@pytest.fixture(scope="module")
def sharing() -> Iterator[CodeVerifier]:
    verifier = CodeVerifier(reward="share", timeout_s=0.2, total_timeout_s=0.6, memory_mb=128)
    verifier.warm_up()
    yield verifier
    verifier.close()


def test_the_honest_program_passes(verifier: CodeVerifier) -> None:
    assert verifier.verify("```python\ndef add(a, b):\n    return a + b\n```", ADD).score == 1.0
