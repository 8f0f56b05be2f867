"""The ``tenants`` table, as far as the command line needs it: names, and what each may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from supervisor.database.pool import Connection
from supervisor.errors import OperatorError

HIGHEST_LIMIT: Final = 2_000_000_000
"""What any of them may be: the columns are of four bytes."""


class TenantError(OperatorError):
    """There is no such tenant."""


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant with its limits; ``None`` is what the settings say."""

    name: str
    condominiums: int
    synthesis_jobs: int | None
    synthesis_characters_per_day: int | None


async def load_tenants(connection: Connection) -> list[TenantRow]:
    """All of them, by name."""
    rows = await connection.fetch(
        """SELECT name, synthesis_jobs, synthesis_characters_per_day,
               (SELECT count(*) FROM condominiums WHERE tenant_id = t.id) AS condominiums
           FROM tenants t ORDER BY name"""
    )
    return [TenantRow(**row) for row in rows]


async def set_limits(
    connection: Connection, name: str, limits: Mapping[str, int | None]
) -> TenantRow:
    """Change some of a tenant's limits, by their columns. Raises :class:`TenantError`."""
    before = {each.name: each for each in await load_tenants(connection)}
    if name not in before:
        raise TenantError(f'There is no tenant "{name}"; there are: {", ".join(before) or "none"}.')
    row = before[name]
    jobs = limits.get("synthesis_jobs", row.synthesis_jobs)
    characters = limits.get("synthesis_characters_per_day", row.synthesis_characters_per_day)
    await connection.execute(
        """UPDATE tenants SET synthesis_jobs = $2, synthesis_characters_per_day = $3
           WHERE name = $1""",
        name,
        jobs,
        characters,
    )
    return TenantRow(name, row.condominiums, jobs, characters)
