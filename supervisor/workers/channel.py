"""The line between the supervisor and a worker: JSON messages that may carry descriptors.

A Unix ``SOCK_SEQPACKET`` pair keeps messages whole and in order; descriptors travel with the
message that they belong to (``SCM_RIGHTS``).
"""

import asyncio
import json
import os
import socket
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

MAX_MESSAGE_BYTES: Final = 64 * 1024
MAX_DESCRIPTORS: Final = 4
ANCILLARY_BYTES: Final = socket.CMSG_LEN(MAX_DESCRIPTORS * array("i").itemsize)

Fields: TypeAlias = Mapping[str, Any]


class HasDescriptor(Protocol):
    """An open file or socket."""

    def fileno(self) -> int:
        """Its descriptor."""


class ChannelClosedError(Exception):
    """The other end is gone."""


class Message:
    """A received message: ``kind``, its fields, and the descriptors that came with it."""

    __slots__ = ("descriptors", "fields", "kind")

    def __init__(self, kind: str, fields: Fields, descriptors: Sequence[int] = ()) -> None:
        self.kind = kind
        self.fields = fields
        self.descriptors = tuple(descriptors)

    def sockets(self) -> list[socket.socket]:
        """The descriptors as sockets, which the caller owns from then on."""
        return [socket.socket(fileno=descriptor) for descriptor in self.descriptors]


class Channel:
    """One end of the line; owns its socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock

    @staticmethod
    def pair() -> "tuple[Channel, socket.socket]":
        """Our end, and the other as a socket to be inherited by a child process."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return Channel(ours), theirs

    async def send(self, kind: str, fields: Fields, sockets: Sequence[HasDescriptor] = ()) -> None:
        """Send a message; the sockets stay open on our side. Raises :class:`ChannelClosedError`."""
        data = json.dumps({"kind": kind, **fields}).encode()
        if len(data) > MAX_MESSAGE_BYTES:
            raise ValueError(f"a message of {len(data)} bytes is longer than {MAX_MESSAGE_BYTES}")
        descriptors = [sock.fileno() for sock in sockets]
        while True:
            try:
                socket.send_fds(self._sock, [data], descriptors)
                return
            except BlockingIOError:
                await self._ready(writing=True)
            except OSError as error:
                raise ChannelClosedError(str(error)) from None

    async def receive(self) -> Message:
        """The next message. Raises :class:`ChannelClosedError` when the other end is gone."""
        while True:
            try:
                data, ancillary, _, _ = self._sock.recvmsg(MAX_MESSAGE_BYTES, ANCILLARY_BYTES)
            except BlockingIOError:
                await self._ready(writing=False)
                continue
            except OSError as error:
                raise ChannelClosedError(str(error)) from None
            if not data:
                raise ChannelClosedError("the other process is gone")
            fields = json.loads(data)
            return Message(fields.pop("kind"), fields, _descriptors(ancillary))

    def close(self) -> None:
        """Close our end; the other one notices."""
        self._sock.close()

    async def _ready(self, *, writing: bool) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        add: Callable[..., Any] = loop.add_writer if writing else loop.add_reader
        remove = loop.remove_writer if writing else loop.remove_reader
        add(self._sock.fileno(), ready.set)
        try:
            await ready.wait()
        finally:
            remove(self._sock.fileno())


def _descriptors(ancillary: Iterable[tuple[int, int, bytes]]) -> list[int]:
    """Those that came with a message; our own children do not get them by accident."""
    descriptors = array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return descriptors.tolist()


def inherited(descriptor: int) -> Channel:
    """The channel whose descriptor this process was started with."""
    os.set_inheritable(descriptor, False)
    return Channel(socket.socket(fileno=descriptor))
