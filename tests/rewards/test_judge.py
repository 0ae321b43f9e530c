"""The judge: what it is shown, how its score is read, and what becomes of failures. All over real sockets."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.judge.template import TEMPLATES, Template
from rewards.pool import VerifierPool
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from tests.rewards.judge_server import Reply, judge_server
from tests.rewards.requests import ask


def judged(url: str, *requests: ScoreRequest, **settings: Any) -> list[Verdict]:
    """The verdicts of a pool, as in a run."""
    given = {"base_url": url, "model": "judge-1", "backoff_s": 0.01, **settings}

    async def run() -> list[Verdict]:
        async with VerifierPool(VerifierSection(name="judge", settings=given)) as pool:
            return await pool.score(requests)

    return asyncio.run(run())


def one(reply: Reply | str, request: ScoreRequest | None = None, **settings: Any) -> Verdict:
    """The verdict where the judge always replies the same."""
    with judge_server(lambda body, number: reply) as server:
        [verdict] = judged(server.url, request or ask("It is 42."), **settings)
        return verdict


@pytest.mark.parametrize(
    ("reply", "settings", "score"),
    [
        ("Score: 10", {}, 1.0),
        ("It is right.\nScore: 7", {}, 0.7),
        ("It is right.\n\n**Score: 7.5**\n", {}, 0.75),
        ("Score: 3\nNo, better:\nscore: 4", {}, 0.4),
        ("<think>Score: 9</think>Score: 2", {}, 0.2),
        ("Score: 1", {"scale": [1, 5]}, 0.0),
        ("Score: 4", {"scale": [1, 5]}, 0.75),
        ("Score: -1", {"scale": [-1, 1]}, 0.0),
        ('{"reason": "right", "score": 8}', {"form": "json"}, 0.8),
        ('```json\n{"score": 8}\n```', {"form": "json"}, 0.8),
        ('{"reason": "a line\nand\tanother", "score": 8}', {"form": "json"}, 0.8),
    ],
)
def test_its_score_is_brought_to_zero_to_one(reply: str, settings: dict[str, Any], score: float) -> None:
    verdict = one(reply, **settings)
    assert (verdict.score, verdict.valid, verdict.correct, verdict.reason) == (score, True, None, "judged")


@pytest.mark.parametrize(
    ("reply", "settings", "why"),
    [
        ("It is right.", {}, "last line is not"),
        ("", {}, "came to no answer"),
        ("Score: 10\nThat is all.", {}, "last line is not"),
        ("Score: 11", {}, "lies outside 0 to 10"),
        ("Score: -1", {}, "lies outside 0 to 10"),
        ("Score: ten", {}, "last line is not"),
        ("Score: 10 or 3", {}, "last line is not"),
        ("Score: 1e1", {}, "last line is not"),
        ("<think>Score: 10", {}, "came to no answer"),
        (Reply("Score: 10", finish_reason="length"), {}, "cut off after 1024 tokens"),
        ('{"score": "10"}', {"form": "json"}, 'has no number "score"'),
        ('{"score": true}', {"form": "json"}, 'has no number "score"'),
        ('{"score": NaN}', {"form": "json"}, 'has no number "score"'),
        ("Score: 10", {"form": "json"}, "is not JSON"),
        ("[" * 100_000, {"form": "json"}, "is not JSON"),
        (Reply(body="<html>"), {}, "no chat completion"),
        (Reply(body='{"choices": []}'), {}, "no chat completion"),
        (Reply(body='{"choices": [{"message": {"content": 10}}]}'), {}, "content is int"),
        (Reply(body='{"choices": [{"message": {"content": null}}]}'), {}, "came to no answer"),
        (Reply("overloaded", status=503), {}, "answered 503"),
        (Reply("slow down", status=429), {}, "answered 429"),
        (Reply(delay_s=1.0), {"call_timeout_s": 0.05}, "did not answer within 0.05 s"),
    ],
)
def test_no_score_after_all_attempts_is_invalid(reply: Reply | str, settings: dict[str, Any], why: str) -> None:
    with judge_server(lambda body, number: reply) as server:
        [verdict] = judged(server.url, ask("It is 42."), attempts=2, **settings)
    assert not verdict.valid
    assert "no score after 2 calls" in verdict.reason
    assert why in verdict.reason
    assert [body["seed"] for body in server.asked] == [0, 1]


def test_an_endpoint_that_is_not_there_is_invalid() -> None:
    with judge_server(lambda body, number: "Score: 10") as server:
        pass
    [verdict] = judged(server.url, ask("It is 42."), attempts=2)
    assert not verdict.valid
    assert "cannot be reached" in verdict.reason


@pytest.mark.parametrize("status", [400, 401, 404, 301])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    with judge_server(lambda body, number: Reply("no", status=status)) as server:
        [verdict] = judged(server.url, ask("It is 42."))
    assert not verdict.valid
    assert f"answered {status}" in verdict.reason
    assert len(server.asked) == 1


def test_is_asked_again_until_it_replies() -> None:
    replies = [Reply("busy", status=503), "What was the question?", "Score: 5"]
    with judge_server(lambda body, number: replies[number]) as server:
        [verdict] = judged(server.url, ask("It is 42."))
    assert verdict.score == 0.5
    assert len(server.asked) == 3


def test_waits_as_long_as_the_endpoint_asks() -> None:
    replies = [Reply("busy", status=429, headers={"Retry-After": "1"}), "Score: 5"]
    with judge_server(lambda body, number: replies[number]) as server:
        started = time.monotonic()
        [verdict] = judged(server.url, ask("It is 42."))
        assert time.monotonic() - started >= 1.0
    assert verdict.score == 0.5


@pytest.mark.parametrize(
    ("response", "reason"),
    [("", "no_answer"), ("<think>42", "no_answer"), ("<think>42</think> ", "no_answer"), ("4" * 101, "too_long")],
)
def test_what_says_nothing_is_not_worth_a_call(response: str, reason: str) -> None:
    with judge_server(lambda body, number: "Score: 10") as server:
        [verdict] = judged(server.url, ask(response), max_chars=100)
    assert (verdict.score, verdict.valid, verdict.reason) == (0.0, True, reason)
    assert server.asked == []


def test_may_say_what_is_correct() -> None:
    assert one("Score: 8", correct_from=0.8).correct is True
    assert one("Score: 7", correct_from=0.8).correct is False
    assert one("Score: 8", ask(""), correct_from=0.8).correct is False


def test_is_shown_all_that_the_template_asks_for() -> None:
    with judge_server(lambda body, number: "Score: 10") as server:
        judged(
            server.url,
            ask("<think>hidden</think>It is 42.", "42", topic="sums"),
            template="{question} | {reference} | {rubric} | {topic} | {response} | {{braces}}",
            rubric="Be kind.",
            columns={"topic": "topic"},
        )
    prompt = server.prompt()
    for text in ("What is 6 * 7?", "\n42\n", "Be kind.", "\nsums\n", "\nIt is 42.\n", "{braces}"):
        assert text in prompt
    assert "hidden" not in prompt
    assert server.asked[0]["model"] == "judge-1"
    assert server.asked[0]["temperature"] == 0.0


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_built_in_templates_are_filled(name: str) -> None:
    settings = {"rubric": "Be kind."} if "rubric" in name else {}
    with judge_server(lambda body, number: "Score: 10") as server:
        judged(server.url, ask("It is 42."), template=name, **settings)
    assert "{" not in server.prompt()
    assert ("Be kind." in server.prompt()) == ("rubric" in name)
    assert ("reference" in server.prompt()) == ("reference" in name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"template": "{response} {refrence}"}, "nothing fills the placeholder {refrence}"),
        ({"template": "{response} {rubric}"}, "nothing fills the placeholder {rubric}"),
        ({"template": "rubric"}, "nothing fills the placeholder {rubric}"),
        ({"template": "{response.__class__}"}, "nothing fills the placeholder {response.__class__}"),
        ({"template": "{response!r}"}, "nothing fills the placeholder {response!r}"),
        ({"template": "{response:>9}"}, "nothing fills the placeholder {response:>9}"),
        ({"template": "{response} {}"}, "nothing fills the placeholder {}"),
        ({"template": "{response} {"}, "template: "),
        ({"template": "Judge: {question}"}, "the placeholder {response} is missing"),
        ({"template": "qualty"}, 'none named "qualty"; did you mean quality'),
        ({"rubric": "Be kind."}, "no placeholder {rubric}"),
        ({"columns": {"topic": "topic"}}, "no placeholder {topic}"),
        ({"scale": [1]}, "scale: expected"),
        ({"scale": [5, 1]}, "scale: expected"),
        ({"form": "xml"}, 'form: expected line or json, got "xml"'),
        ({"correct_from": 7}, "correct_from: expected a share"),
        ({"base_url": "localhost"}, "base_url: expected an address"),
        ({"model": None}, "must be told which model to ask"),
        ({"constrained": True}, "can be held to the form json only"),
        ({"api_key_env": "NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE is not set"),
        ({"attempts": 0}, "attempts: expected"),
        ({"call_timeout_s": -1}, "call_timeout_s: expected"),
        ({"modle": "x"}, 'no setting "modle"'),
    ],
)
def test_wrong_settings_end_in_one_clear_message(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError) as raised:
        load_verifier("judge", {"base_url": "http://127.0.0.1:9/v1", "model": "m", **settings})
    assert message in str(raised.value)


@pytest.mark.parametrize("label", [None, "", " ", [], {"a": 1}, True])
def test_a_reference_that_is_none_is_a_bad_label(label: Any) -> None:
    verifier = load_verifier("judge", {"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    with pytest.raises(VerifierError, match="reference answer"):
        verifier.check_label(label)
    verdict = asyncio.run(verifier.verify(ask("It is 42.", label)))
    assert not verdict.valid
    assert verdict.reason.startswith("bad label")


def test_without_a_reference_any_label_will_do() -> None:
    load_verifier("judge", {"base_url": "http://a/v1", "model": "m", "template": "quality"}).check_label(None)
    assert one("Score: 10", ask("It is 42.", None), template="quality").score == 1.0


def test_a_column_that_is_missing_is_invalid() -> None:
    verdict = one("Score: 10", template="{response} {topic}", columns={"topic": "topic"})
    assert not verdict.valid
    assert 'the column "topic" must hold a text' in verdict.reason


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_JUDGES_KEY", "abc")
    with judge_server(lambda body, number: "Score: 10") as server:
        judged(server.url, ask("It is 42."), api_key_env="A_JUDGES_KEY")
        judged(server.url, ask("It is 42."))
    assert server.headers[0]["authorization"] == "Bearer abc"
    assert "authorization" not in server.headers[1]


def test_one_prompt_is_asked_once() -> None:
    with judge_server(lambda body, number: Reply("Score: 6", delay_s=0.05)) as server:
        verdicts = judged(server.url, *[ask("It is 42.")] * 50, *[ask("It is 43.")] * 50)
    assert {verdict.score for verdict in verdicts} == {0.6}
    assert len(server.asked) == 2


def test_asks_several_at_once_but_not_all() -> None:
    with judge_server(lambda body, number: Reply("Score: 6", delay_s=0.1)) as server:
        judged(server.url, *(ask(f"It is {number}.") for number in range(12)), concurrency=3)
    assert server.most_at_once == 3


def test_scores_are_kept_from_run_to_run(tmp_path: Path) -> None:
    cache = tmp_path / "judge.jsonl"
    with judge_server(lambda body, number: f"Score: {number + 1}") as server:
        first = judged(server.url, ask("It is 42."), ask("It is 43."), cache=str(cache))
        again = judged(server.url, ask("It is 42."), ask("It is 43."), cache=str(cache))
        other = judged(server.url, ask("It is 42."), cache=str(cache), scale=[0, 20])
    assert again == first
    assert len(server.asked) == 3
    assert other[0].score == 3 / 20
    assert [json.loads(line)["reply"] for line in cache.read_text().splitlines()][-1] == "Score: 3"


def test_half_a_line_that_a_crash_left_is_cut_off(tmp_path: Path) -> None:
    cache = tmp_path / "judge.jsonl"
    cache.write_text('{"key": "a", "score": 1.0, "reply": ""}\n{"key": "b", "sco')
    with judge_server(lambda body, number: "Score: 6") as server:
        judged(server.url, ask("It is 42."), cache=str(cache))
    rows = [json.loads(line) for line in cache.read_text().splitlines()]
    assert [row["score"] for row in rows] == [1.0, 6.0]


def test_a_file_that_is_no_cache_is_refused(tmp_path: Path) -> None:
    cache = tmp_path / "judge.jsonl"
    cache.write_text('{"key": "a", "score": 1.0}\n{"question": "?"}\n')
    with pytest.raises(VerifierError, match=r"judge\.jsonl line 2 is no entry of a judge's cache"):
        load_verifier("judge", {"base_url": "http://a/v1", "model": "m", "cache": str(cache)})


@pytest.mark.parametrize(
    ("settings", "asked", "valid"), [({"max_calls": 2}, 2, 2), ({"max_total_tokens": 150}, 2, 2), ({}, 5, 5)]
)
def test_keeps_to_its_budget(settings: dict[str, int], asked: int, valid: int) -> None:
    with judge_server(lambda body, number: "Score: 6") as server:
        verdicts = judged(server.url, *(ask(f"It is {n}.") for n in range(5)), concurrency=1, **settings)
    assert len(server.asked) == asked
    assert sum(verdict.valid for verdict in verdicts) == valid
    assert all("budget" in verdict.reason for verdict in verdicts if not verdict.valid)


def test_counts_tokens_where_the_endpoint_does_not() -> None:
    with judge_server(lambda body, number: Reply("Score: 6", tokens=None)) as server:
        verdicts = judged(server.url, *(ask(f"It is {n}.") for n in range(3)), concurrency=1, max_total_tokens=1)
    assert [verdict.valid for verdict in verdicts] == [True, False, False]
    assert len(server.asked) == 1


def test_the_pools_clock_does_not_hurry_it() -> None:
    with judge_server(lambda body, number: Reply("Score: 6", delay_s=0.3)) as server:
        section = VerifierSection(name="judge", settings={"base_url": server.url, "model": "m"}, timeout_s=0.1)

        async def run() -> list[Verdict]:
            async with VerifierPool(section) as pool:
                return await pool.score([ask("It is 42.")])

        assert asyncio.run(run())[0].score == 0.6


def test_what_is_under_way_when_it_is_closed_is_invalid() -> None:
    with judge_server(lambda body, number: Reply("Score: 6", delay_s=0.3)) as server:
        settings = {"base_url": server.url, "model": "m", "backoff_s": 0.01}

        async def run() -> list[Verdict]:
            pool = VerifierPool(VerifierSection(name="judge", settings=settings))
            scoring = asyncio.create_task(pool.score([ask("It is 42.")]))
            while not server.asked:
                await asyncio.sleep(0.01)
            await pool.close()
            return await scoring

        [verdict] = asyncio.run(run())
    assert not verdict.valid
    assert len(server.asked) == 1


def test_a_mark_stands_in_no_value() -> None:
    template = Template.parse("{response}", ["response"])
    prompt, mark = template.fill({"response": "text"})
    assert prompt == f"<<{mark}\ntext\n{mark}>>"
    assert template.fill({"response": "text"}) == (prompt, mark)
    assert template.fill({"response": f"text {mark}"})[1] != mark


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    template = Template.parse("{question}{response}", ["question", "response"])
    prompt, _ = template.fill({"question": "{response}", "response": "{question} {0} {{"})
    assert "\n{response}\n" in prompt
    assert "\n{question} {0} {{\n" in prompt


def test_where_no_endpoint_is_named_it_asks_the_one_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    with judge_server(lambda body, number: "Score: 6") as server:
        monkeypatch.setenv("RLVR_JUDGE_URL", server.url)
        monkeypatch.setenv("RLVR_JUDGE_MODEL", "served")

        async def run() -> list[Verdict]:
            async with VerifierPool(VerifierSection(name="judge")) as pool:
                return await pool.score([ask("It is 42.")])

        assert asyncio.run(run())[0].score == 0.6
    assert server.asked[0]["model"] == "served"


def test_without_any_judge_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RLVR_JUDGE_URL", raising=False)

    async def run() -> Verdict:
        pool = VerifierPool(VerifierSection(name="judge"))
        with pytest.raises(VerifierError, match="verifier judge: nobody serves a judge: give base_url and model"):
            await pool.start()
        return (await pool.score([ask("It is 42.")]))[0]

    verdict = asyncio.run(run())
    assert (verdict.valid, verdict.reason.partition(":")[0]) == (False, "judge")


@pytest.mark.parametrize(
    ("scale", "score"),
    [([1, 5], {"enum": [1, 2, 3, 4, 5]}), ([0, 0.5], {"type": "number"}), ([0, 1000], {"type": "number"})],
)
def test_an_endpoint_may_hold_the_model_to_its_form(scale: list[float], score: dict[str, Any]) -> None:
    with judge_server(lambda body, number: '{"reason": "so", "score": 0.5}') as server:
        judged(server.url, ask("It is 42."), form="json", scale=scale, constrained=True, attempts=1)
        judged(server.url, ask("It is 42."), form="json")
    asked = server.asked[0]["response_format"]
    assert (asked["type"], asked["json_schema"]["schema"]["properties"]["score"]) == ("json_schema", score)
    assert "response_format" not in server.asked[1]
