"""Calls of processes that died, recalled from wherever something of them is kept."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import structlog

from conversation.journal import Entry, MemoryLapseError, Recollection
from supervisor.database.pool import TROUBLE, Pool
from supervisor.database.spool_search import find_in_spool
from supervisor.remembered import MEMORABLE, STATE, Remembered

ANSWER_WITHIN_S: Final = 0.3
"""The caller hears silence meanwhile; a healthy database needs 2 ms."""
GAP: Final = 1_000
"""Numbers left free where the database cannot say how far a call came: entries that nobody
remembers may be in it, and what is delivered later must not stand between them."""

_log = structlog.get_logger(__name__)


class Witness(Protocol):
    """Somebody else who may remember a call: the supervisor."""

    async def ask(self, call_id: UUID) -> Remembered | None:
        """What it knows; ``None`` for nothing, or when it does not answer."""


class CallMemory:
    """A :class:`conversation.journal.Memory` over the database, the spool under ``spool_root``,
    and a witness, all asked at once: the call goes on from what the latest of them knows."""

    def __init__(
        self, pool: Pool, spool_root: Path | None = None, witness: Witness | None = None
    ) -> None:
        self._pool = pool
        self._spool_root = spool_root
        self._witness = witness

    async def recall(self, call_id: UUID) -> Recollection | None:
        """See :class:`conversation.journal.Memory`."""
        stored, *others = await asyncio.gather(
            self._stored(call_id), self._spooled(call_id), self._witnessed(call_id)
        )
        lapse = stored if isinstance(stored, MemoryLapseError) else None
        known = [each for each in (stored, *others) if isinstance(each, Remembered)]
        if not known:
            if lapse is not None:
                raise lapse
            return None
        all_of_it = known[0]
        for each in known[1:]:
            all_of_it = all_of_it.together_with(each)
        if lapse is not None:
            _log.warning("call.recalled_without_database", reason=str(lapse))
            all_of_it = Remembered(all_of_it.last_sequence + GAP, all_of_it.entries)
        return all_of_it.recollection()

    async def _stored(self, call_id: UUID) -> Remembered | MemoryLapseError | None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                row = await self._pool.fetchrow(_RECALL, call_id, [*MEMORABLE - {STATE}], STATE)
        except (*TROUBLE, TimeoutError) as error:
            return MemoryLapseError(str(error) or "the database does not answer")
        if row is None or row["last_sequence"] is None:
            return None
        entries = (_entry(call_id, told) for told in row["entries"] or ())
        return Remembered.of(entries, row["last_sequence"])

    async def _spooled(self, call_id: UUID) -> Remembered | None:
        if self._spool_root is None:
            return None
        search = asyncio.to_thread(find_in_spool, self._spool_root, call_id)
        return await _in_time(search, "the disk does not answer")

    async def _witnessed(self, call_id: UUID) -> Remembered | None:
        if self._witness is None:
            return None
        return await _in_time(self._witness.ask(call_id), "the supervisor does not answer")


async def _in_time(asked: Awaitable[Remembered | None], otherwise: str) -> Remembered | None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await asked
    except TimeoutError:
        _log.warning("call.recalled_in_part", reason=otherwise)
        return None


def _entry(call_id: UUID, told: Any) -> Entry:
    at = datetime.fromisoformat(told["at"])
    return Entry(call_id, told["sequence"], at, told["kind"], told["data"])


_RECALL = """
    WITH memorable AS (
        SELECT sequence, at, kind, data FROM events WHERE call_id = $1 AND kind = ANY($2)
        UNION ALL (
            SELECT sequence, at, kind, data FROM events WHERE call_id = $1 AND kind = $3
            ORDER BY at DESC, sequence DESC LIMIT 1
        )
    )
    SELECT (SELECT max(sequence) FROM events WHERE call_id = $1) AS last_sequence,
        (SELECT jsonb_agg(
            jsonb_build_object('sequence', sequence, 'at', at, 'kind', kind, 'data', data)
        ) FROM memorable) AS entries
"""
