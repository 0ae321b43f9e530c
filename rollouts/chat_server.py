"""A chat model behind an OpenAI-compatible endpoint of this machine, as a supervised process."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import IO, Self

from base_training.errors import ProcessError
from rollouts.waiting import within

START_TIMEOUT_S = 600.0
END_TIMEOUT_S = 30.0
RESTARTS = 3
LOG_LINES = 5


@dataclass(frozen=True, slots=True)
class ChatModel:
    """What is served.

    Attributes:
        name: The name that requests know it by.
        folder: A Hugging Face folder or hub id, with a chat template.
        dtype: ``float32`` or ``bfloat16``.
        max_running: Requests that run at once.
        max_model_tokens: Longest prompt and reply together, in tokens.
        kv_cache_gib: KV cache on the CPU, in GiB.
        cores: Cores to pin it to; empty pins nothing.
        port: 0 takes a free one.
    """

    name: str
    folder: str
    dtype: str = "float32"
    max_running: int = 16
    max_model_tokens: int = 2048
    kv_cache_gib: int = 1
    cores: tuple[int, ...] = ()
    port: int = 0


class ChatServer:
    """Serves a model from the beginning of an ``async with`` block to its end.

    It runs vLLM's own server in a process group of its own, which ends with the block and also when this process
    is killed. When it dies it is started again behind the same address, up to `RESTARTS` times.
    """

    def __init__(self, model: ChatModel, environment: Mapping[str, str]) -> None:
        """
        Args:
            model: What to serve.
            environment: Variables to set for its process; see `rollouts.environment`.
        """
        self._model = model
        self._environment = {**os.environ, **environment}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Its address, up to and including ``/v1``."""
        return f"http://127.0.0.1:{self._model.port}/v1"

    async def __aenter__(self) -> Self:
        """Raises ProcessError where vLLM does not start, and TimeoutError where it takes too long."""
        await self._start()
        self._supervision = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._supervision.cancel()
        await asyncio.gather(self._supervision, return_exceptions=True)
        await self._end()

    async def failed(self) -> None:
        """Returns never; raises ProcessError once the server is dead for good."""
        await asyncio.shield(self._supervision)

    async def _supervise(self) -> None:
        for _ in range(RESTARTS):
            assert self._process is not None
            await self._process.wait()
            await self._end()
            await self._start()
        assert self._process is not None
        await self._process.wait()
        raise ProcessError(f"the server of {self._model.name} died {RESTARTS + 1} times: {_end_of(self._log)}")

    async def _start(self) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rollouts.chat_process", json.dumps(asdict(self._model))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            env=self._environment,
            start_new_session=True,
        )
        try:
            assert self._process.stdout is not None
            line = await within(
                START_TIMEOUT_S, self._process.stdout.readline(), f"vLLM to serve {self._model.name}"
            )
            if not line:
                raise ProcessError(f"vLLM did not start to serve {self._model.name}: {_end_of(self._log)}")
        except BaseException:
            await self._end()
            raise
        self._model = replace(self._model, port=int(line))

    async def _end(self) -> None:
        """Kill the whole group: it holds nothing that is worth a farewell."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await within(END_TIMEOUT_S, self._process.wait(), f"the server of {self._model.name} to end")
        self._process = None
        self._log.close()


def _end_of(log: IO[bytes]) -> str:
    """The last lines of what a process wrote to its standard error."""
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    return " | ".join(line.strip() for line in lines[-LOG_LINES:]) or "it said nothing"
