"""Verifiers of a user, good and bad, as the tests of loading and of the pool use them."""

import asyncio
import os
import signal
import time
from typing import Any

from rewards.problem import Problem
from rewards.verdict import UNCLEAR, Verdict
from rewards.verifier import verifier


def exact(response: str, label: Any, *, problem: Problem) -> bool:
    return response == label


def length(response: str, target: int, unit: str = "characters") -> float:
    size = len(response) if unit == "characters" else len(response.split())
    return min(size / target, 1.0)


def cites(response: str, source: str) -> bool:
    """``source`` is a column of the problem."""
    return source in response


async def slow_service(response: str, label: Any) -> bool:
    await asyncio.sleep(0)
    return response == label


@verifier("shouting")
def shouts(response: str) -> bool:
    return response.isupper()


@verifier("numbers-of-a-group", scope="group")
def group(responses: list[str], label: Any, seeds: list[int | None]) -> list[Any]:
    """The share of the others that are shorter; does what a response says, if it says so."""
    for response in responses:
        misbehaves(response)
    if "too few" in responses:
        return [0.0]
    shorter = [sum(len(other) < len(response) for other in responses) for response in responses]
    return [count / max(len(responses) - 1, 1) for count in shorter]


class Distinct:
    """A class of scope group, run beside the caller, with a setting and a column."""

    scope = "group"
    isolated = False

    def __init__(self, reward: float = 1.0) -> None:
        self.reward = reward

    async def verify(self, responses: list[str], bonus: float) -> list[float | bool | Verdict]:
        if "sleep" in responses:
            await asyncio.sleep(3600)
        return [self.reward + bonus if responses.count(response) == 1 else False for response in responses]


def returns(response: str, value: Any) -> Any:
    return value


class Threshold:
    """A class with settings, a quick path and a check of labels."""

    def __init__(self, minimum: int, strict: bool = False) -> None:
        if minimum < 0:
            raise ValueError(f"minimum must not be negative, got {minimum}")
        self.minimum = minimum
        self.strict = strict

    def check_label(self, label: Any) -> None:
        if not isinstance(label, str):
            raise ValueError(f"the label must be a string, got {label!r}")

    def quick(self, response: str) -> bool | None:
        return False if not response else None

    def verify(self, response: str, label: str) -> Verdict:
        return Verdict(float(len(response)), reason="long" if len(response) > self.minimum else "short")


def misbehaves(response: str) -> Any:
    """Does what the response says."""
    match response:
        case "loop":
            while True:
                pass
        case "sleep":
            time.sleep(3600)
        case "hold the interpreter":
            return 9**9**9
        case "eat memory":
            return len("x" * (64 << 30))
        case "divide":
            return 1 / 0
        case "exit":
            os._exit(3)
        case "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "print":
            print("to standard output")
    return True


def process(response: str, marker: str) -> Verdict:
    """Is killed the first time, as ``marker`` shows, and then tells in which process it ran."""
    if response == "be killed once" and not os.path.exists(marker):
        with open(marker, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return Verdict(1.0, metrics={"pid": float(os.getpid())})


def unclear(response: str, marker: str, times: int) -> Verdict:
    """Runs out of time so many times, as ``marker`` counts, and cannot tell why."""
    with open(marker, "a") as file:
        file.write("x")
    if os.path.getsize(marker) > times:
        return Verdict.of_correctness(True)
    return Verdict.of_correctness(False, "timeout", **{UNCLEAR: 1.0})


class Slow:
    """Takes longer than most recipes allow, and says so."""

    longest_s = 30.0

    def verify(self, response: str) -> bool:
        time.sleep(0.2)
        return True
