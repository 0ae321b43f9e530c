"""Both kinds of rollout engine around one vLLM, and weights to publish to it."""

import asyncio
import itertools
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, TypeVar

from rollouts.config import RolloutsSection
from rollouts.sample import WeightUpdate
from rollouts.transfer.shared_memory import SHARED_MEMORY, write_weights

T = TypeVar("T")


class Engines:
    """Starting vLLM takes half a minute: tests share it, and each says which weights it wants."""

    def __init__(self, llm: Any, section: RolloutsSection, runner: asyncio.Runner) -> None:
        self._llm = llm
        self._section = section
        self._runner = runner
        self._versions = itertools.count(1)
        self._folder = TemporaryDirectory(dir=SHARED_MEMORY)

    @classmethod
    async def start(cls, model: str, section: RolloutsSection, runner: asyncio.Runner) -> Self:
        from vllm.v1.engine.async_llm import AsyncLLM

        from rollouts.arguments import engine_arguments

        return cls(AsyncLLM.from_engine_args(engine_arguments(model, "float32", section)), section, runner)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop that vLLM runs in."""
        return self._runner.run(asyncio.wait_for(coroutine, 120))

    def engine(self, kv_on_update: str, policy: Any) -> Any:
        """A rollout engine of one kind that runs ``policy``."""
        from rollouts.engine import RolloutEngine

        engine = RolloutEngine(self._llm, self._section.model_copy(update={"kv_on_update": kv_on_update}), 0)
        self.run(engine.update_weights(self.publish(policy)))
        return engine

    def publish(self, policy: Any) -> WeightUpdate:
        """Write a policy's weights where vLLM finds them, as the next version."""
        version = next(self._versions)
        path = Path(self._folder.name) / f"{version}.safetensors"
        write_weights(path, policy.state_dict().items())
        return WeightUpdate(version, {"path": str(path)})

    def close(self) -> None:
        self._llm.shutdown()
        self._folder.cleanup()
