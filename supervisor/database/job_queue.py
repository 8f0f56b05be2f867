"""Pgqueuer, as all our queues use it: its tables by migration 0005, and a run that notices when
notifications no longer come."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.queries import Queries

from supervisor.database.pool import TROUBLE, Pool, end_if_cancelled

POLL_EVERY: Final = timedelta(seconds=2)
"""Where a notification was lost, and for attempts that are due again: nothing notifies of them."""
NEXT_AFTER: Final = timedelta(seconds=0.03)
"""How often a backlog is looked at, where one job took another's notification. A look takes
milliseconds of the processor, so that a long one is looked at less often."""
CHECK_EVERY: Final = timedelta(seconds=10)
"""How often a notification is sent to ourselves; without it there is still the poll."""
CONNECTIONS: Final = 3
"""That a queue needs; one of them listens."""

_log = structlog.get_logger(__name__)


class JobQueue:
    """Runs a queue manager. ``most_at_once`` is at least 2, as pgqueuer wants it; a job of a
    machine that gave no sign of life for ``taken_over_after`` goes to another one; a backlog is
    looked at every ``next_after``."""

    def __init__(
        self,
        manager: QueueManager,
        *,
        most_at_once: int,
        taken_over_after: timedelta,
        name: str,
        next_after: timedelta = NEXT_AFTER,
    ) -> None:
        self._manager = manager
        self._most_at_once = most_at_once
        self._taken_over_after = taken_over_after
        self._name = name
        manager.min_dequeue_poll_interval = next_after

    async def run(self) -> None:
        """Carry jobs out until :meth:`stop`, or until notifications no longer come; then it is to
        be run on new connections. Raises what the database raises."""
        watching = asyncio.create_task(self._watch(), name=f"{self._name} notifications")
        try:
            await self._manager.run(
                dequeue_timeout=POLL_EVERY,
                batch_size=1,  # what is done is then written at once, and makes room
                max_concurrent_tasks=self._most_at_once,
                heartbeat_timeout=self._taken_over_after,
                log_aggregation_interval=timedelta(0),
            )
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def stop(self) -> None:
        """Take no further job; :meth:`run` returns when those under way are done."""
        self._manager.shutdown.set()

    async def _watch(self) -> None:
        """Pgqueuer's own check begins before it listens, and fails at a slow start."""
        while True:
            await asyncio.sleep(CHECK_EVERY.total_seconds())
            try:
                await self._manager.listener_healthy(CHECK_EVERY)
            except (FailingListenerError, *TROUBLE) as error:
                end_if_cancelled()
                _log.warning(f"{self._name}.deaf", error=str(error) or type(error).__name__)
                self.stop()
                return


def queries_on(pool: Pool) -> Queries:
    """Pgqueuer's statements, on connections of a pool that is ``for_queue``."""
    names = queue_names()
    return Queries(
        AsyncpgPoolDriver(pool),
        qbe=QueryBuilderEnvironment(names),
        qbq=QueryQueueBuilder(names),
    )


def queue_names() -> DBSettings:
    """What migration 0005 calls things, whatever the environment says."""
    defaults: dict[str, Any] = {
        "prefix": "",
        "db_schema": None,
        "channel": Channel("ch_pgqueuer"),
        "function": "fn_pgqueuer_changed",
        "statistics_table": "pgqueuer_statistics",
        "queue_status_type": "pgqueuer_status",
        "queue_table": "pgqueuer",
        "queue_table_log": "pgqueuer_log",
        "trigger": "tg_pgqueuer_changed",
        "schedules_table": "pgqueuer_schedules",
        "durability": "durable",
    }
    return DBSettings(**defaults)
