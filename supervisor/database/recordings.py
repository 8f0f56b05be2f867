"""The ``recordings`` table: one row for each connection that was recorded."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from conversation.journal import Entry
from supervisor.database.audit import Access, write_accesses
from supervisor.database.pool import Connection
from supervisor.database.records import store_entries
from supervisor.recordings.archive import Archived
from supervisor.recordings.names import PartName

NOBODY: Final = UUID(int=0)
"""Who acts in the audit log where the program itself does."""
EXPIRED_AT_ONCE: Final = 200
DEFAULT_DAYS: Final = 90
"""For a call whose condominium nobody knows."""


@dataclass(frozen=True, slots=True)
class PartState:
    """What is known of a part, and of its call."""

    call_is_over: bool
    is_kept: bool
    is_deleted: bool


async def part_state(connection: Connection, name: PartName) -> PartState | None:
    """What is known of a part whose file is here, which is noted if it was not;
    ``None`` while the call itself is not known."""
    ended = await connection.fetchrow("SELECT ended_at FROM calls WHERE id = $1", name.call_id)
    if ended is None:
        return None
    await connection.execute(
        """INSERT INTO recordings (name, call_id, party, started_at, machine)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
        str(name),
        name.call_id,
        name.party,
        name.started_at,
        socket.gethostname(),
    )
    row = await connection.fetchrow(
        "SELECT kept_at, deleted_at FROM recordings WHERE name = $1", str(name)
    )
    over = ended["ended_at"] is not None
    return PartState(over, row["kept_at"] is not None, row["deleted_at"] is not None)


async def keep_part(connection: Connection, name: PartName, archived: Archived) -> None:
    """Note where a part is and what is in it, in the table and in the call's own log."""
    facts = {
        "party": name.party,
        "name": str(name),
        "duration_ms": archived.duration_ms,
        "sha256": archived.sha256.hex(),
        "pcm_sha256": archived.pcm_sha256.hex(),
    }
    async with connection.transaction():
        await connection.execute(
            """UPDATE recordings SET file = $2, kept_at = now(), rate_hz = $3, duration_ms = $4,
                   size_bytes = $5, sha256 = $6, pcm_sha256 = $7, machine = $8
               WHERE name = $1""",
            str(name),
            name.archived_as,
            archived.rate_hz,
            archived.duration_ms,
            archived.size_bytes,
            archived.sha256,
            archived.pcm_sha256,
            socket.gethostname(),
        )
        await _note(connection, name.call_id, "recording.kept", facts)


async def forget_part(connection: Connection, name: PartName) -> None:
    """There is nothing in the part."""
    await connection.execute("DELETE FROM recordings WHERE name = $1", str(name))


async def parts_to_remove(connection: Connection) -> list[PartName]:
    """Those that were deleted and whose files may still be somewhere."""
    rows = await connection.fetch(
        "SELECT name FROM recordings WHERE deleted_at IS NOT NULL AND removed_at IS NULL"
    )
    return [name for row in rows if (name := PartName.parse(row["name"])) is not None]


async def note_removal(connection: Connection, name: PartName) -> None:
    """The file of a deleted part is gone."""
    async with connection.transaction():
        await connection.execute(
            "UPDATE recordings SET removed_at = now(), file = NULL WHERE name = $1", str(name)
        )
        facts = {"party": name.party, "name": str(name)}
        await _note(connection, name.call_id, "recording.deleted", facts)


async def expire(connection: Connection) -> int:
    """Delete recordings older than their condominium keeps them, with an entry in the audit log;
    returns how many, :data:`EXPIRED_AT_ONCE` at most."""
    async with connection.transaction():
        rows = await connection.fetch(
            """UPDATE recordings r SET deleted_at = now()
               FROM (
                   SELECT o.name, k.tenant_id, coalesce(k.recording_days, $1) AS days
                   FROM recordings o JOIN calls c ON c.id = o.call_id
                       LEFT JOIN condominiums k ON k.id = c.condominium_id
                   WHERE o.deleted_at IS NULL
                       AND o.started_at < now() - make_interval(days => coalesce(
                           k.recording_days, $1))
                   ORDER BY o.started_at LIMIT $2 FOR NO KEY UPDATE OF o SKIP LOCKED
               ) AS old WHERE r.name = old.name
               RETURNING r.name, r.call_id, r.sha256, r.started_at, old.tenant_id, old.days""",
            DEFAULT_DAYS,
            EXPIRED_AT_ONCE,
        )
        await write_accesses(connection, [_expiry(row) for row in rows])
    return len(rows)


RETENTION: Final = "retention"


def _expiry(row: Mapping[str, Any]) -> Access:
    sha256 = row["sha256"]
    return Access(
        at=datetime.now(UTC),
        tenant_id=row["tenant_id"],
        key_id=NOBODY,
        key_name=RETENTION,
        role=RETENTION,
        address="",
        request_id="",
        method="DELETE",
        path=f"/api/v1/calls/{row['call_id']}/recording",
        status=204,
        resource="recordings",
        resource_id=str(row["call_id"]),
        before={
            "name": row["name"],
            "sha256": sha256 and sha256.hex(),
            "kept_for_days": row["days"],
        },
        after=None,
    )


PARTS: Final = """
    SELECT r.name, r.party, r.started_at, r.machine, r.file, r.kept_at, r.rate_hz, r.duration_ms,
        r.size_bytes, encode(r.sha256, 'hex') AS sha256, encode(r.pcm_sha256, 'hex') AS pcm_sha256,
        r.deleted_at
    FROM recordings r WHERE r.call_id = $1 ORDER BY r.party DESC, r.started_at
"""


async def parts_of(connection: Connection, call_id: UUID) -> list[dict[str, Any]]:
    """The recordings of a call, the visitor's first, deleted ones among them."""
    return [dict(row) for row in await connection.fetch(PARTS, call_id)]


async def delete_parts(connection: Connection, names: Sequence[str]) -> None:
    """Nobody gets them from here on; whoever has the files removes them soon."""
    await connection.execute(
        "UPDATE recordings SET deleted_at = now() WHERE name = ANY($1)", list(names)
    )


async def _note(connection: Connection, call_id: UUID, kind: str, facts: Mapping[str, Any]) -> None:
    """Behind the call's last entry: the call itself is over, or its worker."""
    await store_entries(connection, [Entry(call_id, 1, datetime.now(UTC), kind, facts)])
