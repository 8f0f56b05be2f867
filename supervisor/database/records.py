"""Entries of the journal as rows: the events themselves, and what is derived from them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any
from uuid import UUID

import structlog

from conversation.journal import Entry
from supervisor.database.numbering import insert_behind
from supervisor.database.pool import Connection
from supervisor.database.visits import append_visit
from supervisor.recordings.names import PartName
from supervisor.webhooks.outbox import queue_entries

_log = structlog.get_logger(__name__)


async def store_entries(connection: Connection, entries: Sequence[Entry]) -> int:
    """Store entries in one transaction, with what follows from them; returns how many were new.

    An entry that is there already changes nothing; another one with the number of one that is
    there goes behind the call's last.
    """
    plain = [_plain(entry) for entry in entries]
    async with connection.transaction():
        new = await _insert_events(connection, plain)
        await _ensure_calls(connection, new)
        for entry in new:
            await _derive(connection, entry)
        await queue_entries(connection, new)
    return len(new)


async def _insert_events(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    rows = await connection.fetch(
        """INSERT INTO events (call_id, sequence, at, kind, data)
           SELECT call_id, sequence, at, kind, data::jsonb FROM unnest(
               $1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[]
           ) AS entry (call_id, sequence, at, kind, data)
           ON CONFLICT DO NOTHING RETURNING call_id, sequence""",
        [entry.call_id for entry in entries],
        [entry.sequence for entry in entries],
        [entry.at for entry in entries],
        [entry.kind for entry in entries],
        [json.dumps(entry.data) for entry in entries],
    )
    inserted = {(row["call_id"], row["sequence"]) for row in rows}
    unique = {(entry.call_id, entry.sequence): entry for entry in reversed(entries)}
    others = [entry for key, entry in unique.items() if key not in inserted]
    known = await _known(connection, others) if others else set()
    new: list[Entry] = []
    for key, entry in reversed(unique.items()):
        if key in inserted:
            new.append(entry)
        elif key not in known and (moved := await insert_behind(connection, entry)):
            new.append(moved)
    return new


async def _known(connection: Connection, entries: Sequence[Entry]) -> set[tuple[UUID, int]]:
    """Which of them are there as they are, under their own number: delivered before."""
    rows = await connection.fetch(
        """SELECT call_id, sequence FROM events JOIN unnest(
               $1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[]
           ) AS entry (call_id, sequence, at, kind) USING (call_id, sequence, at, kind)""",
        [entry.call_id for entry in entries],
        [entry.sequence for entry in entries],
        [entry.at for entry in entries],
        [entry.kind for entry in entries],
    )
    return {(row["call_id"], row["sequence"]) for row in rows}


def _plain(entry: Entry) -> Entry:
    """The entry with JSON data only, and without NUL, which PostgreSQL keeps in no text."""
    text = json.dumps(dict(entry.data), default=str, allow_nan=False).replace("\\u0000", "")
    return replace(entry, at=entry.at.astimezone(UTC), data=json.loads(text))


async def _ensure_calls(connection: Connection, entries: Sequence[Entry]) -> None:
    """A call whose first entry is still on its way, or was lost, gets its row all the same."""
    first = {entry.call_id: entry.at for entry in reversed(entries)}
    await connection.execute(
        """INSERT INTO calls (id, started_at) SELECT * FROM unnest($1::uuid[], $2::timestamptz[])
           ON CONFLICT DO NOTHING""",
        list(first.keys()),
        list(first.values()),
    )


async def _derive(connection: Connection, entry: Entry) -> None:
    match entry.kind:
        case "call.started":
            await _start_call(connection, entry)
        case "call.resumed":
            await connection.execute(
                "UPDATE calls SET ended_at = NULL, end_reason = NULL WHERE id = $1", entry.call_id
            )
        case "turn":
            await _add_turn(connection, entry)
        case "visit":
            await _log_visit(connection, entry)
        case "recording.started":
            await _note_recording(connection, entry)
        case "call.ended":
            await connection.execute(
                "UPDATE calls SET ended_at = $2, end_reason = $3 WHERE id = $1",
                entry.call_id,
                entry.at,
                _text(entry, "reason"),
            )


async def _start_call(connection: Connection, entry: Entry) -> None:
    """An extension that was deleted meanwhile must not keep the call from being recorded."""
    await connection.execute(
        """UPDATE calls SET started_at = least(started_at, $2), caller = coalesce(caller, $3),
               extension_id = (SELECT id FROM extensions WHERE id = $4),
               condominium_id = (SELECT id FROM condominiums WHERE id = $5)
           WHERE id = $1""",
        entry.call_id,
        entry.at,
        _text(entry, "caller"),
        _uuid(entry.data.get("extension_id")),
        _uuid(entry.data.get("condominium_id")),
    )


async def _note_recording(connection: Connection, entry: Entry) -> None:
    name = PartName.parse(str(entry.data.get("name")))
    if name is not None:
        await connection.execute(
            """INSERT INTO recordings (name, call_id, party, started_at, machine)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
            str(name),
            entry.call_id,
            name.party,
            name.started_at,
            _text(entry, "machine") or "",
        )


async def _add_turn(connection: Connection, entry: Entry) -> None:
    rest = {key: value for key, value in entry.data.items() if key not in _TURN_COLUMNS}
    await connection.execute(
        """INSERT INTO turns (call_id, sequence, at, party, speaker, text, data)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        entry.call_id,
        entry.sequence,
        entry.at,
        *(_text(entry, column) or "" for column in _TURN_COLUMNS),
        rest,
    )


_TURN_COLUMNS = ("party", "speaker", "text")


async def _log_visit(connection: Connection, entry: Entry) -> None:
    condominium_id = await connection.fetchval(
        "SELECT condominium_id FROM calls WHERE id = $1", entry.call_id
    )
    if condominium_id is None:
        _log.error("visit.without_condominium", call_id=str(entry.call_id), data=dict(entry.data))
        return
    await append_visit(connection, condominium_id, entry)


def _text(entry: Entry, key: str) -> str | None:
    value = entry.data.get(key)
    return None if value is None else str(value)


def _uuid(value: Any) -> UUID | None:
    try:
        return None if value is None else UUID(str(value))
    except ValueError:
        return None
