"""The HTTP service, its clients, and the protocols of others that it speaks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from rewards.client import AsyncVerifierClient, VerifierClient
from rewards.config import VerifierSection
from rewards.posting import ServiceError
from rewards.server.app import Limits, create_app
from rewards.special_tokens import without_special_tokens
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from tests.rewards.requests import ask
from tests.rewards.serving import Running, serving

FILE = Path(__file__).with_name("plug_ins.py")
RIGHT, WRONG = Verdict.of_correctness(True), Verdict.of_correctness(False)


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    names = ["math", *(f"{FILE}:{name}" for name in ("exact", "misbehaves", "group"))]
    with serving(*names, "--timeout-s", "1") as running:
        yield running


@asynccontextmanager
async def in_process(limits: Limits, name: str = "math", **section: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app({name: VerifierSection(name=name, **section)}, limits)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
    ):
        yield client


def post(service: Running, path: str, body: Any, **more: Any) -> httpx.Response:
    return httpx.post(service.url + path, json=body, trust_env=False, timeout=30, **more)


def test_one_response(service: Running) -> None:
    answer = post(service, "/verify", {"id": "a", "response": "Answer: 42.", "label": "42"})
    assert answer.status_code == 200
    assert answer.json() == {
        "id": "a",
        "score": 1.0,
        "valid": True,
        "correct": True,
        "reason": "correct",
        "metrics": {},
    }


def test_an_invalid_verdict_has_no_score(service: Running) -> None:
    body = {"response": "divide", "label": "", "verifier": f"{FILE}:misbehaves"}
    answer = post(service, "/verify", body).json()
    assert (answer["score"], answer["valid"]) == (None, False)
    assert answer["reason"] == "exception: ZeroDivisionError: division by zero"


def test_a_batch_keeps_its_order_over_verifiers(service: Running) -> None:
    names = ["math", f"{FILE}:exact"]
    requests = [
        {"id": str(i), "verifier": names[i % 2], "response": "42.0", "label": "42.0" if i % 3 else "43"}
        for i in range(60)
    ]
    verdicts = post(service, "/verify/batch", {"requests": requests}).json()["verdicts"]
    assert [verdict["id"] for verdict in verdicts] == [str(i) for i in range(60)]
    assert [verdict["score"] for verdict in verdicts] == [float(bool(i % 3)) for i in range(60)]


def test_a_group(service: Running) -> None:
    body = {"verifier": f"{FILE}:group", "responses": ["a", "bbb", "cc"], "label": None}
    verdicts = post(service, "/verify/group", body).json()["verdicts"]
    assert [verdict["score"] for verdict in verdicts] == [0.0, 1.0, 0.5]
    single = post(service, "/verify", {"verifier": f"{FILE}:group", "response": "a", "label": None})
    assert (single.status_code, "POST /verify/group" in single.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("/verify", {"response": "42", "label": "42", "verifier": "mth"}, 404, "did you mean math"),
        ("/verify", {"response": "42", "label": "42", "verifier": "os:system"}, 404, "is not served here"),
        ("/verify", {"response": "42"}, 422, "label"),
        ("/verify", {"response": "42", "label": "42", "lable": 1}, 422, "lable"),
        ("/verify", {"response": 42, "label": "42"}, 422, "string"),
        ("/verify", [], 422, "dictionary"),
        ("/verify/batch", {"requests": []}, 422, "at least 1"),
        ("/verify/group", {"responses": ["a"], "seeds": [1, 2], "label": 0}, 422, "2 seeds for 1 responses"),
        ("/verify/group", {"responses": ["a"], "tokens": [1, 2], "label": 0}, 422, "2 tokens for 1 responses"),
        ("/verify", {"response": "42", "label": "42", "tokens": -1}, 422, "greater than or equal to 0"),
        ("/openrlhf", {"query": ["ab"], "prompts": ["x"], "labels": ["b"]}, 422, "does not hold its prompt"),
        ("/openrlhf", {"query": ["ab"], "prompts": [], "labels": ["b"]}, 422, "1 queries, 0 prompts"),
        ("/verify", {"responses_create_params": {}, "response": {}}, 422, "has no label"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    service: Running, path: str, body: Any, status: int, detail: str
) -> None:
    answer = post(service, path, body)
    assert answer.status_code == status
    assert detail in answer.text


def test_openrlhf_remote_reward(service: Running) -> None:
    prompts = ["<|im_start|>user\n6 * 7 = ?<|im_end|>\n<|im_start|>assistant\n"] * 2
    queries = [f"{prompts[0]}Answer: 42<|im_end|>", f"{prompts[1]}Answer: 43<|im_end|>\n<|endoftext|>"]
    body = {"query": queries, "prompts": prompts, "labels": ["42", "42"]}
    assert post(service, "/openrlhf", body).json() == {
        "rewards": [1.0, 0.0],
        "scores": [1.0, 0.0],
        "extra_logs": {},
    }


@pytest.mark.openrlhf
def test_openrlhf_itself_asks_for_rewards(service: Running) -> None:
    from openrlhf.utils.agent import SingleTurnAgentExecutor

    executor = SingleTurnAgentExecutor(service.url + "/openrlhf")
    prompts = ["6 * 7 = ?\n"] * 2
    queries = ["6 * 7 = ?\nAnswer: 42<|im_end|>", "6 * 7 = ?\nAnswer: 43<|im_end|>"]
    [reply] = asyncio.run(executor._fetch_rewards_via_http(queries, prompts, ["42", "42"]))
    assert reply == {"rewards": [1.0, 0.0], "scores": [1.0, 0.0], "extra_logs": {}}


def test_openrlhf_has_no_number_for_an_invalid_verdict(service: Running) -> None:
    body = {"query": ["pdivide"], "prompts": ["p"], "labels": [""]}
    answer = post(service, "/openrlhf", body, params={"verifier": f"{FILE}:misbehaves"})
    assert (answer.status_code, "division by zero" in answer.text) == (500, True)


def nemo_gym_row(text: str, **columns: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    thought = {"type": "reasoning", "summary": []}
    return {
        "responses_create_params": {"input": [{"role": "user", "content": "6 * 7 = ?"}]},
        "response": {"id": "r", "output": [thought, {"type": "message", "role": "assistant", "content": content}]},
        **columns,
    }


def test_nemo_gym_verify(service: Running) -> None:
    row = nemo_gym_row(r"\boxed{42}", question="6 * 7 = ?", expected_answer="42")
    answer = post(service, "/verify", row).json()
    assert (answer["reward"], answer["mask_sample"], answer["expected_answer"]) == (1.0, False, "42")
    assert post(service, "/verify", nemo_gym_row("43", expected_answer="42")).json()["reward"] == 0.0
    masked = post(service, "/verify", nemo_gym_row("42", expected_answer={})).json()
    assert (masked["reward"], masked["mask_sample"]) == (0.0, True)
    assert masked["failure_reason"].startswith("bad label")
    assert post(service, "/seed_session", {}).json() == {}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("42<|im_end|>\n", "42"),
        ("42</s><pad><pad>", "42"),
        ("42<|eot_id|><|endoftext|>", "42"),
        ("a <| b |>", "a <| b |>"),
        ("1|>", "1|>"),
        ("<|im_end|>", ""),
        ("", ""),
    ],
)
def test_special_tokens_at_the_end_are_no_part_of_a_response(text: str, left: str) -> None:
    assert without_special_tokens(text) == left


def test_health_metrics_and_openapi(service: Running) -> None:
    def get(path: str) -> httpx.Response:
        return httpx.get(service.url + path, trust_env=False)

    health = get("/health").json()
    assert (health["status"], health["verifiers"][0], health["waiting"]) == ("ok", "math", 0)
    post(service, "/verify", {"response": "42", "label": "42"})
    assert 'rlvr_verdicts_total{outcome="correct",verifier="math"}' in get("/metrics").text
    assert {"/verify", "/verify/batch", "/openrlhf", "/health"} <= get("/openapi.json").json()["paths"].keys()


def test_a_response_that_hangs_holds_nobody_up(service: Running) -> None:
    async def run() -> list[Verdict]:
        async with AsyncVerifierClient(service.url) as client:
            hanging = asyncio.create_task(client.verify("loop", "", verifier=f"{FILE}:misbehaves"))
            others = [await client.verify("42", "42") for _ in range(20)]
            assert not hanging.done()
            return [*others, await hanging]

    assert asyncio.run(run()) == [RIGHT] * 20 + [Verdict.of_correctness(False, "timeout")]


def test_clients(service: Running) -> None:
    requests = [{"response": "42", "label": "42"}, {"response": "43", "label": "42"}]
    with VerifierClient(service.url) as client:
        assert client.verify("42", "42", verifier="math") == RIGHT
        assert client.verify_batch(requests) == [RIGHT, WRONG]
        assert [v.score for v in client.verify_group(["a", "bb"], 0, verifier=f"{FILE}:group")] == [0.0, 1.0]
        assert not client.verify("42", {}, verifier="math").valid
        with pytest.raises(ServiceError, match=r"answered 404.*did you mean math"):
            client.verify("42", "42", verifier="mth")

    async def run() -> list[Verdict]:
        async with AsyncVerifierClient(service.url + "/") as client:
            assert await client.verify("42", "42") == RIGHT
            assert len(await client.verify_group(["a"], 0, verifier=f"{FILE}:group")) == 1
            return await client.verify_batch(requests)

    assert asyncio.run(run()) == [RIGHT, WRONG]


@pytest.mark.parametrize(
    ("path", "protocol"), [("/verify", "json"), ("/verify", "nemo_gym"), ("/openrlhf", "openrlhf")]
)
def test_the_convention_http_asks_such_a_service(service: Running, path: str, protocol: str) -> None:
    verifier = load_verifier(service.url + path, {"protocol": protocol}, convention="http")

    async def run() -> list[Verdict]:
        return [await verifier.verify(ask(response)) for response in ("Answer: 42", "Answer: 43")]

    assert [(verdict.score, verdict.correct) for verdict in asyncio.run(run())] == [(1.0, True), (0.0, False)]


def test_the_convention_http_keeps_an_invalid_verdict_invalid(service: Running) -> None:
    verifier = load_verifier(service.url + "/verify", convention="http")
    verdict = asyncio.run(verifier.verify(ask("42", label={})))
    assert (verdict.valid, verdict.reason[:9]) == (False, "bad label")


def test_a_service_that_is_away_is_invalid() -> None:
    verifier = load_verifier("http://127.0.0.1:9/verify", {"tries": 1}, convention="http")
    verdict = asyncio.run(verifier.verify(ask("42")))
    assert not verdict.valid
    assert "http://127.0.0.1:9/verify cannot be reached" in verdict.reason


def test_a_full_queue_turns_requests_away_until_there_is_room() -> None:
    section = {"name": f"{FILE}:misbehaves", "timeout_s": 0.5}
    slow = {"response": "sleep", "label": ""}

    async def run() -> None:
        async with in_process(Limits(waiting=2), **section) as client:
            hanging = [asyncio.create_task(client.post("/verify", json=slow, timeout=60)) for _ in range(2)]
            while (await client.get("/health")).json()["waiting"] < 2:
                await asyncio.sleep(0)
            refused = await client.post("/verify", json=slow)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            assert "2 responses are waiting; at most 2 may" in refused.json()["detail"]
            for one in hanging:
                assert (await one).json()["reason"] == "timeout"
            fine = {"response": "fine", "label": ""}
            assert (await client.post("/verify", json=fine, timeout=60)).json()["score"] == 1.0
            too_many = await client.post("/verify/batch", json={"requests": [fine] * 3})
            assert (too_many.status_code, too_many.json()["detail"][:14]) == (413, "3 responses in")
            assert "rlvr_turned_away_total 1.0" in (await client.get("/metrics")).text

    asyncio.run(run())


def test_a_large_body_is_refused_unread() -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    async def run() -> None:
        async with in_process(Limits(body_bytes=1000)) as client:
            small = {"response": "42", "label": "42"}
            assert (await client.post("/verify", json=small)).status_code == 200
            assert (await client.post("/verify", json={**small, "response": "4" * 1000})).status_code == 413
            assert (await client.post("/verify", content=parts())).status_code == 413

    asyncio.run(run())


def test_a_token_is_wanted_where_one_is_set() -> None:
    async def run() -> None:
        async with in_process(Limits(token="secret")) as client:
            body = {"response": "42", "label": "42"}
            assert (await client.post("/verify", json=body)).status_code == 401
            wrong = await client.post("/verify", json=body, headers={"Authorization": "Bearer secre"})
            assert wrong.status_code == 401
            right = await client.post("/verify", json=body, headers={"Authorization": "Bearer secret"})
            assert right.json()["score"] == 1.0
            assert (await client.get("/metrics")).status_code == 401
            assert (await client.get("/health")).status_code == 200

    asyncio.run(run())


def test_hostile_bodies_come_back() -> None:
    async def run() -> None:
        async with in_process(Limits()) as client:
            for body in (
                b"",
                b"{",
                b"null",
                b"[" * 100_000,
                b'{"response": "\\ud83d", "label": "42"}',
                b"\xff\x00",
            ):
                answer = await client.post("/verify", content=body, headers={"Content-Type": "application/json"})
                assert answer.status_code in (200, 400, 422)

    asyncio.run(run())


def test_requests_tell_how_many_tokens_a_response_has() -> None:
    settings = {"max_length": 20, "buffer": 10, "unit": "tokens"}

    async def run() -> list[Any]:
        async with in_process(Limits(), "overlong", settings=settings) as client:
            asked = [
                ("/verify", {"response": "x", "label": None, "tokens": 15}),
                ("/verify/group", {"responses": ["x", "y"], "label": None, "tokens": [10, 20]}),
            ]
            row = nemo_gym_row("x", expected_answer="")
            row["response"]["usage"] = {"input_tokens": 3, "output_tokens": 15, "total_tokens": 18}
            return [(await client.post(path, json=body)).json() for path, body in [*asked, ("/verify", row)]]

    one, group, row = asyncio.run(run())
    assert one["score"] == row["reward"] == -0.5
    assert [verdict["score"] for verdict in group["verdicts"]] == [0.0, -1.0]


def test_a_file_gives_each_verifier_its_own_settings(tmp_path: Path) -> None:
    file = tmp_path / "verifiers.yaml"
    sections = {name: {"name": "math", "settings": {"extraction": name}} for name in ("boxed", "last_integer")}
    file.write_text(yaml.safe_dump(sections))
    part = {"verifier": "general", "label": "4+", "settings": {"check": "regex"}}
    asked = [("boxed", "44"), ("last_integer", "44"), ("composite", [part])]
    with serving(str(file), "composite") as running:
        scores = [
            post(running, "/verify", {"response": "44", "label": label, "verifier": name}).json()["score"]
            for name, label in asked
        ]
    assert scores == [0.0, 1.0, 1.0]
