"""What the loop does while it waits."""

import asyncio

import pytest

from rlvr.orchestrator import Orchestrator, Stopped


async def waiting(*, publication: Exception | None = None, stop: bool = False) -> str:
    """Wait for something that takes long, while a publication ends or the user stops the run."""

    async def publish() -> None:
        if publication is not None:
            raise publication

    loop = Orchestrator.__new__(Orchestrator)
    stopped = asyncio.Event()
    if stop:
        stopped.set()
    loop._stopping = asyncio.create_task(stopped.wait())  # type: ignore[assignment]
    loop._publication = asyncio.create_task(publish())
    loop._producing = None
    try:
        return await loop._unless_stopped(asyncio.sleep(0.05, "came"))
    finally:
        loop._stopping.cancel()


def test_a_publication_that_fails_ends_the_wait_at_once() -> None:
    with pytest.raises(TimeoutError, match="rollout worker 0 to take the weights"):
        asyncio.run(waiting(publication=TimeoutError("waited 1 s for rollout worker 0 to take the weights")))


def test_a_publication_that_ends_well_is_no_matter() -> None:
    assert asyncio.run(waiting()) == "came"


def test_the_user_stops_the_wait() -> None:
    with pytest.raises(Stopped):
        asyncio.run(waiting(stop=True))
