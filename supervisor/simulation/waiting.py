"""Work beside other work, and work with a limit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from supervisor.errors import OperatorError

Made = TypeVar("Made")


async def within(limit_s: float, what: str, work: Awaitable[Made]) -> Made:
    """What ``work`` makes; raises :class:`OperatorError` naming ``what`` if it takes too long."""
    try:
        async with asyncio.timeout(limit_s):
            return await work
    except TimeoutError:
        raise OperatorError(f"{what} did not end within {limit_s:g} s.") from None


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, Made]) -> AsyncIterator["asyncio.Task[Made]"]:
    """Run ``work`` beside the block, which awaits it or gives it up at its end."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
