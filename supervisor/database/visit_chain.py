"""Walks the visit log and names the first entry that is not as it was written."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from conversation.journal import Entry
from supervisor.database.condominiums import find_condominium
from supervisor.database.pool import Connection
from supervisor.database.visits import FIRST_PREV_HASH, visit_record

LIMIT_S: Final = 600.0
"""For one statement over a whole log: nobody waits for it but the one who asked."""
_COLUMNS: Final = ("call_id", "sequence", "at", "outcome", "data")


@dataclass(frozen=True, slots=True)
class BrokenVisit:
    """The first entry that does not hold, and why, in plain words."""

    position: int
    call_id: UUID | None
    """``None`` where the entry itself is gone."""
    reason: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What a walk found: how many entries hold, and the hash of the last of them (hexadecimal)."""

    condominium_id: UUID
    condominium: str
    entries: int
    last_hash: str
    broken: BrokenVisit | None


async def walk_chains(connection: Connection, condominium: str | None = None) -> list[Chain]:
    """Walk the logs of the condominiums of that name, or of all, in one snapshot.

    Raises ``CondominiumError`` for a name that nobody has.
    """
    if condominium is not None:
        await find_condominium(connection, condominium)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        places = await connection.fetch(
            "SELECT id, name FROM condominiums WHERE $1::text IS NULL OR name = $1"
            " ORDER BY name, created_at",
            condominium,
        )
        return [await walk_chain(connection, place["id"], place["name"]) for place in places]


async def guard_trouble(connection: Connection) -> str | None:
    """Why the database would let the log be changed; ``None`` while its guard stands."""
    state = await connection.fetchval(
        """SELECT tgenabled::text FROM pg_trigger
           WHERE tgrelid = 'visits'::regclass AND tgname = 'append_only'"""
    )
    if state == "A":
        return None
    if state is None:
        return "the trigger append_only of the table visits is gone"
    return "the trigger append_only of the table visits is switched off"


async def walk_chain(connection: Connection, condominium_id: UUID, name: str) -> Chain:
    """Walk the log of one condominium, inside a transaction."""
    count, prev_hash, broken = 0, FIRST_PREV_HASH, None
    async for row in connection.cursor(
        "SELECT * FROM visits WHERE condominium_id = $1 ORDER BY position",
        condominium_id,
        timeout=LIMIT_S,
    ):
        broken = _look(row, count + 1, prev_hash)
        if broken is not None:
            break
        count, prev_hash = count + 1, row["hash"]
    broken = broken or await _cut_off(connection, condominium_id, count + 1)
    return Chain(condominium_id, name, count, prev_hash.hex(), broken)


async def _cut_off(
    connection: Connection, condominium_id: UUID, position: int
) -> BrokenVisit | None:
    """A visit that only the events tell of: the chain itself does not show that its end is gone."""
    row = await connection.fetchrow(
        """SELECT e.call_id, e.at FROM events e JOIN calls c ON c.id = e.call_id
           WHERE e.kind = 'visit' AND c.condominium_id = $1 AND NOT EXISTS (
               SELECT FROM visits v WHERE v.call_id = e.call_id AND v.sequence = e.sequence)
           ORDER BY e.at LIMIT 1""",
        condominium_id,
        timeout=LIMIT_S,
    )
    if row is None:
        return None
    at = f"{row['at']:%Y-%m-%d %H:%M:%S} UTC"
    return BrokenVisit(position, row["call_id"], f"the visit of {at} is in the events alone")


def _look(row: Mapping[str, Any], position: int, prev_hash: bytes) -> BrokenVisit | None:
    if row["position"] != position:
        return BrokenVisit(position, None, f"it is gone; the next one is {row['position']}")
    wrong = _wrong(row, prev_hash)
    return BrokenVisit(position, row["call_id"], wrong) if wrong else None


def _wrong(row: Mapping[str, Any], prev_hash: bytes) -> str | None:
    if hashlib.sha256(row["record"].encode()).digest() != row["hash"]:
        return "its hash is not the SHA-256 of its record"
    if row["prev_hash"] != prev_hash:
        return "it does not follow from the entry before"
    try:
        told = json.loads(row["record"])
    except ValueError:
        return "its record is no JSON"
    return _contradiction(row, told, prev_hash)


def _contradiction(row: Mapping[str, Any], told: Any, prev_hash: bytes) -> str | None:
    """Where the columns, which people read, say other than the record, which is hashed."""
    data = {**row["data"], "outcome": row["outcome"]}
    entry = Entry(row["call_id"], row["sequence"], row["at"], "visit", data)
    said = json.loads(visit_record(row["condominium_id"], row["position"], prev_hash, entry))
    said["data"] = row["data"]
    if not isinstance(told, dict) or told.keys() != said.keys():
        return "its record is not one of a visit"
    other = [name for name in said if said[name] != told[name]]
    return _differs(other) if other else None


def _differs(names: Sequence[str]) -> str:
    columns = [name for name in names if name in _COLUMNS]
    if not columns:
        return "its record is another entry's"
    return f"its column {' and '.join(columns)} is not what its record says"
