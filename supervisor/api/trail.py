"""Brings accesses into the audit log behind the requests' backs, and loses none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from supervisor.database.audit import Access, write_accesses
from supervisor.database.pool import TROUBLE, Pool

CAPACITY: Final = 10_000
"""Accesses that may wait; with more than that, requests wait until there is room."""
BATCH: Final = 500
RETRY_S: Final = 1.0
FAREWELL_S: Final = 5.0

_log = structlog.get_logger(__name__)


class Trail:
    """Takes accesses in their order."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Access] = asyncio.Queue(CAPACITY)

    async def add(self, access: Access) -> None:
        """Queue an access; waits while the queue is full."""
        await self._queue.put(access)

    async def written(self) -> None:
        """Return once everything that was added is in the database."""
        await self._queue.join()

    @asynccontextmanager
    async def writing(self, pool: Pool) -> AsyncIterator[None]:
        """Write during the block; what is left then has :data:`FAREWELL_S`."""
        task = asyncio.create_task(self._write_for_ever(pool), name="audit trail")
        try:
            yield
        finally:
            joining = asyncio.create_task(self.written())
            await asyncio.wait(
                {task, joining}, timeout=FAREWELL_S, return_when=asyncio.FIRST_COMPLETED
            )
            for each in (task, joining):
                each.cancel()
            await asyncio.gather(task, joining, return_exceptions=True)
            if lost := self._queue.qsize():
                _log.error("audit.lost", entries=lost)

    async def _write_for_ever(self, pool: Pool) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._write(pool, batch)
            for _ in batch:
                self._queue.task_done()

    async def _write(self, pool: Pool, batch: list[Access]) -> None:
        while True:
            try:
                async with pool.acquire() as connection:
                    await write_accesses(connection, batch)
            except TROUBLE as error:
                _log.warning("audit.waits", waiting=len(batch), error=str(error) or "timeout")
                await asyncio.sleep(RETRY_S)
            else:
                return
