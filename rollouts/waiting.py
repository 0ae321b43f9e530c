"""Every wait has an end, and says what it waited for."""

import asyncio
import math
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def round_limit(timeout_s: float, samples: int, running: int) -> float:
    """Seconds to allow for samples of which so many run at once, after those that are in flight before them."""
    return timeout_s * (math.ceil(samples / running) + 1)


async def within(seconds: float, awaited: Awaitable[T], what: str) -> T:
    """Await something for at most ``seconds``; it is cancelled after that.

    Raises:
        TimeoutError: It took longer; the message names ``what``.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await awaited
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise TimeoutError(f"waited {seconds:g} s for {what}") from error


async def all_of(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines side by side and give their results in order.

    When one fails, the others are cancelled, and its own error is raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in coroutines]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
