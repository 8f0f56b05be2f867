"""The queue of jobs: deliveries in lanes, each one by one, on whichever machine is free.

A lane is an entrypoint of pgqueuer with a limit of one job at a time on all machines together. An
endpoint has :data:`LANES` of them, and a call's deliveries to it share one: they are sent in order
as long as none fails, and a slow endpoint keeps nobody but itself waiting.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import QueueEntrypoint
from pgqueuer.ports.repository import EntrypointExecutionParameter

from supervisor.database.job_queue import CONNECTIONS, JobQueue, queries_on, queue_names
from supervisor.database.pool import TROUBLE, Pool, pooled

LANES: Final = 4
"""As migration 0005 spreads deliveries: requests at once to one endpoint."""
MOST_AT_ONCE: Final = 400
"""Requests at once of one machine: with as many hanging, others wait for the request's limit."""
TAKEN_OVER_AFTER: Final = timedelta(seconds=15)
"""A job of a machine that died goes to another one: it gave no sign of life for so long."""
AGAIN_AFTER: Final = timedelta(seconds=5)
"""Where the database failed in the middle of an attempt."""
Attempt: TypeAlias = Callable[[UUID, int, int], Awaitable[timedelta | None]]
"""Carries out a delivery by its id, its job's and how often that was tried; returns when to try
again, or ``None`` when it is done with."""

_log = structlog.get_logger(__name__)


class LaneManager(QueueManager):
    """Looks for jobs only in lanes that have some: with all of a few hundred endpoints' lanes
    pgqueuer's query takes tens of milliseconds."""

    async def fetch_jobs(
        self,
        batch_size: int,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> AsyncGenerator[Job, None]:
        """Yield jobs that are ready, until there is none in a free lane."""
        while not self.shutdown.is_set():
            rows = await self.queries.driver.fetch(_LANES_WITH_JOBS, heartbeat_timeout)
            names = [QueueEntrypoint(str(row["entrypoint"])) for row in rows]
            served = [name for name in names if name in self.entrypoint_registry]
            if not served:
                return
            jobs = await self.queries.dequeue(
                batch_size=batch_size,
                entrypoints={name: EntrypointExecutionParameter(1) for name in served},
                queue_manager_id=self.queue_manager_id,
                global_concurrency_limit=global_concurrency_limit,
                heartbeat_timeout=heartbeat_timeout,
            )
            if not jobs:
                return
            for job in jobs:
                yield job


class Lanes:
    """The lanes of the endpoints that are enabled; made by :func:`lanes_on`."""

    def __init__(self, pool: Pool, attempt: Attempt) -> None:
        self._pool = pool
        self._attempt = attempt
        self._manager = LaneManager(queries_on(pool), queue_names().channel)
        self._queue = JobQueue(
            self._manager,
            most_at_once=MOST_AT_ONCE,
            taken_over_after=TAKEN_OVER_AFTER,
            name="webhook",
        )
        self._gone: set[QueueEntrypoint] = set()

    async def run(self) -> None:
        """See :meth:`supervisor.database.job_queue.JobQueue.run`."""
        await self._queue.run()

    def stop(self) -> None:
        """Take no further job; :meth:`run` returns when those under way are done."""
        self._queue.stop()

    async def serve(self, endpoints: Iterable[UUID]) -> None:
        """Work for these endpoints from now on, and for no others."""
        wanted = {QueueEntrypoint(name) for each in endpoints for name in lanes_of(each)}
        registry = self._manager.entrypoint_registry
        # one round later: a job that was just taken still asks for its entrypoint
        for name in self._gone - wanted:
            registry.pop(name, None)
        self._gone = set(registry) - wanted
        new = wanted - set(registry)
        for name in new:
            self._manager.entrypoint(name, concurrency_limit=1)(self._work)
        if new:
            await self._wake()

    async def _work(self, job: Job) -> None:
        delivery_id = UUID((job.payload or b"").decode())
        try:
            delay = await self._attempt(delivery_id, job.id, job.attempts)
        except asyncio.CancelledError as error:  # pgqueuer would delete the job
            raise RetryRequested(timedelta(0), "the server stops") from error
        except TROUBLE as error:
            _log.warning("webhook.unknown", delivery_id=str(delivery_id), error=str(error))
            raise RetryRequested(AGAIN_AFTER, "the database failed") from error
        if delay is not None:
            raise RetryRequested(delay, "not delivered")

    async def _wake(self) -> None:
        """Jobs may wait in lanes that are new here: what notified of them is over."""
        await self._pool.execute(_NOTIFY, self._manager.channel)


@asynccontextmanager
async def lanes_on(url: str, attempt: Attempt) -> AsyncIterator[Lanes]:
    """Lanes on connections of their own."""
    async with pooled(url, size=CONNECTIONS, at_once=False, for_queue=True) as pool:
        yield Lanes(pool, attempt)


def lanes_of(endpoint_id: UUID) -> list[str]:
    """The names of an endpoint's lanes, as migration 0005 writes them."""
    return [f"webhook:{endpoint_id}:{lane}" for lane in range(LANES)]


_LANES_WITH_JOBS: Final = """
    WITH RECURSIVE lane AS (
        (SELECT entrypoint FROM pgqueuer WHERE status = 'queued' ORDER BY entrypoint LIMIT 1)
        UNION ALL
        SELECT (
            SELECT entrypoint FROM pgqueuer
            WHERE status = 'queued' AND pgqueuer.entrypoint > lane.entrypoint
            ORDER BY entrypoint LIMIT 1
        ) FROM lane WHERE lane.entrypoint IS NOT NULL
    )
    SELECT entrypoint FROM lane WHERE entrypoint IS NOT NULL
    UNION
    SELECT entrypoint FROM pgqueuer WHERE status = 'picked' AND heartbeat < now() - $1::interval
"""
"""From one index entry to the next lane's: a backlog of one costs no more than a single job."""
_NOTIFY: Final = """
    SELECT pg_notify($1, json_build_object('channel', $1::text, 'operation', 'insert',
        'sent_at', now(), 'table', 'pgqueuer', 'type', 'table_changed_event')::text)
"""
