"""A small AudioSocket server that says back what it hears: the rig's own reference.

It shares nothing with the package ``audiosocket``, so that a test of the rig fails for the rig.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

END, ID, DIGIT = 0x00, 0x01, 0x03
"""Kinds of frames (Asterisk's res_audiosocket.h)."""
AUDIO = range(0x10, 0x19)
SLIN, SLIN16 = 0x10, 0x12

GOODBYE = struct.pack("!BH", END, 0)


class Behaviour(Enum):
    """What becomes of a connection once its UUID has arrived."""

    ECHOES = auto()
    DIES = auto()
    """Its process is killed: the connection is reset."""
    SAYS_GOODBYE = auto()
    """It is ended as the protocol says: 0x00, read to the end, close."""


@dataclass(slots=True)
class Echo:
    """An agent that echoes; ``first`` says how its first connections are treated instead.

    ``ids`` has an entry per connection, in order, ``digits`` one per key, ``kinds`` those of the
    audio that came.
    """

    first: Sequence[Behaviour] = ()
    port: int = 0
    ids: list[UUID] = field(default_factory=list)
    digits: list[str] = field(default_factory=list)
    kinds: set[int] = field(default_factory=set)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def say_goodbye(self) -> None:
        """End every connection as the protocol says."""
        for writer in self._writers:
            writer.write(GOODBYE)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the peer goes or its behaviour ends it."""
        self._writers.add(writer)
        try:
            while True:
                kind, length = struct.unpack("!BH", await reader.readexactly(3))
                self._take(kind, await reader.readexactly(length), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # how Asterisk says that the call has ended
        finally:
            self._writers.remove(writer)
            writer.close()

    def _take(self, kind: int, payload: bytes, writer: asyncio.StreamWriter) -> None:
        if kind == ID:
            self._take_id(UUID(bytes=payload), writer)
        elif kind == DIGIT:
            self.digits.append(payload.decode())
        elif kind in AUDIO:
            self.kinds.add(kind)
            writer.write(struct.pack("!BH", kind, len(payload)) + payload)

    def _take_id(self, call_id: UUID, writer: asyncio.StreamWriter) -> None:
        number = len(self.ids)
        behaviour = self.first[number] if number < len(self.first) else Behaviour.ECHOES
        self.ids.append(call_id)
        self.connected.set()
        if behaviour is Behaviour.DIES:
            writer.transport.abort()
        elif behaviour is Behaviour.SAYS_GOODBYE:
            writer.write(GOODBYE)


@asynccontextmanager
async def echoing(*first: Behaviour) -> AsyncIterator[Echo]:
    """An echo at a fresh port of loopback."""
    echo = Echo(first)
    async with await asyncio.start_server(echo.serve, "127.0.0.1", 0) as server:
        echo.port = server.sockets[0].getsockname()[1]
        yield echo
