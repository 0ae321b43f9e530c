"""Rollout workers and a reward service without a learner, as an evaluation needs them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.service import start_reward_service
from rlvr.cluster import Resources, cluster, reserved
from rlvr.config import ClusterSection, JudgeSection
from rlvr.judge import judge_model, judge_served
from rlvr.placement import ActorResources, Placement
from rlvr.root_cause import root_cause
from rollouts.config import RolloutsSection
from rollouts.fleet import RolloutFleet
from rollouts.sample import WeightUpdate
from rollouts.waiting import within

REWARDS_TIMEOUT_S = 120.0


@asynccontextmanager
async def fleet_of(
    weights: str,
    dtype: str,
    section: RolloutsSection,
    verifiers: Mapping[str, VerifierSection],
    workers: int | None,
    machines: ClusterSection,
    judge: JudgeSection | None,
    say: Callable[[str], None],
) -> AsyncIterator[RolloutFleet]:
    """Start a cluster, unless this process is in one, with workers that run a model; end it with the block.

    Args:
        weights: A Hugging Face folder, or a hub id.
        dtype: ``float32`` or ``bfloat16``.
        section: Of the workers.
        verifiers: By the name that problems know them by; none where only likelihoods are asked for.
        workers: How many; by default one on each GPU, or on each core but one.
        machines: The cluster's.
        judge: A run's own, where its verifiers ask one.
        say: Is told what is being done.

    Raises:
        InputError: vLLM does not take the model, or there is no room for so many workers.
        VerifierError: A verifier cannot be loaded.
        TimeoutError: A worker, or the reward service, was not ready in time.
    """
    say("starting Ray")
    with cluster(machines) as resources:
        placement = Placement(_places(workers, section.tensor_parallel, resources), ())
        count = len(placement.workers)
        say(f"starting {count} rollout worker{'s' if count != 1 else ''} with {weights}")
        spare = [core for core in resources.cores if all(core not in one.cores for one in placement.workers)]
        async with (
            reserved(placement, together=True) as placed,
            judge_served(judge_model(judge) if judge else None, spare, resources.gpus, say) as environment,
        ):
            rewards = _reward_service(verifiers, environment)
            fleet = RolloutFleet(weights, dtype, section, rewards, placed.workers)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(fleet.start())
                    if rewards is not None:
                        tasks.create_task(_answer_of(rewards.ready, "start"))
                yield fleet
            except BaseException as error:
                raise root_cause(error) from None
            finally:
                closing = [fleet.close(), *([_answer_of(rewards.close, "end")] if rewards is not None else [])]
                await asyncio.gather(*closing, return_exceptions=True)


@asynccontextmanager
async def taken_weights(fleet: RolloutFleet, folder: str, version: int) -> AsyncIterator[None]:
    """Give a checkpoint's weights to running workers, through shared memory, which is faster than starting anew.

    They stay there until the block ends, for workers that take another's place.

    Raises:
        InputError: The folder has no safetensors files, or the memory file system has no room for them.
    """
    from rollouts.transfer.shared_memory import SHARED_MEMORY, write_weights

    files = sorted(Path(folder).glob("*.safetensors"))
    if not files:
        raise InputError(f"{folder} has no *.safetensors, which running workers take their weights from")
    with TemporaryDirectory(dir=SHARED_MEMORY, prefix="rlvr-eval-") as place:
        path = Path(place) / "weights.safetensors"
        await asyncio.to_thread(write_weights, path, _tensors(files))
        await fleet.publish(WeightUpdate(version, {"path": str(path)}))
        yield


def _tensors(files: Sequence[Path]) -> Iterator[tuple[str, Any]]:
    from safetensors import safe_open

    for file in files:
        with safe_open(file, framework="pt", device="cpu") as opened:
            for name in opened.offset_keys():
                yield name, opened.get_tensor(name)


def _places(workers: int | None, tensor_parallel: int, resources: Resources) -> tuple[ActorResources, ...]:
    """Workers on GPUs where there are any, else each on a core of its own."""
    if resources.gpus:
        most = resources.gpus // tensor_parallel
        one = ActorResources(1, tensor_parallel)
        count = most if workers is None else workers
    else:
        most = resources.cpus
        one = ActorResources(1, 0)
        count = max(1, most - 1) if workers is None else workers
    if not 1 <= count <= most:
        raise InputError(
            f"--workers {count}: there is room for 1 to {most} on {resources.gpus} GPUs and {resources.cpus} cores"
        )
    if resources.gpus or len(resources.cores) < count:
        return (one,) * count
    return tuple(ActorResources(1, 0, (core,)) for core in resources.cores[:count])


def _reward_service(verifiers: Mapping[str, VerifierSection], environment: Mapping[str, str]) -> Any:
    if not verifiers:
        return None
    first, *others = verifiers
    rest = {name: verifiers[name] for name in others}
    return start_reward_service(verifiers[first], others=rest, environment=environment)


async def _answer_of(method: Any, what: str) -> None:
    await within(REWARDS_TIMEOUT_S, method.remote(), f"the reward service to {what}")
