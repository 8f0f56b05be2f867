"""The ``calls``, ``turns`` and ``visits`` tables as they are read by those who look back."""

from typing import Any, Final
from uuid import UUID

from supervisor.database.pool import Connection
from supervisor.database.resources import Key, Table

CALLS: Final = Table(
    "calls",
    "c",
    """SELECT c.id, c.extension_id, e.number AS extension, c.condominium_id, c.caller, c.started_at,
        c.ended_at, c.end_reason, EXISTS (
            SELECT FROM recordings r WHERE r.call_id = c.id
                AND r.kept_at IS NOT NULL AND r.deleted_at IS NULL
        ) AS recorded
    FROM calls c LEFT JOIN extensions e ON e.id = c.extension_id""",
    (Key("started_at", "c.started_at", "timestamptz"), Key("id", "c.id", "uuid")),
    descending=True,
    filters={
        "condominium_id": "c.condominium_id = {}",
        "extension_id": "c.extension_id = {}",
        "caller": "c.caller = {}",
        "running": "(c.ended_at IS NULL) = {}",
        "extension": "e.number = {}",
        "end_reason": "c.end_reason = {}",
        "outcome": "EXISTS (SELECT FROM visits v WHERE v.call_id = c.id AND v.outcome = {})",
        "search": """EXISTS (SELECT FROM turns t WHERE t.call_id = c.id
            AND position(lower({}) in lower(t.text)) > 0)""",
        "recorded": """EXISTS (SELECT FROM recordings r WHERE r.call_id = c.id
            AND r.kept_at IS NOT NULL AND r.deleted_at IS NULL) = {}""",
        "since": "c.started_at >= {}",
        "until": "c.started_at < {}",
    },
)

VISITS: Final = Table(
    "visits",
    "v",
    """SELECT v.id, v.condominium_id, v.position, v.call_id, v.at, v.outcome, v.data, v.record,
        encode(v.prev_hash, 'hex') AS prev_hash, encode(v.hash, 'hex') AS hash
    FROM visits v""",
    (Key("at", "v.at", "timestamptz"), Key("id", "v.id", "uuid")),
    descending=True,
    filters={
        "condominium_id": "v.condominium_id = {}",
        "call_id": "v.call_id = {}",
        "outcome": "v.outcome = {}",
        "apartment": "v.data ->> 'apartment' = {}",
        "block": "v.data ->> 'block' = {}",
        "visitor": "position(lower({}) in lower(v.data ->> 'visitor')) > 0",
        "search": "position(lower({}) in lower(v.record)) > 0",
        "since": "v.at >= {}",
        "until": "v.at < {}",
    },
)


async def visits_of(connection: Connection, call_id: UUID) -> list[dict[str, Any]]:
    """What was decided in a call, in order."""
    rows = await connection.fetch(
        """SELECT id, position, at, outcome, data FROM visits
           WHERE call_id = $1 ORDER BY sequence""",
        call_id,
    )
    return [dict(row) for row in rows]


async def turns_of(connection: Connection, call_id: UUID) -> list[dict[str, Any]]:
    """What was said in a call, in order."""
    rows = await connection.fetch(
        """SELECT sequence, at, party, speaker, text, data FROM turns
           WHERE call_id = $1 ORDER BY sequence""",
        call_id,
    )
    return [dict(row) for row in rows]
