"""Return ports: the answered legs of our own calls connect to them, and those of others'.

Several processes may listen on a port: while a server or a worker takes another one's place, the
kernel gives a resident who answers to either of them. So a leg says who it is before it is taken
(what it says is looked at, and stays in the socket): one that nobody here waits for is handed to
whoever does, as it came.
"""

import asyncio
import socket
from typing import Final, Protocol
from uuid import UUID

import structlog

from audiosocket.frames import Kind, encode_frame
from audiosocket.server import BACKLOG, AudioSocketServer
from conversation.owned_tasks import OwnedTasks
from supervisor.logs import failure_told
from supervisor.switchboard import LegSwitchboard

INTRODUCTION: Final = encode_frame(Kind.UUID, bytes(16))
INTRODUCTION_S: Final = 1.0
"""Asterisk says at once which leg it is; who does not is taken as it is, and has to say it then."""
NO_DESCRIPTOR_PAUSE_S: Final = 1.0
"""Before the next try to accept when this process may open no more files."""

_log = structlog.get_logger(__name__)


class AskElsewhere(Protocol):
    """Offers a leg to all who might wait for it."""

    async def __call__(self, leg_id: UUID, sock: socket.socket) -> bool:
        """Whether somebody has taken it; ``sock`` stays ours to close."""


class Legs:
    """The legs that arrive at a worker; ``passed_on`` conducts those that another one accepted."""

    def __init__(
        self, switchboard: LegSwitchboard, ask: AskElsewhere, passed_on: AudioSocketServer
    ) -> None:
        self._switchboard = switchboard
        self._ask = ask
        self._passed_on = passed_on
        self._welcoming = OwnedTasks(failure_told("leg.failed"))

    def listen(self, listener: socket.socket, server: AudioSocketServer) -> "LegPort":
        """Accept legs on ``listener``, ours from then on, and have ``server`` conduct them."""
        return LegPort(listener, lambda sock: self._begin(sock, server))

    async def take(self, leg_id: UUID, sock: socket.socket) -> bool:
        """A leg that somebody else accepted: ours if we wait for it, else it is let go."""
        if not self._switchboard.expects(leg_id):
            sock.close()
            return False
        _log.info("leg.passed_on", leg=str(leg_id))
        await self._passed_on.adopt(sock)
        return True

    async def close(self) -> None:
        """Drop those that have not said who they are."""
        await self._welcoming.cancel()

    def _begin(self, sock: socket.socket, server: AudioSocketServer) -> None:
        self._welcoming.start(self._welcome(sock, server), "a leg arrives")

    async def _welcome(self, sock: socket.socket, server: AudioSocketServer) -> None:
        with sock:
            leg_id = await _introduced(sock)
            if leg_id is None or not await self._is_others(leg_id, sock):
                await server.adopt(socket.socket(fileno=sock.detach()))

    async def _is_others(self, leg_id: UUID, sock: socket.socket) -> bool:
        return not self._switchboard.expects(leg_id) and await self._ask(leg_id, sock)


class LegPort:
    """A listening socket; see :meth:`Legs.listen`."""

    def __init__(self, listener: socket.socket, begin: "Begin") -> None:
        listener.setblocking(False)
        self._listener = listener
        self._begin = begin
        self._pause: asyncio.TimerHandle | None = None
        self._resume()

    def close(self) -> None:
        """Accept no more; who listens on the port as well goes on."""
        if self._pause is not None:
            self._pause.cancel()
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()

    def _resume(self) -> None:
        self._pause = None
        asyncio.get_running_loop().add_reader(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(BACKLOG):
            try:
                sock, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return  # another process was faster, or the leg is gone
            except OSError as error:
                self._wait(error)
                return
            sock.setblocking(False)
            self._begin(sock)

    def _wait(self, error: OSError) -> None:
        _log.error("leg.not_accepted", reason=error.strerror)
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener.fileno())
        self._pause = loop.call_later(NO_DESCRIPTOR_PAUSE_S, self._resume)


class Begin(Protocol):
    """Takes a connection that was accepted just now, and owns it from then on."""

    def __call__(self, sock: socket.socket) -> None:
        """Called on the event loop."""


async def _introduced(sock: socket.socket) -> UUID | None:
    """Who a leg says it is, without taking it from the socket; ``None`` if that is not clear."""
    try:
        async with asyncio.timeout(INTRODUCTION_S):
            await _readable(sock)
        said = sock.recv(len(INTRODUCTION), socket.MSG_PEEK)
    except (TimeoutError, OSError):
        return None
    header = len(INTRODUCTION) - 16
    if len(said) < len(INTRODUCTION) or said[:header] != INTRODUCTION[:header]:
        return None
    return UUID(bytes=said[header:])


async def _readable(sock: socket.socket) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sock.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock.fileno())
