"""The ``doors`` table: what a condominium has to open, and in which way each is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from supervisor.database.pool import Connection, Pool
from supervisor.errors import OperatorError

CHANGEABLE: Final = ("driver", "settings", "secret", "is_default")


class DoorsError(OperatorError):
    """A door cannot be added, changed or found."""


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A row. ``settings`` is whatever JSON an operator wrote there: it may be wrong."""

    name: str
    driver: str
    settings: Any
    secret: str | None = None
    is_default: bool = False


async def load_doors(connection: Connection | Pool, condominium_id: UUID) -> list[DoorRow]:
    """A condominium's doors by name, secrets included."""
    rows = await connection.fetch(
        """SELECT name, driver, settings, secret, is_default FROM doors
           WHERE condominium_id = $1 ORDER BY name""",
        condominium_id,
    )
    return [DoorRow(**row) for row in rows]


async def find_door(connection: Connection, condominium_id: UUID, name: str) -> DoorRow:
    """The door of that name. Raises :class:`DoorsError`."""
    rows = await load_doors(connection, condominium_id)
    found = next((row for row in rows if row.name == name), None)
    if found is None:
        known = ", ".join(row.name for row in rows) or "none yet"
        raise DoorsError(f'There is no door "{name}"; there are: {known}.')
    return found


async def add_door(connection: Connection, condominium_id: UUID, row: DoorRow) -> None:
    """Insert one; the first of a condominium is its default. Raises :class:`DoorsError`."""
    async with connection.transaction():
        is_default = row.is_default or not await has_default_door(connection, condominium_id)
        if is_default:
            await leave_no_default(connection, condominium_id)
        try:
            await connection.execute(
                """INSERT INTO doors (condominium_id, name, driver, settings, secret, is_default)
                   VALUES ($1, $2, $3, $4, $5, $6)""",
                condominium_id,
                row.name,
                row.driver,
                row.settings,
                row.secret,
                is_default,
            )
        except asyncpg.UniqueViolationError:
            raise DoorsError(
                f"There is a door {row.name} already; change it with: ramal door set {row.name}"
            ) from None


async def change_door(
    connection: Connection, condominium_id: UUID, name: str, changes: Mapping[str, Any]
) -> None:
    """Change columns of :data:`CHANGEABLE`, as somebody has checked. Raises :class:`DoorsError`."""
    async with connection.transaction():
        await find_door(connection, condominium_id, name)
        if changes.get("is_default"):
            await leave_no_default(connection, condominium_id)
        sets = ", ".join(f"{column} = ${place}" for place, column in enumerate(changes, start=3))
        await connection.execute(
            f"UPDATE doors SET {sets} WHERE condominium_id = $1 AND name = $2",  # noqa: S608
            condominium_id,
            name,
            *changes.values(),
        )


async def remove_door(connection: Connection, condominium_id: UUID, name: str) -> None:
    """Delete it; what the journal says of it stays. Raises :class:`DoorsError`."""
    await find_door(connection, condominium_id, name)
    await connection.execute(
        "DELETE FROM doors WHERE condominium_id = $1 AND name = $2", condominium_id, name
    )


async def has_default_door(connection: Connection, condominium_id: UUID) -> bool:
    """Whether one of a condominium's doors is its default."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM doors WHERE condominium_id = $1 AND is_default)", condominium_id
    )
    return found


async def leave_no_default(
    connection: Connection, condominium_id: UUID, besides: UUID | None = None
) -> None:
    """Before another door becomes the default: in the same transaction, there is one at most."""
    await connection.execute(
        """UPDATE doors SET is_default = false
           WHERE condominium_id = $1 AND is_default AND id IS DISTINCT FROM $2""",
        condominium_id,
        besides,
    )
