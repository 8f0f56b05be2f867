"""The table of what synthesis jobs made: an item's file in parts, so that nobody holds it whole."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from supervisor.database.pool import Connection

PART_BYTES: Final = 1 << 20


async def keep_audio(connection: Connection, item_id: UUID, parts: AsyncIterator[bytes]) -> None:
    """Write an item's file, whose ``parts`` have :data:`PART_BYTES` each, the last one aside.

    In the transaction that says that the item is done, or nobody deletes it.
    """
    number = 0
    async for part in parts:
        await connection.execute(
            "INSERT INTO synthesis_audio (item_id, part, content) VALUES ($1, $2, $3)",
            item_id,
            number,
            part,
        )
        number += 1


async def audio_part(connection: Connection, item_id: UUID, number: int) -> bytes | None:
    """A part of an item's file; ``None`` where it was deleted."""
    part: bytes | None = await connection.fetchval(
        "SELECT content FROM synthesis_audio WHERE item_id = $1 AND part = $2", item_id, number
    )
    return part
