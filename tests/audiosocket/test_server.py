"""The server on real TCP, loopback, port 0, under asyncio's own loop and uvloop."""

import asyncio
import contextlib
import logging
import random
import socket
import uuid
from collections.abc import AsyncIterator

import pytest

from audiosocket.connection import CallRefused, Connection
from audiosocket.frames import Frame, FrameDecoder, Kind, encode_frame, encode_uuid
from audiosocket.limits import Limits
from audiosocket.listener import EndReason
from audiosocket.server import AudioSocketServer
from tests.audiosocket.fakes import AUDIO, CALL_ID, Notes, tone


class Line(Notes):
    """A noting listener whose beginning and end can be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.spoken_to, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def call_started(self, connection: Connection) -> None:
        super().call_started(connection)
        self.begun.set()

    def audio_received(self, samples: object, rate_hz: int) -> None:
        self.spoken_to.set()

    def call_ended(self, reason: EndReason) -> None:
        super().call_ended(reason)
        self.ended.set()


class Exchange:
    """A server and the lines that it opened, in order."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.lines: list[Line] = []
        self.opened = asyncio.Event()
        self.server = AudioSocketServer(self._accept, limits=limits)

    def _accept(self, connection: Connection) -> Line:
        self.lines.append(Line())
        self.opened.set()
        return self.lines[-1]

    async def first_call(self) -> Connection:
        """The connection of the first call, once it began."""
        await self.opened.wait()
        await self.lines[0].begun.wait()
        connection = self.lines[0].connection
        assert connection is not None
        return connection


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    exchange = Exchange(Limits(uuid_timeout_s=0.3, frame_timeout_s=0.3, goodbye_s=0.5))
    await exchange.server.start()
    yield exchange
    await exchange.server.close()


class Peer:
    """A raw socket's view of a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.decoder = FrameDecoder()

    @classmethod
    async def connect(cls, port: int, call_id: uuid.UUID | None = None) -> "Peer":
        peer = cls(*await asyncio.open_connection("127.0.0.1", port))
        if call_id:
            peer.writer.write(encode_uuid(call_id))
        return peer

    async def frames(self, count: int) -> list[Frame]:
        got: list[Frame] = []
        while len(got) < count:
            data = await self.reader.read(65536)
            if not data:
                break
            got += self.decoder.feed(data)
        return got

    async def rest(self) -> list[Frame]:
        """All frames until EOF; ``ConnectionResetError`` if the server dropped us."""
        return await self.frames(1_000_000)


async def test_a_peer_that_only_listens_hears_silence_at_once(exchange: Exchange) -> None:
    peer = await Peer.connect(exchange.server.port, uuid.uuid4())
    assert await peer.frames(5) == [Frame(Kind.SLIN, bytes(320))] * 5
    peer.writer.close()


async def test_the_socket_sends_without_delay(exchange: Exchange) -> None:
    peer = await Peer.connect(exchange.server.port, uuid.uuid4())
    await peer.frames(1)
    (connection,) = exchange.server.connections
    sock = connection._transport.get_extra_info("socket")  # type: ignore[union-attr]
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    peer.writer.close()


async def test_hanging_up_reads_what_is_still_coming_so_that_the_peer_sees_no_reset(
    exchange: Exchange,
) -> None:
    """Rule 5: closing with unread audio makes the kernel send RST, and Asterisk says FAILED."""
    peer = await Peer.connect(exchange.server.port, uuid.uuid4())
    await peer.frames(1)
    connection = await exchange.first_call()
    connection.playback.enqueue(tone(100))
    leaving = asyncio.ensure_future(connection.hang_up())
    got: list[Frame] = []
    while not got or got[-1].kind is not Kind.HANGUP:
        peer.writer.write(AUDIO)
        got += await peer.frames(1)
    peer.writer.write(AUDIO * 3)
    peer.writer.write_eof()
    assert await peer.rest() == []
    assert await leaving is EndReason.HUNG_UP
    assert tone(100) in b"".join(frame.payload for frame in got)
    peer.writer.close()


async def test_an_aborted_call_is_reset_so_that_asterisk_says_failed(exchange: Exchange) -> None:
    """Rule 7: TryExec's FAILED leads the dialplan to its fallback."""
    peer = await Peer.connect(exchange.server.port, uuid.uuid4())
    await peer.frames(1)
    connection = await exchange.first_call()
    peer.writer.write(AUDIO)
    connection.abort()  # in the same turn of the loop: the audio is unread by then
    with pytest.raises(ConnectionResetError):
        await peer.rest()
    await exchange.lines[0].ended.wait()
    assert exchange.lines[0].reasons == [EndReason.ABORTED]


async def test_the_server_listens_on_loopback_unless_told_otherwise(exchange: Exchange) -> None:
    """Rule 8: AudioSocket has neither encryption nor authentication."""
    assert exchange.server._server is not None
    assert exchange.server._server.sockets[0].getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n", EndReason.PROTOCOL_ERROR),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), EndReason.TIMED_OUT),
        (b"SSH-2.0-OpenSSH_9.2\r\n", EndReason.PROTOCOL_ERROR),
        (b"\x01", EndReason.TIMED_OUT),
        (b"", EndReason.TIMED_OUT),
        (encode_uuid(CALL_ID) * 2, EndReason.PROTOCOL_ERROR),
        (encode_uuid(CALL_ID) + b"\x10\x01", EndReason.TIMED_OUT),
        (encode_uuid(CALL_ID) + AUDIO[:200], EndReason.TIMED_OUT),
    ],
    ids=["http", "tls", "ssh", "half-header", "nothing", "two-uuids", "half-length", "half-frame"],
)
async def test_a_stranger_is_shown_out_and_other_calls_notice_nothing(
    stream: bytes, reason: EndReason, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    guest = await Peer.connect(exchange.server.port, uuid.uuid4())
    await guest.frames(1)
    stranger = await Peer.connect(exchange.server.port)
    stranger.writer.write(stream)
    with contextlib.suppress(ConnectionResetError):
        await stranger.rest()
    guest.writer.write(AUDIO)
    await exchange.lines[0].spoken_to.wait()
    assert len(await guest.frames(3)) >= 3
    assert exchange.server.counters.ended == {reason: 1}
    lines = [r for r in caplog.records if r.name == "audiosocket" and r.levelno >= logging.INFO]
    assert len(lines) == 1
    guest.writer.close()
    stranger.writer.close()


async def test_a_hundred_fuzzed_connections_leave_the_server_in_order(exchange: Exchange) -> None:
    dice = random.Random(7)
    guest = await Peer.connect(exchange.server.port, uuid.uuid4())
    await guest.frames(1)
    for _ in range(100):
        stream = bytearray(encode_uuid(uuid.uuid4()) + AUDIO * 2)
        for _ in range(dice.randrange(1, 6)):
            stream[dice.randrange(len(stream))] = dice.randrange(256)
        stranger = await Peer.connect(exchange.server.port)
        stranger.writer.write(bytes(stream))
        stranger.writer.close()
    while exchange.server.counters.ended.total() < 100:
        await guest.frames(1)
    assert len(exchange.server.connections) == 1
    assert all(len(line.reasons) == 1 for line in exchange.lines[1:])
    assert EndReason.FAILED not in exchange.server.counters.ended
    guest.writer.close()


async def test_a_peer_that_does_not_read_holds_neither_memory_nor_the_clock() -> None:
    exchange = Exchange(Limits(not_reading_s=0.3))
    await exchange.server.start()
    sock = socket.create_connection(("127.0.0.1", exchange.server.port))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    sock.sendall(encode_uuid(uuid.uuid4()))
    connection = await exchange.first_call()
    while not connection.is_over:  # faster than the clock: its ticks by hand
        connection.tick(exchange.server.clock.now())
        await asyncio.sleep(0)
    assert await connection.ended is EndReason.NOT_READING
    assert connection.dropped_out > 0
    assert connection.frames_out < 500  # 12,000 with the kernel's own buffer
    sock.close()
    await exchange.server.close()


async def test_one_connection_too_many_is_dropped_and_counted() -> None:
    exchange = Exchange(Limits(max_connections=1))
    await exchange.server.start()
    first = await Peer.connect(exchange.server.port, uuid.uuid4())
    await first.frames(1)
    second = await Peer.connect(exchange.server.port)
    assert await second.rest() == []
    assert exchange.server.counters.ended == {EndReason.REFUSED: 1}
    assert len(await first.frames(2)) >= 2
    for peer in (first, second):
        peer.writer.close()
    await exchange.server.close()


async def test_a_server_takes_a_socket_that_somebody_else_bound() -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    exchange = Exchange()
    early = await Peer.connect(port, uuid.uuid4())  # waits in the backlog
    await exchange.server.start(sock=sock)
    assert exchange.server.port == port
    assert len(await early.frames(2)) >= 2
    early.writer.close()
    await exchange.server.close()


async def test_a_port_in_use_is_an_error_of_the_start(exchange: Exchange) -> None:
    with pytest.raises(OSError, match="in use"):
        await Exchange().server.start(port=exchange.server.port)


async def test_closing_hangs_up_on_the_calls_that_are_left() -> None:
    exchange = Exchange()
    await exchange.server.start()
    peer = await Peer.connect(exchange.server.port, uuid.uuid4())
    await peer.frames(1)
    closing = asyncio.ensure_future(exchange.server.close(drain_s=0.05))
    got: list[Frame] = []
    while not got or got[-1].kind is not Kind.HANGUP:
        got += await peer.frames(1)
    peer.writer.close()
    await closing
    assert exchange.lines[0].reasons == [EndReason.HUNG_UP]
    assert exchange.server.clock.members == 0
    with pytest.raises(RuntimeError, match="does not listen"):
        _ = exchange.server.port


async def test_a_call_that_ends_by_itself_is_not_hung_up_on_while_closing() -> None:
    exchange = Exchange()
    await exchange.server.start()
    peer = await Peer.connect(exchange.server.port, uuid.uuid4())
    await peer.frames(1)
    closing = asyncio.ensure_future(exchange.server.close(drain_s=60))
    await peer.frames(1)
    peer.writer.close()
    await closing
    assert exchange.lines[0].reasons == [EndReason.PEER_CLOSED]


async def test_a_refused_call_sees_0x00_and_a_clean_end() -> None:
    def refuse(_: Connection) -> Notes:
        raise CallRefused("it has ended")

    server = AudioSocketServer(refuse)
    await server.start()
    peer = await Peer.connect(server.port, uuid.uuid4())
    got: list[Frame] = []
    while not got or got[-1].kind is not Kind.HANGUP:
        got += await peer.frames(1)
    peer.writer.write_eof()
    assert await peer.rest() == []
    peer.writer.close()
    await server.close()
    assert encode_frame(Kind.HANGUP) == encode_frame(*got[-1])
