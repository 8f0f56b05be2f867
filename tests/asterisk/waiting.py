"""Waiting for what another program does in its own time."""

import asyncio
from collections.abc import Callable


async def eventually(is_so: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """Wait for something that another program tells without an order to the rest."""
    async with asyncio.timeout(timeout_s):
        while not is_so():  # noqa: ASYNC110 - it becomes so in Asterisk, which sets no event
            await asyncio.sleep(0.01)
