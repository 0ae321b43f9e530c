"""One vLLM engine for all tests that run in this process."""

import asyncio
import gc
import os
from collections.abc import Iterator

import pytest

from rollouts.config import RolloutsSection
from rollouts.environment import worker_environment
from tests.rollouts.engines import Engines


@pytest.fixture(scope="package")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A running engine with the policy of seed 0, usable in both modes of update."""
    environment = dict(os.environ)
    os.environ.update(worker_environment(gpus=0))
    from tests.rollouts.tiny_policy import save_policy, tiny_policy

    model = save_policy(tmp_path_factory.mktemp("policy") / "seed-0", tiny_policy(0))
    section = RolloutsSection(max_running=16, max_model_tokens=512, timeout_s=60)
    gc.collect()
    gc.freeze()  # a collection of all that other tests left would hold up the loop while vLLM goes on
    with asyncio.Runner() as runner:
        engines = runner.run(Engines.start(model, section, runner))
        yield engines
        engines.close()
    os.environ.clear()
    os.environ.update(environment)
