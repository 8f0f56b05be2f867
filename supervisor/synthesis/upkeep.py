"""What is done now and then: jobs that got lost are queued again, results expire, folders go."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from supervisor.database.pool import Pool
from supervisor.database.synthesis_jobs import (
    OPEN,
    expire_job,
    forget_voices,
    jobs_of_revoked_voices,
)
from supervisor.synthesis.folder import JobFolder

AT_ONCE: Final = 500
REMEMBERED: Final = timedelta(days=90)
"""An expired job's row, with what it counted: neither texts nor files."""


async def queue_orphans(pool: Pool) -> int:
    """Give every open item a job in the queue that has none; returns how many had none."""
    async with pool.acquire() as connection, connection.transaction():
        status: str = await connection.execute(_QUEUE_ORPHANS)
    return int(status.rpartition(" ")[2])


async def expire_due(pool: Pool) -> int:
    """Delete texts and files of jobs whose time is over, and forget those of long ago; returns how
    many expired."""
    rows = await pool.fetch(
        """SELECT id FROM synthesis_jobs WHERE state <> 'expired' AND expires_at < now()
           ORDER BY expires_at LIMIT $1""",
        AT_ONCE,
    )
    expired = 0
    for row in rows:
        async with pool.acquire() as connection, connection.transaction():
            expired += await expire_job(connection, row["id"])
    await pool.execute(
        "DELETE FROM synthesis_jobs WHERE state = 'expired' AND expires_at < now() - $1::interval",
        REMEMBERED,
    )
    return expired


async def forget_revoked(pool: Pool, keep: timedelta) -> int:
    """Take back what voices spoke that were revoked since; returns how many items."""
    forgotten = 0
    for job_id in await jobs_of_revoked_voices(pool):
        async with pool.acquire() as connection, connection.transaction():
            forgotten += await forget_voices(connection, job_id, keep)
    return forgotten


async def folders_to_remove(pool: Pool, there: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Of the jobs that have a folder here: those that are over, and all known ones."""
    rows = await pool.fetch("SELECT id, state FROM synthesis_jobs WHERE id = ANY($1)", list(there))
    known = {row["id"] for row in rows}
    return {row["id"] for row in rows if row["state"] not in OPEN}, known


def remove_folders(folder: JobFolder, gone: set[UUID], known: set[UUID]) -> int:
    """Remove these folders, and old ones of jobs that nobody knows; returns how many."""
    for job_id in gone:
        folder.remove(job_id)
    return len(gone) + folder.remove_strange(known)


_QUEUE_ORPHANS: Final = """
    UPDATE synthesis_items SET state = 'queued', queue_id = NULL WHERE id IN (
        SELECT id FROM synthesis_items AS item WHERE state IN ('queued', 'running')
            AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.id = item.queue_id)
        LIMIT 1000 FOR UPDATE SKIP LOCKED
    )
"""
