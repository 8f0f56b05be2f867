"""The ``idempotency_keys`` table: a POST that is sent twice is carried out once.

The entry is written in the transaction of what the request does, so that both are there or
neither; a second request with the same key waits for the first one's commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supervisor.database.pool import Connection

KEPT: Final = "24 hours"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the first request was answered. ``fingerprint`` is the hash of what it asked."""

    fingerprint: bytes
    status: int
    headers: Mapping[str, str]
    body: str


async def claim(connection: Connection, key_id: UUID, key: str, fingerprint: bytes) -> Kept | None:
    """Take ``key`` for this transaction, or return what was answered under it before."""
    await connection.execute(
        f"""DELETE FROM idempotency_keys
            WHERE key_id = $1 AND created_at < now() - interval '{KEPT}'""",  # noqa: S608
        key_id,
    )
    ours = await connection.fetchval(
        """INSERT INTO idempotency_keys (key_id, key, fingerprint) VALUES ($1, $2, $3)
           ON CONFLICT DO NOTHING RETURNING true""",
        key_id,
        key,
        fingerprint,
    )
    if ours:
        return None
    row = await connection.fetchrow(
        """SELECT fingerprint, status, headers, body FROM idempotency_keys
           WHERE key_id = $1 AND key = $2""",
        key_id,
        key,
    )
    return Kept(**row)


async def keep(connection: Connection, key_id: UUID, key: str, kept: Kept) -> None:
    """Write down what the request under a claimed key is answered."""
    await connection.execute(
        """UPDATE idempotency_keys SET status = $3, headers = $4, body = $5
           WHERE key_id = $1 AND key = $2""",
        key_id,
        key,
        kept.status,
        dict(kept.headers),
        kept.body,
    )
