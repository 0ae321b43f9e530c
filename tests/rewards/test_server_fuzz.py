"""Whatever is posted to the service, it answers, and pays nothing for garbage."""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.config import VerifierSection
from rewards.server.app import create_app

EXAMPLES = int(os.environ.get("RLVR_FUZZ_EXAMPLES", "100"))

APP = create_app({"math": VerifierSection(name="math")})
RUNNER = asyncio.Runner()
"""One event loop for all, as a pool's processes belong to one."""

PATHS = st.sampled_from(["/verify", "/verify/batch", "/verify/group", "/openrlhf"])
TEXTS = (
    st.text()
    | st.text(st.characters(categories=("Cs", "L")), max_size=3)
    | st.text(alphabet="\\boxed{}()[]^_$<>|/think0123456789+-*! \n", max_size=60)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["response", "label", "prompt", "id", "seed", "metadata", "responses", "seeds", "requests", "query"]
FIELDS += ["prompts", "labels", "verifier", "responses_create_params", "output", "expected_answer"]
BODIES = JSON | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8)


def post(path: str, content: bytes) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(APP, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.post(path, content=content, headers={"Content-Type": "application/json"})

    return RUNNER.run(run())


@pytest.fixture(scope="module", autouse=True)
def closing() -> Iterator[None]:
    yield
    RUNNER.close()


@settings(max_examples=EXAMPLES, deadline=None)
@given(path=PATHS, body=BODIES)
def test_any_json_gets_an_answer(path: str, body: Any) -> None:
    answer = post(path, json.dumps(body).encode())
    assert answer.status_code in (200, 404, 422)
    assert isinstance(answer.json(), dict)


@settings(max_examples=EXAMPLES, deadline=None)
@given(columns=st.dictionaries(TEXTS, JSON, max_size=3), asked=JSON, output=JSON, label=JSON)
def test_any_row_of_nemo_gym_gets_an_answer(columns: Any, asked: Any, output: Any, label: Any) -> None:
    row = {**columns, "responses_create_params": {"input": asked}, "response": {"output": output}, "label": label}
    answer = post("/verify", json.dumps(row).encode())
    assert answer.status_code in (200, 404, 422)


@settings(max_examples=EXAMPLES, deadline=None)
@given(path=PATHS, content=st.binary(max_size=200))
def test_any_bytes_get_an_answer(path: str, content: bytes) -> None:
    assert post(path, content).status_code in (200, 400, 404, 422)


@settings(max_examples=EXAMPLES, deadline=None)
@given(response=TEXTS.filter(lambda text: "7391" not in text))
def test_no_text_without_the_answer_is_paid(response: str) -> None:
    answer = post("/verify", json.dumps({"response": response, "label": "7391"}).encode()).json()
    assert (answer["valid"], answer["score"]) == (True, 0.0)
