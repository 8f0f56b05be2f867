"""The journal that ends in PostgreSQL: calls write and go on, tasks deliver.

Entries wait in memory. What the database has not taken within :data:`SPILL_AFTER_S`, and what
comes behind it, goes to the spool on disk and is delivered from there once the database is back.
Every journal also delivers the spools of processes that died; whoever locks one first has it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from conversation.journal import Entry
from supervisor.alarms import Alarms
from supervisor.database.backlog import Backlog, Batch, LeftSpool, Source
from supervisor.database.complaint import Complaint
from supervisor.database.delivery import Delivery
from supervisor.database.pool import TROUBLE, Pool, end_if_cancelled
from supervisor.database.spool import Spool, SpoolFullError, adopt
from supervisor.metrics import Metrics

CAPACITY: Final = 50_000
"""Entries kept in memory while neither database nor disk takes them: some 2 kB each."""
BATCH: Final = 200
"""Entries per transaction: large enough to catch up quickly, small enough to be retried."""
FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 5.0
SPILL_AFTER_S: Final = 0.5
"""A healthy database takes a batch in milliseconds. What a killed process loses is younger."""
SPILL_ABOVE: Final = 2_000
"""Entries in memory that go to the disk although the database is only slow."""
ATTEMPT_LIMIT_S: Final = 30.0
"""For a connection and a batch; a server that hangs may hold up even the end of a statement."""
TAKES_NOTHING: Final = "spool.takes_nothing"
ADOPT_EVERY_S: Final = 5.0
"""How often a journal looks for spools of processes that died."""
AWAY_DEADLINE_S: Final = 1.0
"""At the end, for a database that did not answer at the last try: the disk has the entries."""

_log = structlog.get_logger(__name__)


class DatabaseJournal:
    """A :class:`conversation.journal.Journal`: entries arrive in order and each once.

    With a ``spool`` entries survive an outage of the database on disk, and our own end as well.
    What cannot be kept is counted and logged: the newest entry when neither database nor disk
    takes any and ``capacity`` entries are in memory, and an entry that the database refuses.
    """

    def __init__(
        self,
        pool: Pool,
        metrics: Metrics,
        *,
        capacity: int = CAPACITY,
        spool: Spool | None = None,
        alarms: Alarms | None = None,
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._alarms = alarms or Alarms(metrics)
        self._root = spool.root if spool else None
        self._backlog = Backlog(capacity, spool)
        self._delivery = Delivery(self._refused)
        self._left: list[tuple[LeftSpool, Delivery]] = []
        self._spills = asyncio.Event()
        self._patience: asyncio.TimerHandle | None = None
        self._away = asyncio.Event()
        self._complaint = Complaint(_log.warning, "journal.waits")
        self._has_looked = spool is None
        self._looked_at = time.monotonic()
        metrics.journal_waiting.set_function(lambda: self.waiting)

    def write(self, entry: Entry) -> None:
        """Queue an entry; where nothing takes any and memory is full, drops it and says so."""
        if not self._backlog.add(entry):
            self._lose("queue_full", entry)
        elif self._backlog.queued > SPILL_ABOVE:
            self._spills.set()

    @property
    def waiting(self) -> int:
        """Entries that are not in the database yet."""
        return len(self._backlog)

    async def drained(self) -> None:
        """Return once everything that was written is in the database."""
        await self._backlog.none.wait()

    @asynccontextmanager
    async def delivering(self, *, deadline_s: float = 10.0) -> AsyncIterator["DatabaseJournal"]:
        """Deliver during the block; afterwards what is left has ``deadline_s`` seconds.

        What is left then stays in the spool, for the next process that delivers.
        """
        tasks = [asyncio.create_task(self._deliver_for_ever(), name="journal")]
        if self._root is not None:
            tasks.append(asyncio.create_task(self._spill_for_ever(), name="spool"))
        try:
            yield self
        finally:
            await self._finish(tasks, deadline_s)

    # ------------------------------------------------------------------ to the database

    async def _deliver_for_ever(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            await self._until_work()
            try:
                await self._adopt()
                await self._deliver_some()
            except Exception as error:
                end_if_cancelled()
                self._fall_back(error)
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LAST_RETRY_S)
            else:
                retry_s = FIRST_RETRY_S

    def _fall_back(self, error: Exception) -> None:
        """A defect of ours is told as one, but must not end what keeps the record of every call."""
        self._away.set()
        self._be_patient()
        self._has_looked = self._root is None
        if isinstance(error, TROUBLE):
            self._complaint.about(error, waiting=self.waiting)
        else:
            _log.error("journal.failed", waiting=self.waiting, exc_info=error)
            self._alarms.raise_alarm(
                "journal.defect",
                f"A defect of ours ({type(error).__name__}) keeps entries of calls from the "
                "database; they are kept, and tried again; please report the log's traceback.",
                waiting=self.waiting,
            )

    async def _until_work(self) -> None:
        if self._left or not self._has_looked:
            return
        try:
            async with asyncio.timeout(ADOPT_EVERY_S if self._root else None):
                await self._backlog.some.wait()
        except TimeoutError:
            return

    async def _adopt(self) -> None:
        """What a dead process left comes before what we have, where we are the one who gets it."""
        now = time.monotonic()
        if self._root is None or (self._has_looked and now - self._looked_at < ADOPT_EVERY_S):
            return
        self._has_looked, self._looked_at = True, now
        for spool in await asyncio.to_thread(adopt, self._root):
            _log.warning("spool.adopted", folder=str(spool.folder))
            self._left.append((LeftSpool(spool), Delivery(self._refused)))

    async def _deliver_some(self) -> None:
        if self._left:
            left, delivery = self._left[0]
            if await self._deliver(left, delivery):
                self._recover()
            else:
                self._left.pop(0)
                await left.close()
        elif len(self._backlog):
            self._be_patient()
            await self._deliver(self._backlog, self._delivery)
            self._recover()

    async def _deliver(self, source: Source, delivery: Delivery) -> bool:
        """Deliver a batch; returns whether there was anything."""
        batch = await source.oldest(BATCH)
        count = await self._store(batch, delivery) if batch.entries else 0
        if damaged := await source.done(batch, count):
            self._metrics.spool_damaged.inc(damaged)
            self._alarms.raise_alarm(
                "spool.damaged",
                "Records of the spool could not be read again and are left out.",
                records=damaged,
            )
        return bool(count or damaged)

    async def _store(self, batch: Batch, delivery: Delivery) -> int:
        async with asyncio.timeout(ATTEMPT_LIMIT_S), self._pool.acquire() as connection:
            return await delivery.store(connection, batch.entries)

    def _be_patient(self) -> None:
        if self._patience is None:
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(SPILL_AFTER_S, self._spills.set)

    def _recover(self) -> None:
        self._away.clear()
        self._alarms.end_alarm(TAKES_NOTHING, "The database takes entries again.")
        if self._complaint.over():
            _log.info("journal.goes_on", waiting=self.waiting)
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if not self._backlog.spooled and self._backlog.queued <= SPILL_ABOVE:
            self._spills.clear()

    # ------------------------------------------------------------------ to the disk

    async def _spill_for_ever(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            await self._spills.wait()
            await self._backlog.in_memory.wait()
            if not self._spills.is_set():
                continue
            if await self._spill():
                retry_s = FIRST_RETRY_S
            else:
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LAST_RETRY_S)

    async def _spill(self) -> bool:
        """Move a batch to the disk; returns whether that went well."""
        try:
            kept = await self._backlog.spill(BATCH)
        except (OSError, SpoolFullError) as error:
            self._spool_refuses(error)
            return False
        self._metrics.journal_spooled.inc(kept.count - len(kept.refused))
        self._alarms.end_alarm(TAKES_NOTHING, "The spool takes entries again.")
        for entry, why in kept.refused:
            self._refused(entry, why)
        return True

    def _spool_refuses(self, error: Exception) -> None:
        full = isinstance(error, SpoolFullError)
        self._metrics.spool_failures.labels(reason="limit" if full else "disk").inc()
        self._alarms.raise_alarm(
            TAKES_NOTHING,
            f"The database takes no entries of calls, nor does the disk ({error}); they wait in "
            f"memory, and beyond {self._backlog.capacity} they are lost: bring the database back, "
            + ("or raise spool.limit_mb." if full else "or make room on the disk."),
            in_memory=self._backlog.queued,
        )

    # ------------------------------------------------------------------ the end

    async def _finish(self, tasks: "list[asyncio.Task[None]]", deadline_s: float) -> None:
        ends = [asyncio.create_task(self.drained())]
        if self._root is not None:
            ends.append(asyncio.create_task(self._out_of_hope()))
        await asyncio.wait({*tasks, *ends}, timeout=deadline_s, return_when="FIRST_COMPLETED")
        for each in (*tasks, *ends):
            each.cancel()
        results = await asyncio.gather(*tasks, *ends, return_exceptions=True)
        await self._leave()
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _out_of_hope(self) -> None:
        await self._away.wait()
        await asyncio.sleep(AWAY_DEADLINE_S)

    async def _leave(self) -> None:
        """Put what is left where it can be found, and let go of every spool."""
        if self._patience is not None:
            self._patience.cancel()
        while self._root is not None and self._backlog.queued and await self._spill():
            pass
        for left, _ in self._left:
            await left.close()
        for entry in await self._backlog.close():
            self._lose("shutdown", entry)
        if spooled := self._backlog.spooled:
            _log.warning("journal.left_on_disk", entries=spooled, folder=str(self._root))

    def _refused(self, entry: Entry, error: Exception) -> None:
        self._lose("refused", entry, error)

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
        self._alarms.raise_alarm(
            "journal.lost",
            f"Entries of calls were lost ({reason}); the log names each.",
            subject=reason,
        )
