"""The API's listening socket, and what connects it to a server that has started."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web

from supervisor.access.identity import Identity
from supervisor.api.app import Allowed, make_app
from supervisor.api.backend import Backend, Before, Calls, Ready
from supervisor.api.trail import Trail
from supervisor.database.event_stream import CHANNEL
from supervisor.database.listening import listen
from supervisor.database.pool import pooled
from supervisor.database.synthesis_jobs import CHANNEL as SYNTHESIS
from supervisor.errors import OperatorError
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import HttpSettings

_log = structlog.get_logger(__name__)

POOL_SIZE: Final = 10
BACKLOG: Final = 128
CLOSE_LIMIT_S: Final = 3.0
"""How long requests may take to end when the server stops."""


class Host:
    """The API, answering on ``port``; until :meth:`serving` it tells clients to come again."""

    def __init__(
        self, backend: Backend, trail: Trail, runner: web.AppRunner, settings: HttpSettings
    ) -> None:
        self._backend = backend
        self._runner = runner
        self._settings = settings
        self._site: web.SockSite | None = None
        self._leaving = False
        self.trail = trail
        self.listener: socket.socket | None = None
        """The listening socket, once there is one."""

    @property
    def port(self) -> int:
        """The port that it listens on. Raises ``RuntimeError`` while it does not."""
        if self.listener is None:
            raise RuntimeError("the API does not listen")
        port: int = self.listener.getsockname()[1]
        return port

    async def listen(self, inherited: socket.socket | None = None) -> None:
        """Answer from now on, on the socket of a predecessor where that has our address.

        Raises ``OperatorError`` for a taken port.
        """
        if inherited is not None and not _has_address(inherited, self._settings):
            inherited.close()
            inherited = None
        self.listener = inherited or _bound(self._settings)
        self._site = web.SockSite(self._runner, self.listener)
        await self._site.start()
        _log.info("http.started", host=self._settings.host, port=self.port)

    async def stop_listening(self) -> None:
        """Give the port to whoever takes our place; what is being answered goes on."""
        if self._site is not None:
            await self._site.stop()

    async def leave(self) -> None:
        """... and end streams, and every connection with its next answer: clients come again, to
        our successor, and no request is lost."""
        self._leaving = True
        await self.stop_listening()
        self._backend.end()

    async def end_connection(self, _: web.Request, response: web.StreamResponse) -> None:
        """What aiohttp tells of every answer: once we leave, it is the last on its connection."""
        if self._leaving:
            response.force_close()
            response.headers["Connection"] = "close"

    def _notified(self, channel: str) -> None:
        bell = self._backend.synthesis if channel == SYNTHESIS else self._backend.events
        bell.ring()

    @asynccontextmanager
    async def serving(self, database_url: str, calls: Calls) -> AsyncIterator[None]:
        """Answer from this database about these calls during the block."""
        async with (
            pooled(database_url, size=POOL_SIZE, at_once=False, leaves_nothing=True) as pool,
            self.trail.writing(pool),
        ):
            listening = asyncio.create_task(
                listen(database_url, [CHANNEL, SYNTHESIS], self._notified), name="events"
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
    *,
    at_once: bool = True,
) -> AsyncIterator[Host]:
    """Listen as ``settings`` say during the block, or with ``at_once`` false from
    :meth:`Host.listen` on; ``before`` is told until there is a server.

    ``identity`` is what logins are checked by. Raises ``OperatorError`` for a taken port.
    """
    backend, trail = Backend(identity, before, guard), Trail()
    allowed = Allowed(settings.requests_per_minute_per_key, settings.requests_per_minute)
    app = make_app(backend, trail, allowed, settings.trusted_proxies)
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=CLOSE_LIMIT_S
    )
    host = Host(backend, trail, runner, settings)
    app.on_response_prepare.append(host.end_connection)
    await runner.setup()
    try:
        if at_once:
            await host.listen()
        yield host
    finally:
        backend.end()
        await runner.cleanup()


def _bound(settings: HttpSettings) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise OperatorError(
            f"The API cannot listen on {settings.host}:{settings.port} "
            f"({error.strerror or error}); set http.port, or http.enabled to false."
        ) from None


def _has_address(listener: socket.socket, settings: HttpSettings) -> bool:
    """Whether it listens where the settings say; port 0 is any."""
    host, port = listener.getsockname()[:2]
    known = {info[4][0] for info in socket.getaddrinfo(settings.host, None)}
    return host in known and settings.port in (0, port)
