"""Delivers webhooks in the supervisor, through outages, until it stops."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from supervisor.alarms import Alarms
from supervisor.database.listening import listen
from supervisor.database.perseverance import Perseverance, wait_for
from supervisor.database.pool import Pool, pooled
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
        self._work = Perseverance(_log, "webhook")
        self._changed = asyncio.Event()

    async def deliver_for_ever(self) -> None:
        """Carry out deliveries until :meth:`stop`."""
        await self._work.keep_at(self._deliver)

    def stop(self) -> None:
        """Begin no further attempt; :meth:`deliver_for_ever` returns when those under way end."""
        self._work.stop()
        if self._lanes is not None:
            self._lanes.stop()

    async def follow_endpoints(self) -> None:
        """Let the lanes follow the table of endpoints; runs until cancelled."""
        listening = asyncio.create_task(listen(self._url, [CHANNEL], self._wake), name="listen")
        try:
            while True:
                await self._look()
                await wait_for(self._changed, LOOK_EVERY_S)
                self._changed.clear()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def tidy_for_ever(self) -> None:
        """Queue again what got lost, and remove what is old; runs until cancelled."""
        removed_at = -REMOVE_EVERY_S
        while True:
            await self._work.attempt(self._sweep)
            if time.monotonic() - removed_at >= REMOVE_EVERY_S:
                removed_at = time.monotonic()
                await self._work.attempt(self._remove)
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

        await self._work.attempt(serve)

    async def _sweep(self) -> None:
        if lost := await queue_orphans(self._pool):
            _log.warning("webhook.queued_again", deliveries=lost)

    async def _remove(self) -> None:
        if removed := await remove_old(self._pool, self._settings):
            _log.info("webhook.removed", deliveries=removed)

    def _wake(self, _: str) -> None:
        self._changed.set()


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
