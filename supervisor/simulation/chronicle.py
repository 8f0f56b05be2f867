"""What the server wrote down about a call, read back from the database as it comes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from supervisor.database.event_stream import CHANNEL
from supervisor.database.listening import listen
from supervisor.database.pool import Pool
from supervisor.simulation.waiting import beside


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row of ``events``."""

    sequence: int
    at: datetime
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """The visit's entry in the log; ``hash`` is hexadecimal."""

    position: int
    outcome: str
    data: Mapping[str, Any]
    at: datetime
    hash: str


class Chronicle:
    """The events of one call, in order; ``on_event`` is told each as it is read."""

    def __init__(
        self, pool: Pool, database_url: str, call_id: UUID, on_event: Callable[[Recorded], None]
    ) -> None:
        self.events: list[Recorded] = []
        self._pool = pool
        self._database_url = database_url
        self._call_id = call_id
        self._on_event = on_event

    async def follow(self) -> None:
        """Read until the call's end is recorded; give it a time-out of your own."""
        news = asyncio.Event()
        async with beside(listen(self._database_url, [CHANNEL], lambda _: news.set())):
            while not (self.events and self.events[-1].kind == "call.ended"):
                await news.wait()
                news.clear()
                for row in await self._read_on():
                    self.events.append(row)
                    self._on_event(row)

    async def visit(self) -> VisitRow | None:
        """The visit's entry, if one was made."""
        row = await self._pool.fetchrow(
            """SELECT position, outcome, data, at, encode(hash, 'hex') AS hash FROM visits
               WHERE call_id = $1 ORDER BY position DESC LIMIT 1""",
            self._call_id,
        )
        return VisitRow(**row) if row else None

    async def _read_on(self) -> list[Recorded]:
        last = self.events[-1].sequence if self.events else 0
        rows = await self._pool.fetch(
            """SELECT sequence, at, kind, data FROM events
               WHERE call_id = $1 AND sequence > $2 ORDER BY sequence""",
            self._call_id,
            last,
        )
        return [Recorded(**row) for row in rows]
