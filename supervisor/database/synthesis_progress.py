"""A job's progress as a stream that can be taken up again where it was left.

There is no table of events: an item knows the version of its job at which it last changed. Whoever
reads on from a version gets every item that changed since, as it is now. Versions are given under
the job's lock, so none appears after a later one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from supervisor.database.pool import Connection

BATCH: Final = 200
"""Items that are read at once, and those of the same version as the last."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What changed: items by the version at which they did, and the job once no item is left."""

    items: tuple[Mapping[str, Any], ...]
    job: Mapping[str, Any] | None
    is_whole: bool
    """Whether this is all that there is; else there is more to read at once."""


async def changes_after(
    connection: Connection, job_id: UUID, version: int, job: str, item: str
) -> Progress | None:
    """What changed after ``version``; ``None`` without such a job. ``job`` and ``item`` are the
    columns to read, of ``j`` and ``i``: the program's, never a client's."""
    rows = await connection.fetch(
        f"""SELECT row_to_json(told) AS job, change.item, j.version, change.changed
            FROM synthesis_jobs AS j
            CROSS JOIN LATERAL (SELECT {job}) AS told
            LEFT JOIN LATERAL (
                SELECT i.changed,
                    (SELECT row_to_json(part) FROM (SELECT {item}) AS part) AS item
                FROM synthesis_items AS i WHERE i.job_id = j.id AND i.changed > $2
                ORDER BY i.changed FETCH FIRST {BATCH} ROWS WITH TIES
            ) AS change ON true
            WHERE j.id = $1 ORDER BY change.changed""",  # noqa: S608
        job_id,
        version,
    )
    if not rows:
        return None
    changed = [row for row in rows if row["item"] is not None]
    items = tuple({**row["item"], "version": row["changed"]} for row in changed)
    is_whole = len(items) < BATCH
    now = rows[0]["version"]
    told = {**rows[0]["job"], "version": now} if is_whole and now > version else None
    return Progress(items, told, is_whole)
