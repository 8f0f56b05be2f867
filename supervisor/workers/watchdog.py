"""Ends a worker whose event loop hangs, also where no supervisor is left to do it.

A hung worker answers nobody and keeps its ports. The supervisor kills one that it hears nothing of;
for one that outlived its supervisor, the kernel does it: SIGALRM, unless the loop puts it off. That
needs neither the loop nor Python's lock, nor a thread; on the way ``faulthandler`` writes where the
worker hung.
"""

import asyncio
import faulthandler
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from supervisor.workers import messages

PAT_EVERY_S: Final = 1.0
LIMIT_S: Final = messages.HEARTBEAT_LIMIT_S + 5.0
"""The supervisor goes first: it knows what to call the end of a worker that hangs."""


@asynccontextmanager
async def watched_loop() -> AsyncIterator[asyncio.Event]:
    """End this process if its loop does nothing for :data:`LIMIT_S`, or does not end after that.

    Until the event is set it loads engines, which may hold the loop up for longer.
    """
    ready = asyncio.Event()
    faulthandler.register(signal.SIGALRM, chain=True)  # chain: the signal ends us after that
    patting = asyncio.create_task(_pat(ready), name="watchdog")
    try:
        yield ready
    finally:
        patting.cancel()
        await asyncio.gather(patting, return_exceptions=True)
        bite_after(LIMIT_S)


def bite_after(limit_s: float) -> None:
    """End this process then by SIGALRM, unless this is called again before."""
    signal.setitimer(signal.ITIMER_REAL, limit_s)


async def _pat(ready: asyncio.Event) -> None:
    while True:
        bite_after(LIMIT_S if ready.is_set() else messages.READY_LIMIT_S)
        await asyncio.sleep(PAT_EVERY_S)
