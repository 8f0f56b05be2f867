"""What is done now and then: jobs that got lost are queued again, what is old is removed."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from supervisor.database.pool import Connection, Pool
from supervisor.settings import WebhookSettings

AT_ONCE: Final = 1000
"""Rows per statement, so that none takes long."""
LOG_DAYS: Final = 3
"""How long pgqueuer's own log is kept; ours says more."""


async def enabled_endpoints(pool: Pool) -> list[UUID]:
    """Whose deliveries are to be carried out."""
    rows = await pool.fetch("SELECT id FROM webhook_endpoints WHERE enabled")
    return [row["id"] for row in rows]


async def queue_orphans(pool: Pool) -> int:
    """Give every delivery that is queued a job, where a process was stopped in mid-request and
    its job went with it; returns how many had none."""
    async with pool.acquire() as connection, connection.transaction():
        return _count(await connection.execute(_QUEUE_ORPHANS))


async def remove_old(pool: Pool, settings: WebhookSettings) -> int:
    """Remove what was delivered or given up long ago; returns how many deliveries."""
    async with pool.acquire() as connection:
        removed = 0
        for state, days in (("delivered", settings.keep_days), ("dead", settings.keep_dead_days)):
            removed += await _remove(connection, state, timedelta(days=days))
        await connection.execute(
            "DELETE FROM pgqueuer_log WHERE created < now() - $1::interval",
            timedelta(days=LOG_DAYS),
        )
        return removed


async def _remove(connection: Connection, state: str, age: timedelta) -> int:
    removed = 0
    while True:
        count = _count(await connection.execute(_REMOVE, state, age, AT_ONCE))
        removed += count
        if count < AT_ONCE:
            return removed


def _count(status: str) -> int:
    """The number of rows in PostgreSQL's answer, such as ``UPDATE 3``."""
    return int(status.rpartition(" ")[2])


_QUEUE_ORPHANS: Final = """
    UPDATE webhook_deliveries SET job_id = NULL WHERE id IN (
        SELECT id FROM webhook_deliveries AS delivery
        WHERE state = 'queued' AND created_at < now() - interval '10 s'
            AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.id = delivery.job_id)
        LIMIT 1000 FOR UPDATE SKIP LOCKED
    )
"""
_REMOVE: Final = """
    DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries
        WHERE state = $1 AND finished_at < now() - $2::interval LIMIT $3
    )
"""
