"""The tables of synthesis jobs: what a request, a machine that works and the upkeep write.

Whatever changes an item locks the job first (:func:`_next_version`), so that versions are in the
order of commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from supervisor.database.pool import Connection
from supervisor.synthesis.asking import Manner, NewItem
from supervisor.synthesis.formats import Format, Written
from supervisor.webhooks.outbox import queue_synthesis

CHANNEL: Final = "ramal_synthesis"
"""A trigger notifies it of every change, with the job's id and state."""
OPEN: Final = ("queued", "running")


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that was checked. Without a tenant it is the installation's own."""

    tenant_id: UUID | None
    name: str
    format: Format
    items: Sequence[NewItem]

    @property
    def characters(self) -> int:
        """Of all its texts, as they are written."""
        return sum(len(item.text) for item in self.items)


@dataclass(frozen=True, slots=True)
class Work:
    """An item that a machine has taken. ``holder`` proves that it is still ours."""

    id: UUID
    job_id: UUID
    holder: UUID
    number: int
    text: str
    manner: Manner
    format: Format
    attempts: int
    """Those without progress, this one included."""


async def add_job(connection: Connection, job: NewJob) -> UUID:
    """Write a job with its items, which queues them. Raises ``asyncpg.PostgresError``."""
    job_id: UUID = await connection.fetchval(
        """INSERT INTO synthesis_jobs (tenant_id, name, format, items, characters)
           VALUES ($1, $2, $3, $4, $5) RETURNING id""",
        job.tenant_id,
        job.name,
        job.format,
        len(job.items),
        job.characters,
    )
    columns = zip(
        *(
            (
                item.number,
                item.name,
                item.text,
                item.manner.voice,
                item.manner.voice_id,
                item.manner.profile,
                item.manner.language,
                item.manner.speed,
                item.passages,
                item.warning,
            )
            for item in job.items
        ),
        strict=True,
    )
    await connection.execute(_ADD_ITEMS, job_id, *map(list, columns))
    return job_id


async def cancel_job(connection: Connection, job_id: UUID, keep: timedelta) -> bool:
    """Stop a job and drop what it made; ``False`` where it is over already."""
    version = await _next_version(connection, job_id)
    if version is None:
        return False
    await connection.execute(
        """UPDATE synthesis_items SET state = 'cancelled', changed = $2, holder = NULL,
               finished_at = coalesce(finished_at, now()) WHERE job_id = $1""",
        job_id,
        version,
    )
    await connection.execute(
        """UPDATE synthesis_jobs SET state = 'cancelled', finished_at = now(),
               expires_at = now() + $2::interval WHERE id = $1""",
        job_id,
        keep,
    )
    return True


async def redeliver(connection: Connection, job_id: UUID, numbers: Sequence[int]) -> int:
    """Queue the dead items of a failed job again, all or those of ``numbers``; returns how many."""
    version = await _next_version(connection, job_id, ("failed", *OPEN))
    if version is None:
        return 0
    status: str = await connection.execute(
        """UPDATE synthesis_items SET state = 'queued', queue_id = NULL, attempts = 0, error = NULL,
               changed = $2, finished_at = NULL
           WHERE job_id = $1 AND state = 'dead' AND ($3::integer[] = '{}' OR number = ANY($3))""",
        job_id,
        version,
        list(numbers),
    )
    count = int(status.rpartition(" ")[2])
    if count:
        await connection.execute(
            """UPDATE synthesis_jobs SET state = 'running', dead = dead - $2, finished_at = NULL,
                   expires_at = NULL WHERE id = $1""",
            job_id,
            count,
        )
    return count


async def expire_job(connection: Connection, job_id: UUID) -> bool:
    """Delete what a finished job made, and its texts; ``False`` where it is not finished."""
    ended = ("done", "failed", "cancelled")
    if await _next_version(connection, job_id, ended) is None:
        return False
    await connection.execute("DELETE FROM synthesis_items WHERE job_id = $1", job_id)
    await connection.execute(
        "UPDATE synthesis_jobs SET state = 'expired', expires_at = now() WHERE id = $1", job_id
    )
    return True


async def forget_voices(connection: Connection, job_id: UUID, keep: timedelta) -> int:
    """Make a job's items that a revoked voice speaks dead letters, without the files that it
    spoke; returns how many."""
    states = (*OPEN, "done", "failed")
    version = await _next_version(connection, job_id, states)
    if version is None:
        return 0
    status: str = await connection.execute(
        f"""UPDATE synthesis_items AS item SET state = 'dead', changed = $2, error = $3,
                holder = NULL, sha256 = NULL, size_bytes = NULL, finished_at = now()
            WHERE job_id = $1 AND {_REVOKED}""",  # noqa: S608
        job_id,
        version,
        "its voice was revoked",
    )
    await connection.fetchrow(_SETTLE, job_id, keep)
    return int(status.rpartition(" ")[2])


async def jobs_of_revoked_voices(connection: Connection) -> list[UUID]:
    """Whose items a voice speaks, or spoke, that must not speak any more."""
    rows = await connection.fetch(
        f"""SELECT DISTINCT job_id FROM synthesis_items AS item WHERE {_REVOKED}
            LIMIT 500"""  # noqa: S608
    )
    return [row["job_id"] for row in rows]


# ------------------------------------------------------------------ by who works


async def begin(
    connection: Connection, item_id: UUID, queue_id: int, holder: UUID, machine: str
) -> Work | None:
    """Take an item; ``None`` where there is nothing to do any more."""
    job_id = await connection.fetchval(
        "SELECT job_id FROM synthesis_items WHERE id = $1 AND queue_id = $2", item_id, queue_id
    )
    version = None if job_id is None else await _next_version(connection, job_id)
    if version is None:
        return None
    row = await connection.fetchrow(_BEGIN, item_id, queue_id, holder, machine, version)
    if row is None:
        return None
    form = await connection.fetchval(
        """UPDATE synthesis_jobs SET state = 'running', started_at = coalesce(started_at, now())
           WHERE id = $1 RETURNING format""",
        job_id,
    )
    manner = Manner(row["voice"], row["voice_id"], row["profile"], row["language"], row["speed"])
    return Work(item_id, job_id, holder, row["number"], row["text"], manner, form, row["attempts"])


async def note_progress(connection: Connection, work: Work, passages: int) -> bool:
    """Write down how far an item is; ``False`` where it is not ours any more."""
    return bool(await connection.fetchval(_PROGRESS, work.job_id, work.id, work.holder, passages))


async def is_ours(connection: Connection, work: Work) -> bool:
    """Whether an item is still to be made, and by us."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM synthesis_items WHERE id = $1 AND holder = $2 AND state = 'running'",
            work.id,
            work.holder,
        )
    )


async def finish(connection: Connection, work: Work, written: Written, keep: timedelta) -> bool:
    """Write down that an item has a result, once; ``False`` where it is not ours any more."""
    return await _settle(
        connection,
        work,
        keep,
        """state = 'done', sha256 = $4, size_bytes = $5, duration_ms = $6, error = NULL,
           passages_done = passages, finished_at = now(), holder = NULL""",
        written.sha256,
        written.size_bytes,
        written.duration_ms,
    )


async def give_up(connection: Connection, work: Work, reason: str, keep: timedelta) -> bool:
    """Make an item a dead letter; ``False`` where it is not ours any more."""
    change = (
        "state = 'dead', error = $4, next_attempt_at = NULL, finished_at = now(), holder = NULL"
    )
    return await _settle(connection, work, keep, change, reason)


async def put_off(
    connection: Connection, work: Work, reason: str | None, until: datetime, *, counts: bool
) -> bool:
    """Leave an item for later; ``counts`` says whether this was an attempt."""
    return await _change(
        connection,
        work,
        """state = 'queued', error = $4, next_attempt_at = $5, holder = NULL,
           attempts = attempts - CASE WHEN $6 THEN 0 ELSE 1 END""",
        reason,
        until,
        counts,
    )


async def _change(connection: Connection, work: Work, change: str, *values: Any) -> bool:
    """Change an item that is ours; the change is the program's, never a client's."""
    version = await _next_version(connection, work.job_id)
    if version is None:
        return False
    statement = f"""UPDATE synthesis_items SET changed = $3, {change}
        WHERE id = $1 AND holder = $2 AND state = 'running'"""  # noqa: S608
    status = await connection.execute(statement, work.id, work.holder, version, *values)
    return str(status) == "UPDATE 1"


async def _settle(
    connection: Connection, work: Work, keep: timedelta, change: str, *values: Any
) -> bool:
    """... to its end, and the job with its last one, which is told to who wants to know."""
    if not await _change(connection, work, change, *values):
        return False
    job = await connection.fetchrow(_SETTLE, work.job_id, keep)
    if job["state"] not in OPEN:
        await queue_synthesis(connection, job)
    return True


async def _next_version(
    connection: Connection, job_id: UUID, states: Sequence[str] = OPEN
) -> int | None:
    """Lock a job that is in one of these states, and count its version up."""
    version: int | None = await connection.fetchval(
        """UPDATE synthesis_jobs SET version = version + 1
           WHERE id = $1 AND state = ANY($2) RETURNING version""",
        job_id,
        list(states),
    )
    return version


_ADD_ITEMS: Final = """
    INSERT INTO synthesis_items
        (job_id, number, name, text, voice, voice_id, profile, language, speed, passages,
            warning)
    SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::uuid[],
        $7::text[], $8::text[], $9::real[], $10::integer[], $11::text[])
"""
_REVOKED: Final = """voice_id IS NOT NULL AND item.state NOT IN ('dead', 'cancelled')
    AND NOT EXISTS (SELECT FROM voices WHERE voices.id = voice_id AND voices.state <> 'revoked')"""
_BEGIN: Final = """
    UPDATE synthesis_items SET state = 'running', holder = $3, machine = $4, changed = $5,
        attempts = attempts + 1, next_attempt_at = NULL
    WHERE id = $1 AND queue_id = $2 AND state IN ('queued', 'running')
    RETURNING number, text, voice, voice_id, profile, language, speed, attempts
"""
_PROGRESS: Final = """
    WITH job AS (
        UPDATE synthesis_jobs SET version = version + 1
        WHERE id = $1 AND state = 'running' RETURNING version
    )
    UPDATE synthesis_items SET passages_done = $4, attempts = 1, error = NULL, changed = version
    FROM job WHERE id = $2 AND holder = $3 AND synthesis_items.state = 'running'
    RETURNING true
"""
_SETTLE: Final = """
    UPDATE synthesis_jobs AS job SET done = count.done, dead = count.dead,
        state = CASE WHEN count.open > 0 THEN 'running' WHEN count.dead > 0 THEN 'failed'
            ELSE 'done' END,
        finished_at = CASE WHEN count.open = 0 THEN now() END,
        expires_at = CASE WHEN count.open = 0 THEN now() + $2::interval END
    FROM (
        SELECT count(*) FILTER (WHERE state = 'done') AS done,
            count(*) FILTER (WHERE state = 'dead') AS dead,
            count(*) FILTER (WHERE state IN ('queued', 'running')) AS open,
            coalesce(sum(duration_ms) FILTER (WHERE state = 'done'), 0)::bigint AS duration_ms
        FROM synthesis_items WHERE job_id = $1
    ) AS count
    WHERE job.id = $1
    RETURNING job.id, tenant_id, name, format, state, items, job.done, job.dead, characters,
        finished_at, expires_at, count.duration_ms
"""
