"""Calls of processes that died, recalled from what their journal had delivered."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from conversation.interlock import SEEN
from conversation.journal import Entry, MemoryLapseError, Recollection
from supervisor.database.pool import TROUBLE, Pool

ANSWER_WITHIN_S = 0.3
"""The caller hears silence meanwhile; a healthy database needs 2 ms."""


class DatabaseMemory:
    """A :class:`conversation.journal.Memory` over the ``events`` table."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def recall(self, call_id: UUID) -> Recollection | None:
        """See :class:`conversation.journal.Memory`."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                row = await self._pool.fetchrow(_RECALL, call_id, [*SEEN])
        except (*TROUBLE, TimeoutError) as error:
            raise MemoryLapseError(str(error) or "the database does not answer") from error
        if row is None or row["last_sequence"] is None:
            return None
        legs = tuple(UUID(leg) for leg in row["legs"] or ())
        doors = tuple(_entry(call_id, told) for told in row["doors"] or ())
        return Recollection(row["last_sequence"], row["snapshot"], row["over"], legs, doors)


def _entry(call_id: UUID, told: Any) -> Entry:
    at = datetime.fromisoformat(told["at"])
    return Entry(call_id, told["sequence"], at, told["kind"], told["data"])


_RECALL = """
    SELECT max(sequence) AS last_sequence,
        (array_agg(data ORDER BY sequence DESC) FILTER (WHERE kind = 'state'))[1] AS snapshot,
        coalesce(bool_or(kind = 'call.ended' AND data->>'reason' NOT IN ('lost', 'error')), false)
            AS over,
        array_agg(data->>'leg') FILTER (WHERE kind = 'call_out.started') AS legs,
        jsonb_agg(
            jsonb_build_object('sequence', sequence, 'at', at, 'kind', kind, 'data', data)
            ORDER BY sequence
        ) FILTER (WHERE kind = ANY($2)) AS doors
    FROM events WHERE call_id = $1
"""
