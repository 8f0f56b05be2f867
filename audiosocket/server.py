"""The listening side: accepts AudioSocket connections and keeps count of them."""

import asyncio
import logging
import socket
from typing import Final, cast

from audiosocket.clock import MediaClock
from audiosocket.connection import Accept, Connection
from audiosocket.frames import TELEPHONE_HZ
from audiosocket.limits import Limits, WireCounters
from audiosocket.listener import EndReason, Listener
from audiosocket.sockets import address_of

log = logging.getLogger("audiosocket")

BACKLOG: Final = 256
"""Asterisk waits 2 s for a connection that nobody accepts yet."""


class AudioSocketServer:
    """One listening socket whose calls share a media clock.

    ``accept`` is called for every connection once its UUID is known. Several servers of a process
    may share ``clock`` and ``counters``.
    """

    def __init__(
        self,
        accept: Accept,
        *,
        rate_hz: int = TELEPHONE_HZ,
        clock: MediaClock | None = None,
        limits: Limits | None = None,
        counters: WireCounters | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        """The rate of connections that come from now on."""
        self.clock = clock or MediaClock()
        self.limits = limits or Limits()
        self.counters = counters or WireCounters()
        self._accept = accept
        self._connections: set[Connection] = set()
        self._strangers: set[Connection] = set()
        self._known = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, *, sock: socket.socket | None = None
    ) -> None:
        """Listen on an address (port 0 picks one), or on ``sock``, bound and owned by us then.

        Raises ``OSError`` if the port is in use.
        """
        loop = asyncio.get_running_loop()
        if sock is not None:
            self._server = await loop.create_server(self._protocol, sock=sock, backlog=BACKLOG)
        else:
            self._server = await loop.create_server(self._protocol, host, port, backlog=BACKLOG)

    async def adopt(self, sock: socket.socket) -> None:
        """Take a connection that somebody else accepted and read nothing of; ours from then on."""
        await asyncio.get_running_loop().connect_accepted_socket(self._protocol, sock)

    @property
    def port(self) -> int:
        """The port that it listens on. Raises ``RuntimeError`` while it does not."""
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the server does not listen")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> frozenset[Connection]:
        """Those that are open, calls or not yet."""
        return frozenset(self._connections)

    def stop_listening(self) -> None:
        """Take no more connections; those that are open go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def introduced(self) -> None:
        """Return once each connection has said which call it is, or has ended: both come within
        ``Limits.uuid_timeout_s``, so a call that has just arrived is not missed."""
        while self._strangers:
            self._known.clear()
            await self._known.wait()

    async def close(self, *, drain_s: float = 0.0) -> None:
        """Stop listening, give calls ``drain_s`` to end by themselves, hang up on the rest."""
        self.stop_listening()
        if drain_s > 0 and self._connections:
            await asyncio.wait([c.ended for c in self._connections], timeout=drain_s)
        async with asyncio.TaskGroup() as farewells:
            for connection in self._connections:
                farewells.create_task(connection.hang_up(drain_s=0))

    def _protocol(self) -> asyncio.Protocol:
        if len(self._connections) >= self.limits.max_connections:
            self.counters.connections += 1
            self.counters.ended[EndReason.REFUSED] += 1
            return _Turned()
        connection = Connection(
            self._introduce,
            clock=self.clock,
            rate_hz=self.rate_hz,
            limits=self.limits,
            counters=self.counters,
        )
        self._connections.add(connection)
        self._strangers.add(connection)
        connection.ended.add_done_callback(lambda _: self._forget(connection))
        return connection

    def _introduce(self, connection: Connection) -> Listener:
        try:
            return self._accept(connection)
        finally:
            self._no_stranger(connection)

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._no_stranger(connection)

    def _no_stranger(self, connection: Connection) -> None:
        self._strangers.discard(connection)
        self._known.set()


class _Turned(asyncio.Protocol):
    """A connection too many: dropped, so that the dialplan goes on to its fallback."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = address_of(transport.get_extra_info("peername"))
        log.warning("too many connections", extra={"peer": peer, "reason": EndReason.REFUSED})
        cast(asyncio.Transport, transport).abort()  # uvloop's is no subclass
