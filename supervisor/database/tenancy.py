"""Whose data a connection sees: row-level security, with the tenant named per transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supervisor.database.pool import Connection

API_ROLE: Final = "ramal_api"
"""Owns nothing, so that every policy of the schema holds for it."""
EVERY_TENANT: Final = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a transaction may see: one tenant, or with ``None`` all of the installation."""

    tenant_id: UUID | None
    actor_id: UUID
    """The key or user that acts."""


@asynccontextmanager
async def scoped(
    connection: Connection, scope: Scope, *, readonly: bool = False
) -> AsyncIterator[None]:
    """A transaction that sees and writes nothing but what is in ``scope``.

    ``readonly`` lets PostgreSQL refuse every change, whatever the tables' rights.
    """
    async with connection.transaction(readonly=readonly):
        await connection.execute(
            """SELECT set_config('role', $1, true), set_config('ramal.tenant', $2, true),
                   set_config('ramal.key', $3, true)""",
            API_ROLE,
            EVERY_TENANT if scope.tenant_id is None else str(scope.tenant_id),
            str(scope.actor_id),
        )
        yield
