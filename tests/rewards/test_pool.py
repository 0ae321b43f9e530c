"""The pool answers whatever a verifier does."""

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.pool import PoolStats, VerifierPool
from rewards.request import ScoreRequest
from rewards.verdict import UNCLEAR, Verdict
from tests.rewards.requests import ask

FILE = Path(__file__).with_name("plug_ins.py")
RIGHT = Verdict.of_correctness(True)
TIMEOUT = Verdict.of_correctness(False, "timeout")


def score(
    requests: list[ScoreRequest],
    name: str = "misbehaves",
    timeout_s: float = 1.0,
    workers: int = 1,
    settings: dict[str, object] | None = None,
) -> tuple[list[Verdict], PoolStats]:
    section = VerifierSection(name=f"{FILE}:{name}", timeout_s=timeout_s, workers=workers, settings=settings or {})

    async def run() -> tuple[list[Verdict], PoolStats]:
        async with VerifierPool(section) as pool:
            return await pool.score(requests), pool.stats()

    return asyncio.run(run())


@pytest.mark.parametrize("way", ["loop", "sleep", "hold the interpreter"])
def test_what_hangs_is_killed_and_the_others_are_served(way: str) -> None:
    verdicts, stats = score([ask("fine"), ask(way), ask("fine")], workers=2)
    assert verdicts == [RIGHT, TIMEOUT, RIGHT]
    assert stats.timeouts >= 1


@pytest.mark.parametrize(("times", "verdict"), [(1, Verdict(1.0, correct=True, reason="correct")), (2, None)])
def test_an_unclear_time_out_is_tried_once_more(times: int, verdict: Verdict | None, tmp_path: Path) -> None:
    request = ask("", marker=str(tmp_path / "tried"), times=times)
    verdicts, stats = score([request], name="unclear")
    assert verdicts == [verdict or Verdict.of_correctness(False, "timeout", **{UNCLEAR: 1.0})]
    assert (tmp_path / "tried").read_text() == "xx"
    assert (stats.processes, stats.invalid) == (1, 0)


def test_a_verifier_that_bounds_its_own_time_gets_all_of_it() -> None:
    verdicts, _ = score([ask("")], name="Slow", timeout_s=0.05)
    assert verdicts == [RIGHT]


def test_memory_that_the_response_eats_is_its_own_fault() -> None:
    verdicts, _ = score([ask("eat memory"), ask("fine")])
    assert verdicts == [Verdict.of_correctness(False, "memory"), RIGHT]


def test_a_worker_that_is_killed_is_replaced_and_its_request_tried_again(tmp_path: Path) -> None:
    marker = str(tmp_path / "killed")
    verdicts, stats = score([ask("be killed once", marker=marker)], name="process")
    assert [verdict.score for verdict in verdicts] == [1.0]
    assert (stats.deaths, stats.processes, stats.invalid) == (1, 2, 0)


@pytest.mark.parametrize(("way", "ending"), [("be killed", "SIGKILL"), ("exit", "exit code 3")])
def test_a_request_whose_worker_dies_twice_is_invalid(way: str, ending: str) -> None:
    verdicts, stats = score([ask(way), ask("fine")])
    assert [verdict.valid for verdict in verdicts] == [False, True]
    assert verdicts[0].reason == f"its worker process died twice: {ending}"
    assert stats.deaths == 2


@pytest.mark.parametrize(("times", "scores"), [(1, [1.0]), (2, None)])
def test_a_worker_that_ends_before_it_is_loaded_is_started_once_more(
    times: int, scores: list[float] | None, tmp_path: Path
) -> None:
    deaths = tmp_path / "deaths"
    (tmp_path / "dies_at_start.py").write_text(
        "import os, sys\n"
        f"if 'rewards.worker' in sys.modules or sys.argv[0].endswith('worker.py'):\n"
        f"    with open({str(deaths)!r}, 'a') as file:\n        file.write('x')\n"
        f"    if os.path.getsize({str(deaths)!r}) <= {times}:\n        os.kill(os.getpid(), 9)\n"
        "def f(response):\n    return True\n"
    )

    async def run() -> list[float]:
        async with VerifierPool(VerifierSection(name=f"{tmp_path}/dies_at_start.py:f")) as pool:
            return [verdict.score for verdict in await pool.score([ask("fine")])]

    if scores is None:
        with pytest.raises(VerifierError, match="ended at start, twice: SIGKILL"):
            asyncio.run(run())
    else:
        assert asyncio.run(run()) == scores


def test_an_exception_is_invalid_and_costs_no_process() -> None:
    verdicts, stats = score([ask("divide"), ask("fine")])
    assert verdicts[0].reason == "exception: ZeroDivisionError: division by zero"
    assert [verdict.valid for verdict in verdicts] == [False, True]
    assert stats == PoolStats(scored=2, in_process=0, invalid=1, timeouts=0, deaths=0, processes=1)


def test_an_idle_worker_that_was_killed_is_not_missed(tmp_path: Path) -> None:
    section = VerifierSection(name=f"{FILE}:process", settings={})
    request = ask("", marker=str(tmp_path / "unused"))

    async def run() -> tuple[list[Verdict], list[Verdict]]:
        async with VerifierPool(section) as pool:
            before = await pool.score([request])
            os.kill(int(before[0].metrics["pid"]), signal.SIGKILL)
            return before, await pool.score([request])

    before, after = asyncio.run(run())
    assert after[0].valid
    assert after[0].metrics["pid"] != before[0].metrics["pid"]


def test_close_ends_all_processes(tmp_path: Path) -> None:
    verdicts, _ = score([ask("", marker=str(tmp_path / "unused"))], name="process")
    with pytest.raises(ProcessLookupError):
        os.kill(int(verdicts[0].metrics["pid"]), 0)


def test_verdicts_keep_the_order_of_requests() -> None:
    labels = ["42", "43"] * 50
    verdicts, stats = score([ask("42", label) for label in labels], name="exact", workers=2)
    assert [verdict.score for verdict in verdicts] == [1.0, 0.0] * 50
    assert stats.scored == 100


def test_works_off_the_main_thread() -> None:
    verdicts: list[Verdict] = []
    thread = threading.Thread(target=lambda: verdicts.extend(score([ask("fine"), ask("loop")])[0]))
    thread.start()
    thread.join(60)
    assert verdicts == [RIGHT, TIMEOUT]


def test_what_can_be_answered_at_once_needs_no_process() -> None:
    async def run() -> tuple[list[Verdict], PoolStats]:
        async with VerifierPool(VerifierSection(name="math")) as pool:
            return await pool.score([ask("42"), ask("43"), ask("no")]), pool.stats()

    verdicts, stats = asyncio.run(run())
    assert [verdict.score for verdict in verdicts] == [1.0, 0.0, 0.0]
    assert (stats.in_process, stats.processes) == (3, 0)


def test_what_a_plug_in_prints_stays_out_of_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    score([ask("print")])
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "to standard output\n")


def test_a_label_that_json_cannot_say_is_invalid() -> None:
    verdicts, _ = score([ask("42", {1, 2})], name="exact")
    assert verdicts[0].reason.startswith("problem 6*7 cannot be written as JSON")


def test_the_verifier_is_looked_for_before_anything_starts() -> None:
    with pytest.raises(VerifierError, match='has no "misbehave"; did you mean misbehaves'):
        VerifierPool(VerifierSection(name=f"{FILE}:misbehave"))


def test_a_closed_pool_says_so() -> None:
    async def run() -> None:
        pool = VerifierPool(VerifierSection(name="math"))
        await pool.close()
        await pool.score([ask("42")])

    with pytest.raises(VerifierError, match="the verifier pool is closed"):
        asyncio.run(run())


def test_scores_of_single_samples_are_refused_where_groups_are_scored() -> None:
    with pytest.raises(VerifierError, match="scores whole groups"):
        score([ask("a")], name="group")
