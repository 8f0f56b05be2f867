"""Numbers for the entries of a call that more than one worker has had.

A worker that dies leaves a call's record without an end; the dialplan connects again with the
same UUID, and the next worker's session goes on behind the last number that
:mod:`supervisor.database.memory` remembers. Where that remembers nothing, the session counts from 1
like any other, and here its entries go behind those that are there. An entry that is merely
delivered twice keeps its number.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import asyncpg

from conversation.journal import Entry
from supervisor.database.pool import Connection


class Numbering:
    """Remembers, for each call that goes on, how many entries were there before its first."""

    def __init__(self) -> None:
        self._before: dict[UUID, int] = {}

    async def of(self, connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
        """The entries with the numbers that they are stored under, the same at every try."""
        for entry in entries:
            if entry.sequence == 1 and entry.call_id not in self._before:
                self._before[entry.call_id] = await _stored_before(connection, entry)
        return [_moved(entry, self._before.get(entry.call_id, 0)) for entry in entries]

    def forget(self, entry: Entry) -> None:
        """An entry is stored; with the last one of a call there is nothing to remember."""
        if entry.kind == "call.ended":
            self._before.pop(entry.call_id, None)


async def _stored_before(connection: Connection, first: Entry) -> int:
    """How many entries of earlier sessions there are before this one, or before its place."""
    row = await connection.fetchrow(
        """SELECT max(sequence) AS last,
               min(sequence) FILTER (WHERE at = $2 AND kind = $3) AS place
           FROM events WHERE call_id = $1""",
        first.call_id,
        first.at,
        first.kind,
    )
    if row["place"] is not None:
        return int(row["place"]) - 1
    return int(row["last"] or 0)


def _moved(entry: Entry, by: int) -> Entry:
    return replace(entry, sequence=entry.sequence + by) if by else entry


async def insert_behind(connection: Connection, entry: Entry) -> Entry | None:
    """Keep an entry whose number another session of the call has taken; ``None`` if it is there.

    Two sessions count alike where the second could not ask how far the first one came, because
    the first one's last entries were in the spool of a process that had died.
    """
    values = (entry.call_id, entry.at, entry.kind, dict(entry.data))
    if await connection.fetchval(_IS_THERE, *values):
        return None
    for _ in range(_TRIES):
        sequence = await connection.fetchval(_BEHIND, *values)
        if sequence is not None:
            return replace(entry, sequence=sequence)
    raise asyncpg.SerializationError("another session of the call writes too fast to go behind it")


_TRIES: Final = 100
"""Each one in vain is an entry of another session that was kept meanwhile."""
_IS_THERE: Final = """
    SELECT EXISTS (
        SELECT FROM events WHERE call_id = $1 AND at = $2 AND kind = $3 AND data = $4::jsonb
    )
"""
_BEHIND: Final = """
    INSERT INTO events (call_id, sequence, at, kind, data)
    SELECT $1, max(sequence) + 1, $2, $3, $4::jsonb FROM events WHERE call_id = $1
    ON CONFLICT DO NOTHING RETURNING sequence
"""
