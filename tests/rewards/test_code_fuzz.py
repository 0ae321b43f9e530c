"""Two thousand hostile responses to the verifier ``code``: none hangs it, none crashes it, none scores."""

import random
import time

import pytest

from rewards.code.verifier import CodeVerifier
from tests.rewards.test_code_hacks import ADD, AIMED, HACKS

PROGRAMS = [*HACKS.values(), *(code for _, code in AIMED.values())]
STRANGE = '\0\n "(:\\é\ud800\U0010ffff'
EXTREME = [
    *(
        "(" * 5_000,
        "[" * 100_000,
        "lambda:" * 14_000,
        "x=" * 30_000 + "1",
        "#" * 90_000,
        "f'{" * 300,
        "1" * 90_000,
    ),
    *("\t" * 1_000 + "pass", "class A:\n" * 500, "```", "~~~\n```python\n", "0x" + "f" * 90_000),
    *("def add(a, b): return " + "-" * 50_000 + "1", "def add(a, b):\n return " + "(" * 300 + "5" + ")" * 300),
]
FRAMES = ["```python\n{}\n```", "{}", "```\n{}", "<think>{}</think>\n```python\n{}\n```"]


def mutated(draw: random.Random) -> str:
    """A hack cut short, with strange characters in it, or joined to the start of another; or no program at all."""
    code = draw.choice(PROGRAMS)
    match draw.randrange(5):
        case 0:
            code = code[: draw.randrange(len(code))]
        case 1:
            places = {draw.randrange(len(code)) for _ in range(draw.randrange(1, 6))}
            code = "".join(draw.choice(STRANGE) if n in places else letter for n, letter in enumerate(code))
        case 2:
            code = draw.choice(PROGRAMS)[: draw.randrange(400)] + "\n" + code
        case 3:
            code = "".join(chr(draw.randrange(1, 0x3000)) for _ in range(draw.randrange(2_000)))
        case 4:
            code = draw.choice(EXTREME)
    return draw.choice(FRAMES).replace("{}", code)


@pytest.mark.slow
def test_hostile_responses() -> None:
    draw = random.Random(7)
    verifier = CodeVerifier(timeout_s=0.3, total_timeout_s=0.6, memory_mb=128)
    verifier.warm_up()
    longest = 0.0
    for _ in range(2_000):
        response = mutated(draw)
        began = time.monotonic()
        verdict = verifier.verify(response, ADD)
        longest = max(longest, time.monotonic() - began)
        assert (verdict.valid, verdict.score) == (True, 0.0), response
    verifier.close()
    assert longest < 3.0
