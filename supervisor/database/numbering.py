"""Numbers for the entries of a call that more than one worker has had.

A worker that dies leaves a call's record without an end; the dialplan connects again with the
same UUID, and the next worker's session counts from 1 like any other. Its entries go behind those
that are there. An entry that is merely delivered twice keeps its number.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

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
