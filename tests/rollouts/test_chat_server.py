"""A model that is served as a judge, by vLLM itself: started, asked, killed, started again, gone."""

import asyncio
import copy
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from base_training.errors import ProcessError
from rewards.config import VerifierSection
from rewards.pool import VerifierPool
from rewards.problem import Problem
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rollouts.chat_server import ChatModel, ChatServer
from rollouts.environment import worker_environment

TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
SETTINGS = {"form": "json", "constrained": True, "max_tokens": 400, "template": "quality"}


def chat_folder(folder: Path) -> Path:
    """A random model that can chat, and read as much as a judge is shown."""
    from base_training.models.build import save_model
    from tests.rollouts.tiny_policy import TOKENIZER, tiny_policy

    policy, tokenizer = tiny_policy(0), copy.deepcopy(TOKENIZER)
    policy.config.max_position_embeddings = 4096
    tokenizer.chat_template = TEMPLATE
    save_model(folder, policy.config, policy.state_dict(), tokenizer)
    return folder


async def judged(url: str, *responses: str, **settings: Any) -> list[Verdict]:
    """The verdicts of the served model."""
    problem = Problem("p", ({"role": "user", "content": "Say something."},), "judge", None)
    section = VerifierSection(name="judge", settings={"base_url": url, "model": "random", **SETTINGS, **settings})
    async with VerifierPool(section) as pool:
        return await pool.score([ScoreRequest(problem, response) for response in responses])


@pytest.mark.slow
def test_a_served_model_judges_and_is_replaced_when_it_dies(tmp_path: Path) -> None:
    model = ChatModel("random", str(chat_folder(tmp_path / "chat")), max_model_tokens=4096)

    async def run() -> None:
        async with ChatServer(model, worker_environment(0)) as server:
            verdicts = await judged(server.url, "One.", "Two.")
            assert [(verdict.valid, verdict.reason) for verdict in verdicts] == [(True, "judged")] * 2
            assert all(verdict.metrics["raw"] in range(11) for verdict in verdicts)
            assert await judged(server.url, "One.", "Two.") == verdicts
            [child] = psutil.Process().children()
            family = [child, *child.children(recursive=True)]
            child.kill()
            again = await judged(server.url, "One.", attempts=60, backoff_s=2)
            assert again == verdicts[:1]
            family += psutil.Process().children(recursive=True)
        assert len(family) >= 4
        assert not psutil.wait_procs(family, timeout=20)[1]

    asyncio.run(run())


@pytest.mark.slow
def test_it_ends_with_whoever_serves_it_however_that_ends(tmp_path: Path) -> None:
    folder = chat_folder(tmp_path / "chat")
    command = "from rlvr.cli import app; app()"
    arguments = ("judge", "serve", str(folder), "--port", "0", "--max-model-tokens", "4096", "--json")
    with subprocess.Popen([sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        family = psutil.Process(process.pid).children(recursive=True)
        verdicts = asyncio.run(judged(told["base_url"], "One.", model=told["model"]))
        os.kill(process.pid, signal.SIGKILL)
    assert verdicts[0].valid
    deadline = time.monotonic() + 20
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family):
        assert time.monotonic() < deadline, "the model is still served"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_model_that_cannot_be_served_is_told_with_the_cause(tmp_path: Path) -> None:
    async def run() -> None:
        async with ChatServer(ChatModel("none", str(tmp_path / "none")), worker_environment(0)):
            pass

    with pytest.raises(ProcessError, match="vLLM did not start to serve none: "):
        asyncio.run(run())
