"""LISTEN on PostgreSQL for as long as we run, through lost connections."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from supervisor.database.outage import Outage
from supervisor.database.pool import (
    TROUBLE,
    Connection,
    DatabaseError,
    connected,
    end_if_cancelled,
)

CHECK_EVERY_S = 10.0
"""How often a silent connection is asked whether it still lives."""
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 5.0

OnChange: TypeAlias = Callable[[str], None]
"""Called on the event loop with the name of the channel."""
OnPayload: TypeAlias = Callable[[str], None]
"""Called on the event loop with what a notification says; empty for nothing."""


async def listen(
    url: str,
    channels: Sequence[str],
    on_change: OnChange,
    outage: Outage | None = None,
    *,
    on_payload: OnPayload = lambda _: None,
) -> None:
    """Call ``on_change`` at every notification on ``channels``; runs until cancelled.

    It is also called, for each of them, whenever the connection was made: what was notified before
    was missed. ``outage`` is told how it goes, and
    ``on_payload`` what came with a notification, before ``on_change``.
    """
    retry_s = FIRST_RETRY_S
    while True:
        try:
            async with connected(url) as connection:
                if outage is not None:
                    outage.back()
                retry_s = FIRST_RETRY_S
                await _follow(connection, channels, on_change, on_payload)
        except (DatabaseError, *TROUBLE) as error:
            if outage is not None:
                outage.away(error, retry_s)
        end_if_cancelled()
        await asyncio.sleep(retry_s)
        retry_s = min(retry_s * 2, LAST_RETRY_S)


async def _follow(
    connection: Connection, channels: Sequence[str], on_change: OnChange, on_payload: OnPayload
) -> None:
    def notified(_: Connection, __: int, channel: str, payload: str) -> None:
        on_payload(payload)
        on_change(channel)

    for channel in channels:
        await connection.add_listener(channel, notified)
        on_change(channel)
    gone = asyncio.Event()
    connection.add_termination_listener(lambda _: gone.set())
    while not gone.is_set():
        try:
            async with asyncio.timeout(CHECK_EVERY_S):
                await gone.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")
