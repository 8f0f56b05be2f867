"""A stretch of a journal on its way into the database, whoever wrote it."""

from collections.abc import Sequence
from typing import Final, Protocol

import asyncpg

from conversation.journal import Entry
from supervisor.database.numbering import Numbering
from supervisor.database.pool import Connection
from supervisor.database.records import store_entries

REFUSED: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    TypeError,
)
"""An entry's own fault, at every try. Whatever else goes wrong is the database's, and may pass:
its disk is full, it became a standby, somebody is changing its tables."""


class OnRefused(Protocol):
    """Is told of an entry that the database takes at no time."""

    def __call__(self, entry: Entry, error: Exception) -> None:
        """Called on the event loop."""


class Delivery:
    """Stores the entries of one source (a process's memory and spool, or a dead one's spool)."""

    def __init__(self, on_refused: OnRefused) -> None:
        self._on_refused = on_refused
        self._numbering = Numbering()

    async def store(self, connection: Connection, entries: Sequence[Entry]) -> int:
        """Store entries; returns how many of them, from the first on, are done with.

        Where one of them is refused, those before it are stored, then it is given up alone.
        """
        try:
            await store_entries(connection, await self._numbering.of(connection, entries))
        except REFUSED as error:
            if connection.is_closed():
                raise ConnectionResetError("the database ended the connection") from error
            if len(entries) > 1:
                return await self.store(connection, entries[: len(entries) // 2])
            self._on_refused(entries[0], error)
        for entry in entries:
            self._numbering.forget(entry)
        return len(entries)
