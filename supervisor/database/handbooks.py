"""The ``handbooks`` table: what the receptionist of an extension knows, as its owner wrote it."""

from typing import Any
from uuid import UUID

from supervisor.database.pool import Connection, Pool


async def load_handbook(connection: Connection | Pool, extension_id: UUID) -> dict[str, Any] | None:
    """The document as it is stored: somebody may have written anything there with plain SQL."""
    document: dict[str, Any] | None = await connection.fetchval(
        "SELECT document FROM handbooks WHERE extension_id = $1", extension_id
    )
    return document


async def store_handbook(
    connection: Connection, extension_id: UUID, document: dict[str, Any]
) -> None:
    """Keep a document that was checked, in place of what was."""
    await connection.execute(
        """INSERT INTO handbooks (extension_id, document) VALUES ($1, $2)
           ON CONFLICT (extension_id) DO UPDATE
               SET document = excluded.document, changed_at = now()""",
        extension_id,
        document,
    )


async def remove_handbook(connection: Connection, extension_id: UUID) -> bool:
    """Forget it; whether there was one."""
    done = await connection.execute("DELETE FROM handbooks WHERE extension_id = $1", extension_id)
    return str(done) != "DELETE 0"
