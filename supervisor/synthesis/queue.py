"""The queue of items: one entrypoint of pgqueuer for all, on whichever machine is free.

Which item comes next is the priority that migration 0011 gives it: the first items of all jobs,
then the second ones. What another process was making when it died comes after
:data:`TAKEN_OVER_AFTER`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from supervisor.database.job_queue import CONNECTIONS, JobQueue, queries_on, queue_names
from supervisor.database.pool import TROUBLE, pooled

ENTRYPOINT: Final = "synthesis"
"""As migration 0011 names it."""
TAKEN_OVER_AFTER: Final = timedelta(seconds=10)
"""Nothing is lost where this is too short for a busy moment: who was taken for dead finds that the
item is not theirs any more."""
NEXT_AFTER: Final = timedelta(seconds=1)
"""There is one more item in hand, and the end of each notifies: nobody waits for this."""
AGAIN_AFTER: Final = timedelta(seconds=5)
"""Where the database failed in the middle of an item."""

Attempt: TypeAlias = Callable[[UUID, int], Awaitable[timedelta | None]]
"""Makes an item by its id and its job's in the queue; returns when to try again, or ``None`` when
it is done with."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def queue_on(url: str, attempt: Attempt, at_once: int) -> AsyncIterator[JobQueue]:
    """The queue, on connections of its own; ``attempt`` itself sees to it that there are not more
    than ``at_once``, as pgqueuer takes two at least."""

    async def work(job: Job) -> None:
        item_id = UUID((job.payload or b"").decode())
        try:
            delay = await attempt(item_id, job.id)
        except asyncio.CancelledError as error:  # pgqueuer would delete the job
            raise RetryRequested(timedelta(0), "the server stops") from error
        except TROUBLE as error:
            _log.warning("synthesis.unknown", item_id=str(item_id), error=str(error))
            raise RetryRequested(AGAIN_AFTER, "the database failed") from error
        if delay is not None:
            raise RetryRequested(delay, "not made")

    async with pooled(url, size=CONNECTIONS, at_once=False, for_queue=True) as pool:
        manager = QueueManager(queries_on(pool), queue_names().channel)
        manager.entrypoint(ENTRYPOINT)(work)
        yield JobQueue(
            manager,
            most_at_once=max(2, at_once),
            taken_over_after=TAKEN_OVER_AFTER,
            name="synthesis",
            next_after=NEXT_AFTER,
        )
