"""Wrong codes and PINs are counted where they were tried; too many, and nothing is compared."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from supervisor.database.pool import Connection

WITHIN: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Wrong ones within an hour, after which nothing is compared until some are an hour old."""

    of_extension: int = 10
    """A gate's, whichever unit was named: of 900,000 codes ten an hour find one of a hundred valid
    ones in about a month, of ringing alarms. Fewer, and one clumsy evening locks a building."""
    of_unit: int = 5
    """Those for one unit's PINs, at whichever gate: a family has a few, and nobody else's."""


async def is_locked(
    connection: Connection,
    limits: Limits,
    extension_id: UUID,
    unit_id: UUID | None,
    now: datetime,
) -> bool:
    """Whether too many were wrong lately; whoever asks holds the lock of the condominium."""
    row = await connection.fetchrow(
        """SELECT count(*) FILTER (WHERE extension_id = $1) AS here,
                  count(*) FILTER (WHERE unit_id = $2) AS of_unit
           FROM wrong_codes WHERE (extension_id = $1 OR unit_id = $2) AND at > $3""",
        extension_id,
        unit_id,
        now - WITHIN,
    )
    return bool(row["here"] >= limits.of_extension or row["of_unit"] >= limits.of_unit)


async def note_wrong(
    connection: Connection, extension_id: UUID, unit_id: UUID | None, call_id: UUID, now: datetime
) -> None:
    """Count one more; those of yesterday are forgotten."""
    await connection.execute("DELETE FROM wrong_codes WHERE at < $1", now - KEPT)
    await connection.execute(
        "INSERT INTO wrong_codes (at, extension_id, unit_id, call_id) VALUES ($1, $2, $3, $4)",
        now,
        extension_id,
        unit_id,
        call_id,
    )
