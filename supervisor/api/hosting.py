"""The API's listening socket, and what connects it to a server that has started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from supervisor.access.identity import Identity
from supervisor.api.app import Allowed, make_app
from supervisor.api.backend import Backend, Before, Calls, Ready
from supervisor.api.trail import Trail
from supervisor.database.event_stream import CHANNEL
from supervisor.database.listening import listen
from supervisor.database.pool import pooled
from supervisor.errors import OperatorError
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import HttpSettings

POOL_SIZE: Final = 10
CLOSE_LIMIT_S: Final = 3.0
"""How long requests may take to end when the server stops."""


class Host:
    """The API, answering on ``port``; until :meth:`serving` it tells clients to come again."""

    def __init__(self, backend: Backend, trail: Trail, site: web.TCPSite, port: int) -> None:
        self._backend = backend
        self._site = site
        self.trail = trail
        self.port = port

    async def stop_listening(self) -> None:
        """Give the port to whoever takes our place; connections that are open go on."""
        await self._site.stop()

    @asynccontextmanager
    async def serving(self, database_url: str, calls: Calls) -> AsyncIterator[None]:
        """Answer from this database about these calls during the block."""
        async with (
            pooled(database_url, size=POOL_SIZE, at_once=False) as pool,
            self.trail.writing(pool),
        ):
            listening = asyncio.create_task(
                listen(database_url, [CHANNEL], self._backend.events_arrived), name="events"
            )
            self._backend.ready = Ready(pool, calls)
            try:
                yield
            finally:
                self._backend.ready = None
                self._backend.end()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def hosted(
    settings: HttpSettings,
    identity: Identity,
    before: Before | None = None,
    guard: AddressGuard | None = None,
) -> AsyncIterator[Host]:
    """Listen as ``settings`` say during the block; ``before`` is told until there is a server.

    ``identity`` is what logins are checked by. Raises ``OperatorError`` for a taken port.
    """
    backend, trail = Backend(identity, before, guard), Trail()
    allowed = Allowed(settings.requests_per_minute_per_key, settings.requests_per_minute)
    app = make_app(backend, trail, allowed, settings.trusted_proxies)
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=CLOSE_LIMIT_S
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            raise OperatorError(
                f"The API cannot listen on {settings.host}:{settings.port} "
                f"({error.strerror or error}); set http.port, or http.enabled to false."
            ) from None
        yield Host(backend, trail, site, runner.addresses[0][1])
    finally:
        backend.end()
        await runner.cleanup()
