"""Tells when Asterisk is missed: calls may still come in, but nobody can be called."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from supervisor.alarms import Alarms

AWAY: Final = "asterisk.away"
PATIENCE_S: Final = 10.0
"""Asterisk is back from a restart within a second or two."""


class Reachable(Protocol):
    """A client that stays connected."""

    async def connected(self) -> None:
        """Wait until there is a connection."""

    async def away(self) -> None:
        """Wait until there is none."""


@asynccontextmanager
async def missed(
    asterisk: Reachable, alarms: Alarms, *, patience_s: float = PATIENCE_S
) -> AsyncIterator[None]:
    """Raise an alarm, during the block, when there was no connection for ``patience_s``."""
    task = asyncio.create_task(_watch(asterisk, alarms, patience_s), name="miss asterisk")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _watch(asterisk: Reachable, alarms: Alarms, patience_s: float) -> None:
    while True:
        try:
            async with asyncio.timeout(patience_s):
                await asterisk.connected()
        except TimeoutError:
            text = "Asterisk cannot be reached, so nobody can be called; see: ramal doctor"
            alarms.raise_alarm(AWAY, text)
            await asterisk.connected()
            alarms.end_alarm(AWAY, "Asterisk can be reached again.")
        await asterisk.away()
