"""The ``language_models`` table: whom a tenant's doormen ask where the rules are not sure."""

from dataclasses import dataclass, field
from uuid import UUID

from supervisor.database.pool import Connection, Pool
from supervisor.errors import OperatorError


class LanguageModelError(OperatorError):
    """A tenant's language model cannot be set or found."""


@dataclass(frozen=True, slots=True)
class LanguageModelRow:
    """A row. ``models`` are tried in that order; the key prints as nothing."""

    base_url: str
    models: tuple[str, ...]
    api_key: str | None = field(default=None, repr=False)
    deadline_ms: int = 1200
    guarded: bool = False
    """Set over HTTP: the address is checked whenever we connect."""


async def load_language_model(
    connection: Connection | Pool, condominium_id: UUID
) -> LanguageModelRow | None:
    """What the doormen of a condominium ask, if anything; with its key."""
    row = await connection.fetchrow(
        """SELECT m.base_url, m.models, m.api_key, m.deadline_ms, m.guarded
           FROM language_models m JOIN condominiums c USING (tenant_id) WHERE c.id = $1""",
        condominium_id,
    )
    return LanguageModelRow(**{**row, "models": tuple(row["models"])}) if row else None


async def keyed_language_model(connection: Connection, tenant_id: UUID) -> LanguageModelRow | None:
    """A tenant's, with its key: for requests to the model, and never to be shown."""
    row = await connection.fetchrow(
        """SELECT base_url, models, api_key, deadline_ms, guarded
           FROM language_models WHERE tenant_id = $1""",
        tenant_id,
    )
    return LanguageModelRow(**{**row, "models": tuple(row["models"])}) if row else None


async def language_model_of_tenant(connection: Connection, tenant: str) -> LanguageModelRow:
    """The same by the tenant's name. Raises :class:`LanguageModelError`."""
    row = await keyed_language_model(connection, await _tenant(connection, tenant))
    if row is None:
        raise LanguageModelError(f"The tenant {tenant} has no language model.")
    return row


async def list_language_models(
    connection: Connection,
) -> list[tuple[str, LanguageModelRow, bool]]:
    """Every tenant's, by the tenant's name, without keys; and whether there is a key."""
    rows = await connection.fetch(
        """SELECT t.name, m.base_url, m.models, m.deadline_ms, m.api_key IS NOT NULL AS has_key
           FROM language_models m JOIN tenants t ON t.id = m.tenant_id ORDER BY t.name"""
    )
    return [
        (
            row["name"],
            LanguageModelRow(row["base_url"], tuple(row["models"]), None, row["deadline_ms"]),
            row["has_key"],
        )
        for row in rows
    ]


async def store_language_model(
    connection: Connection, tenant: str, row: LanguageModelRow, *, keeps_key: bool
) -> None:
    """Set a tenant's, in place of what was. A key is only kept for the address that it was given
    for. Raises :class:`LanguageModelError`."""
    tenant_id = await _tenant(connection, tenant)
    await connection.execute(
        """INSERT INTO language_models AS m (tenant_id, base_url, models, api_key, deadline_ms)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (tenant_id) DO UPDATE SET base_url = excluded.base_url,
               models = excluded.models, deadline_ms = excluded.deadline_ms, changed_at = now(),
               guarded = false,
               api_key = CASE WHEN $6 AND m.base_url = excluded.base_url
                   THEN m.api_key ELSE excluded.api_key END""",
        tenant_id,
        row.base_url,
        list(row.models),
        row.api_key,
        row.deadline_ms,
        keeps_key,
    )


async def remove_language_model(connection: Connection, tenant: str) -> None:
    """Leave it to the rules. Raises :class:`LanguageModelError`."""
    tenant_id = await _tenant(connection, tenant)
    done = await connection.execute("DELETE FROM language_models WHERE tenant_id = $1", tenant_id)
    if done == "DELETE 0":
        raise LanguageModelError(f"The tenant {tenant} has no language model.")


async def _tenant(connection: Connection, name: str) -> UUID:
    found: UUID | None = await connection.fetchval("SELECT id FROM tenants WHERE name = $1", name)
    if found is None:
        known = await connection.fetch("SELECT name FROM tenants ORDER BY name LIMIT 10")
        names = ", ".join(row["name"] for row in known) or "none yet (add an extension first)"
        raise LanguageModelError(f'There is no tenant "{name}"; there are: {names}.')
    return found
