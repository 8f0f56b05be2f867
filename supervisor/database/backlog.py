"""Entries that are not in the database yet: those on disk first, then those in memory."""

import asyncio
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

import structlog

from conversation.journal import Entry
from supervisor.database.spool import Head, Kept, Spool

_NOTHING_KEPT: Final = Kept(0)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest entries of a source; ``head`` is their place on disk, if they are there."""

    entries: tuple[Entry, ...]
    head: Head | None = None


class Source(Protocol):
    """Something to deliver from."""

    async def oldest(self, count: int) -> Batch:
        """Its first entries, at most ``count``; none where nothing is left."""

    async def done(self, batch: Batch, count: int) -> int:
        """The first ``count`` are delivered. Returns how many damaged records were passed."""


class LeftSpool:
    """The spool of a process that is gone."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    async def oldest(self, count: int) -> Batch:
        """See :class:`Source`."""
        return await _read(self._spool, count)

    async def done(self, batch: Batch, count: int) -> int:
        """See :class:`Source`."""
        assert batch.head is not None
        return await asyncio.to_thread(self._spool.advance, batch.head, count)

    async def close(self) -> None:
        """Let go of it; without entries it is gone."""
        await asyncio.to_thread(self._spool.close)


class Backlog:
    """What a process wrote itself. Order is by one lock, which is held for disk work at most."""

    def __init__(self, capacity: int, spool: Spool | None) -> None:
        self.capacity = capacity
        """Entries that memory holds."""
        self._spool = spool
        self._queue: deque[Entry] = deque()
        self._in_order = asyncio.Lock()
        self.some = asyncio.Event()
        """Set while there are entries."""
        self.none = asyncio.Event()
        self.none.set()
        self.in_memory = asyncio.Event()
        """Set while some of them are nowhere else."""

    def __len__(self) -> int:
        return len(self._queue) + self.spooled

    @property
    def spooled(self) -> int:
        """Entries on disk."""
        return self._spool.pending if self._spool else 0

    @property
    def queued(self) -> int:
        """Entries in memory."""
        return len(self._queue)

    def add(self, entry: Entry) -> bool:
        """Take an entry into memory; ``False`` if that is full."""
        if len(self._queue) >= self.capacity:
            return False
        self._queue.append(entry)
        self._tell()
        return True

    async def oldest(self, count: int) -> Batch:
        """See :class:`Source`."""
        async with self._in_order:
            if self._spool and self._spool.pending:
                batch = await _read(self._spool, count)
                if self._spool.pending:
                    return batch
            return Batch(tuple(islice(self._queue, count)))

    async def done(self, batch: Batch, count: int) -> int:
        """See :class:`Source`. What went to the disk meanwhile is delivered again, to no effect."""
        damaged = 0
        async with self._in_order:
            if batch.head is not None and self._spool:
                damaged = await asyncio.to_thread(self._spool.advance, batch.head, count)
            elif count and self._queue and self._queue[0] is batch.entries[0]:
                self._drop(count)
        self._tell()
        return damaged

    async def spill(self, count: int) -> Kept:
        """Move the oldest in memory to the disk. Raises ``OSError`` and ``SpoolFullError``."""
        async with self._in_order:
            entries = tuple(islice(self._queue, count))
            if not entries or self._spool is None:
                return _NOTHING_KEPT
            kept = await asyncio.to_thread(self._spool.append, entries)
            self._drop(kept.count)
        self._tell()
        return kept

    async def close(self) -> list[Entry]:
        """Let go of the disk; returns what is only in memory."""
        if self._spool:
            await asyncio.to_thread(self._spool.close)
        return list(self._queue)

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._queue.popleft()

    def _tell(self) -> None:
        for event, is_so in (
            (self.some, len(self) > 0),
            (self.none, not len(self)),
            (self.in_memory, bool(self._queue)),
        ):
            event.set() if is_so else event.clear()


async def _read(spool: Spool, count: int) -> Batch:
    """A segment that cannot be read is set aside and told, rather than holding up the others."""
    try:
        head = await asyncio.to_thread(spool.head, count)
    except OSError as error:
        aside = await asyncio.to_thread(spool.set_aside)
        _log.error("spool.unreadable", error=str(error), kept_as=str(aside))
        head = await asyncio.to_thread(spool.head, 0)
    return Batch(head.entries, head)
