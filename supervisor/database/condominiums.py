"""The ``tenants`` and ``condominiums`` tables, as far as the command line needs them."""

from uuid import UUID

from supervisor.database.pool import Connection
from supervisor.errors import OperatorError

DEFAULT_TENANT = "default"
"""Owns what is made without naming a management company."""


class CondominiumError(OperatorError):
    """A condominium cannot be found."""


async def find_condominium(connection: Connection, name: str) -> UUID:
    """The condominium of that name. Raises :class:`CondominiumError`."""
    rows = await connection.fetch("SELECT id FROM condominiums WHERE name = $1", name)
    if not rows:
        known = await connection.fetch("SELECT name FROM condominiums ORDER BY name LIMIT 10")
        names = ", ".join(row["name"] for row in known) or "none yet (add an extension first)"
        raise CondominiumError(f'There is no condominium "{name}"; there are: {names}.')
    found: UUID = rows[0]["id"]
    return found


async def find_or_create_condominium(connection: Connection, name: str) -> UUID:
    """The condominium of that name, made under the default tenant if it is new.

    Raises :class:`CondominiumError` for a name of nothing.
    """
    if not name.strip():
        raise CondominiumError("A condominium needs a name; give it one that people will say.")
    existing: UUID | None = await connection.fetchval(
        "SELECT id FROM condominiums WHERE name = $1 ORDER BY created_at LIMIT 1", name
    )
    if existing is not None:
        return existing
    created: UUID = await connection.fetchval(
        """WITH tenant AS (
               INSERT INTO tenants (name) VALUES ($1)
               ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
           )
           INSERT INTO condominiums (tenant_id, name) SELECT id, $2 FROM tenant
           ON CONFLICT (tenant_id, name) DO UPDATE SET name = excluded.name RETURNING id""",
        DEFAULT_TENANT,
        name,
    )
    return created
