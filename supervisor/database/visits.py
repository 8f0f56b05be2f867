"""The visit log: append-only, each entry holding the hash of its condominium's entry before.

What is hashed is the text that is stored, so that an auditor needs SHA-256 and nothing of ours.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from conversation.journal import Entry
from supervisor.database.pool import Connection

FIRST_PREV_HASH = bytes(32)
"""What a condominium's first entry has for the hash before it."""


def canonical_json(record: Mapping[str, Any]) -> str:
    """One text per value: sorted keys, no spaces, UTF-8 as it is. Raises ``ValueError`` for NaN."""
    return json.dumps(
        record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


async def append_visit(connection: Connection, condominium_id: UUID, entry: Entry) -> None:
    """Add an entry of kind ``visit`` to its condominium's chain, inside a transaction.

    The condominium's row is locked, so that two workers cannot continue from the same entry.
    """
    await connection.execute(
        "SELECT 1 FROM condominiums WHERE id = $1 FOR NO KEY UPDATE", condominium_id
    )
    last = await connection.fetchrow(
        """SELECT position, hash FROM visits WHERE condominium_id = $1
           ORDER BY position DESC LIMIT 1""",
        condominium_id,
    )
    position = last["position"] + 1 if last else 1
    prev_hash = last["hash"] if last else FIRST_PREV_HASH
    record = visit_record(condominium_id, position, prev_hash, entry)
    await connection.execute(
        """INSERT INTO visits (condominium_id, position, call_id, sequence, at, outcome, data,
               record, prev_hash, hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        condominium_id,
        position,
        entry.call_id,
        entry.sequence,
        entry.at,
        _outcome(entry),
        dict(entry.data),
        record,
        prev_hash,
        hashlib.sha256(record.encode()).digest(),
    )


def _outcome(entry: Entry) -> str:
    return str(entry.data.get("outcome", "unknown"))


def visit_record(condominium_id: UUID, position: int, prev_hash: bytes, entry: Entry) -> str:
    """What is hashed: the entry as canonical JSON; docs/visit-log.md says so to auditors."""
    return canonical_json(
        {
            "at": entry.at.isoformat(),
            "call_id": str(entry.call_id),
            "condominium_id": str(condominium_id),
            "data": dict(entry.data),
            "outcome": _outcome(entry),
            "position": position,
            "prev_hash": prev_hash.hex(),
            "sequence": entry.sequence,
        }
    )
