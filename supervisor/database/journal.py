"""The journal that ends in PostgreSQL: calls write and go on, a task delivers."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice

import asyncpg
import structlog

from conversation.journal import Entry
from supervisor.database.numbering import Numbering
from supervisor.database.pool import AWAY, TROUBLE, Connection, Pool
from supervisor.database.records import store_entries
from supervisor.metrics import Metrics

CAPACITY = 50_000
"""Entries kept while the database is away: some 2 kB each, an hour of a busy worker."""
BATCH = 200
"""Entries per transaction: large enough to catch up quickly, small enough to be retried."""
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0
RETRIED = (*AWAY, asyncpg.TransactionRollbackError)
"""The database is away, or two workers' transactions met; neither is the entries' fault."""

_log = structlog.get_logger(__name__)


class DatabaseJournal:
    """A :class:`conversation.journal.Journal`: entries arrive in order and each once.

    What cannot be kept is counted and logged: the newest entry when the queue is full, and an
    entry that the database refuses for good.
    """

    def __init__(self, pool: Pool, metrics: Metrics, *, capacity: int = CAPACITY) -> None:
        self._pool = pool
        self._metrics = metrics
        self._capacity = capacity
        self._queue: deque[Entry] = deque()
        self._numbering = Numbering()
        self._written = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def write(self, entry: Entry) -> None:
        """Queue an entry; a full queue drops it, counts it and says so."""
        if len(self._queue) >= self._capacity:
            self._lose("queue_full", entry)
            return
        self._queue.append(entry)
        self._empty.clear()
        self._written.set()

    @property
    def waiting(self) -> int:
        """Entries that are not in the database yet."""
        return len(self._queue)

    async def drained(self) -> None:
        """Return once everything that was written is in the database."""
        await self._empty.wait()

    @asynccontextmanager
    async def delivering(self, *, deadline_s: float = 10.0) -> AsyncIterator["DatabaseJournal"]:
        """Deliver during the block; afterwards what is left has ``deadline_s`` seconds."""
        task = asyncio.create_task(self._deliver_for_ever(), name="journal")
        try:
            yield self
        finally:
            await self._drain(task, deadline_s)

    async def _drain(self, task: "asyncio.Task[None]", deadline_s: float) -> None:
        drained = asyncio.create_task(self.drained())
        await asyncio.wait({task, drained}, timeout=deadline_s, return_when="FIRST_COMPLETED")
        for each in (task, drained):
            each.cancel()
        results = await asyncio.gather(task, drained, return_exceptions=True)
        for entry in self._queue:
            self._lose("shutdown", entry)
        if isinstance(results[0], Exception):
            raise results[0]

    async def _deliver_for_ever(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            await self._written.wait()
            try:
                async with self._pool.acquire() as connection:
                    await self._deliver(connection, list(islice(self._queue, BATCH)))
            except TROUBLE as error:
                _log.warning(
                    "journal.waits", waiting=len(self._queue), error=str(error) or "timeout"
                )
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LAST_RETRY_S)
            else:
                retry_s = FIRST_RETRY_S

    async def _deliver(self, connection: Connection, batch: list[Entry]) -> None:
        """Store a batch; where the database refuses it, each entry alone, so that one is lost."""
        try:
            await store_entries(connection, await self._numbering.of(connection, batch))
        except RETRIED:
            raise
        except (asyncpg.PostgresError, ValueError, TypeError) as error:
            if len(batch) > 1:
                for entry in batch:
                    await self._deliver(connection, [entry])
                return
            self._lose("refused", batch[0], error)
        self._forget(batch)

    def _forget(self, batch: list[Entry]) -> None:
        for _ in batch:
            self._numbering.forget(self._queue.popleft())
        if not self._queue:
            self._written.clear()
            self._empty.set()

    def _lose(self, reason: str, entry: Entry, error: Exception | None = None) -> None:
        self._metrics.journal_lost.labels(reason=reason).inc()
        _log.error(
            "journal.entry_lost",
            reason=reason,
            call_id=str(entry.call_id),
            sequence=entry.sequence,
            kind=entry.kind,
            error=str(error) if error else None,
        )
