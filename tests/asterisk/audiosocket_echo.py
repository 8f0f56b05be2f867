"""An AudioSocket server of forty lines that says back what it hears: the rig's own reference.

It shares nothing with the package ``audiosocket``, so that a test of the rig fails for the rig.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

END, ID, DIGIT, AUDIO = 0x00, 0x01, 0x03, 0x10
"""Kinds of frames (Asterisk's res_audiosocket.h)."""


@dataclass(slots=True)
class Echo:
    """What has come in. ``ids`` has an entry per connection; ``hang_ups`` connections are closed
    at once, as a process that dies closes them, before one is served."""

    port: int = 0
    hang_ups: int = 0
    ids: list[UUID] = field(default_factory=list)
    digits: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the peer goes."""
        try:
            while True:
                kind, length = struct.unpack("!BH", await reader.readexactly(3))
                payload = await reader.readexactly(length)
                if kind == ID:
                    self.ids.append(UUID(bytes=payload))
                    if len(self.ids) <= self.hang_ups:
                        break
                elif kind == DIGIT:
                    self.digits.append(payload.decode())
                elif kind == AUDIO:
                    writer.write(struct.pack("!BH", kind, length) + payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller hung up: Asterisk says so by closing
        if len(self.ids) <= self.hang_ups:
            writer.transport.abort()
        writer.close()


@asynccontextmanager
async def echoing(hang_ups: int = 0) -> AsyncIterator[Echo]:
    """An echo at a fresh port of loopback."""
    echo = Echo(hang_ups=hang_ups)
    async with await asyncio.start_server(echo.serve, "127.0.0.1", 0) as server:
        echo.port = server.sockets[0].getsockname()[1]
        yield echo
