"""Delivers webhooks in the supervisor, through outages, until it stops."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog

from supervisor.alarms import Alarms
from supervisor.database.complaint import Complaint
from supervisor.database.listening import listen
from supervisor.database.pool import TROUBLE, DatabaseError, Pool, end_if_cancelled, pooled
from supervisor.metrics import Metrics
from supervisor.outgoing.addresses import AddressGuard
from supervisor.outgoing.client import outgoing
from supervisor.settings import Settings, WebhookSettings
from supervisor.webhooks.delivering import Deliverer
from supervisor.webhooks.lanes import Lanes, lanes_on
from supervisor.webhooks.upkeep import enabled_endpoints, queue_orphans, remove_old

CHANNEL: Final = "ramal_webhooks"
"""A trigger notifies it when an endpoint is added, removed, enabled or disabled."""
LOOK_EVERY_S: Final = 10.0
"""... and this heals a lost notification."""
SWEEP_EVERY_S: Final = 60.0
REMOVE_EVERY_S: Final = 3600.0
FAREWELL_S: Final = 3.0
"""For requests under way when the server stops; what is cut off is sent again by the next one."""
FIRST_RETRY_S: Final = 0.5
LAST_RETRY_S: Final = 10.0

_log = structlog.get_logger(__name__)


class Courier:
    """Keeps the lanes running, tells them whom to work for, and tidies up."""

    def __init__(
        self, url: str, pool: Pool, deliverer: Deliverer, settings: WebhookSettings
    ) -> None:
        self._url = url
        self._pool = pool
        self._deliverer = deliverer
        self._settings = settings
        self._lanes: Lanes | None = None
        self._complaint = Complaint(_log.warning, "webhook.waits")
        self._changed = asyncio.Event()
        self._stops = asyncio.Event()

    async def deliver_for_ever(self) -> None:
        """Carry out deliveries until :meth:`stop`."""
        retry_s = FIRST_RETRY_S
        while not self._stops.is_set():
            began = time.monotonic()
            try:
                await self._deliver()
            except Exception as error:  # whatever it is, webhooks must go on, and somebody know
                end_if_cancelled()
                self._say(error)
                retry_s = FIRST_RETRY_S if time.monotonic() - began > LAST_RETRY_S else retry_s * 2
                retry_s = min(retry_s, LAST_RETRY_S)
                await self._pause(retry_s)

    def stop(self) -> None:
        """Begin no further attempt; :meth:`deliver_for_ever` returns when those under way end."""
        self._stops.set()
        if self._lanes is not None:
            self._lanes.stop()

    async def follow_endpoints(self) -> None:
        """Let the lanes follow the table of endpoints; runs until cancelled."""
        listening = asyncio.create_task(listen(self._url, [CHANNEL], self._wake), name="listen")
        try:
            while True:
                await self._look()
                await _wait(self._changed, LOOK_EVERY_S)
                self._changed.clear()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def tidy_for_ever(self) -> None:
        """Queue again what got lost, and remove what is old; runs until cancelled."""
        removed_at = -REMOVE_EVERY_S
        while True:
            await self._trying(self._sweep)
            if time.monotonic() - removed_at >= REMOVE_EVERY_S:
                removed_at = time.monotonic()
                await self._trying(self._remove)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _deliver(self) -> None:
        async with lanes_on(self._url, self._deliverer.attempt) as lanes:
            self._lanes = lanes
            self._changed.set()
            try:
                await lanes.run()
            finally:
                self._lanes = None

    async def _look(self) -> None:
        async def serve() -> None:
            if self._lanes is not None:
                await self._lanes.serve(await enabled_endpoints(self._pool))

        await self._trying(serve)

    async def _sweep(self) -> None:
        if lost := await queue_orphans(self._pool):
            _log.warning("webhook.queued_again", deliveries=lost)

    async def _remove(self) -> None:
        if removed := await remove_old(self._pool, self._settings):
            _log.info("webhook.removed", deliveries=removed)

    async def _trying(self, work: Callable[[], Awaitable[None]]) -> None:
        """The database may be away: there is a next time."""
        try:
            await work()
            self._complaint.over()
        except (DatabaseError, *TROUBLE) as error:
            end_if_cancelled()
            self._say(error)

    def _wake(self, _: str) -> None:
        self._changed.set()

    def _say(self, error: Exception) -> None:
        if isinstance(error, (DatabaseError, *TROUBLE)):
            self._complaint.about(error)
        else:
            _log.error("webhook.failed", exc_info=error)

    async def _pause(self, limit_s: float) -> None:
        await _wait(self._stops, limit_s)


@asynccontextmanager
async def delivering(
    settings: Settings, url: str, alarms: Alarms, metrics: Metrics
) -> AsyncIterator[None]:
    """Deliver webhooks during the block, on connections of their own."""
    guard = AddressGuard.of(settings.outgoing)
    async with pooled(url, at_once=False) as pool, outgoing(guard) as client:
        deliverer = Deliverer(pool, client, settings.webhooks, alarms, metrics)
        courier = Courier(url, pool, deliverer, settings.webhooks)
        working = asyncio.create_task(courier.deliver_for_ever(), name="webhooks")
        others = (
            asyncio.create_task(courier.follow_endpoints(), name="webhook endpoints"),
            asyncio.create_task(courier.tidy_for_ever(), name="webhook upkeep"),
        )
        try:
            yield
        finally:
            courier.stop()
            await asyncio.wait([working], timeout=FAREWELL_S)
            for task in (working, *others):
                task.cancel()
            await asyncio.gather(working, *others, return_exceptions=True)


async def _wait(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
