"""What a tenant may ask of synthesis jobs, and what it has asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from supervisor.database.pool import Connection


@dataclass(frozen=True, slots=True)
class Quota:
    """Limits: jobs that are not finished, and characters of a day of UTC."""

    jobs: int
    characters_per_day: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tenant has asked for, and may ask for."""

    open_jobs: int
    characters_today: int
    """... by the calendar of UTC; cancelled ones count."""
    day_ends_at: datetime
    day_ends_in_s: int
    quota: Quota


async def usage(connection: Connection, tenant_id: UUID | None, usual: Quota) -> Usage:
    """How a tenant, or ``None`` for the installation itself, stands; ``usual`` are the limits of
    those that have none of their own."""
    row = await connection.fetchrow(_USAGE, tenant_id)
    jobs, characters = row["jobs"], row["characters_per_day"]
    quota = Quota(
        usual.jobs if jobs is None else jobs,
        usual.characters_per_day if characters is None else characters,
    )
    return Usage(
        row["open_jobs"],
        row["characters_today"],
        row["day_ends_at"],
        row["day_ends_in_s"],
        quota,
    )


async def hold_usage(connection: Connection, tenant_id: UUID | None) -> None:
    """Let others who ask for jobs of the tenant wait until our transaction ends: of two at once,
    the second counts the first."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('synthesis ' || coalesce($1, ''), 0))",
        None if tenant_id is None else str(tenant_id),
    )


_USAGE: Final = """
    SELECT jobs.*, day + interval '1 day' AS day_ends_at,
        ceil(extract(epoch FROM day + interval '1 day' - now()))::integer AS day_ends_in_s,
        tenant.synthesis_jobs AS jobs,
        tenant.synthesis_characters_per_day AS characters_per_day
    FROM (SELECT date_trunc('day', now(), 'UTC') AS day) AS today
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state IN ('queued', 'running'))::integer AS open_jobs,
            coalesce(sum(characters) FILTER (WHERE created_at >= day), 0)::bigint
                AS characters_today
        FROM synthesis_jobs WHERE tenant_id IS NOT DISTINCT FROM $1
            AND (state IN ('queued', 'running') OR created_at >= day)
    ) AS jobs
    LEFT JOIN tenants AS tenant ON tenant.id = $1
"""
