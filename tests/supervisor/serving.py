"""A supervisor under test with real workers, and callers who check what they hear."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from audiosocket.frames import Frame, FrameDecoder, Kind, encode_frame
from supervisor.database.extensions import (
    Extension,
    NewExtension,
    add_extension,
    find_extension,
)
from supervisor.database.pool import Pool, connected
from tests.ports import free_ports

Value = TypeVar("Value")

CONDOMINIUM = "Edifício Aurora"


async def add_echo(pool: Pool, number: str = "1001", **fields: object) -> Extension:
    """Insert an extension that says back what it hears."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT unnest(ARRAY[port, return_port]) AS of FROM extensions"
        )
        promised = {row["of"] for row in rows}  # free still, where nobody listens there yet
        port, return_port = [each for each in free_ports(2 + len(rows)) if each not in promised][:2]
        new = NewExtension(number, port, return_port, flow="echo", **fields)  # type: ignore[arg-type]
        return await add_extension(connection, CONDOMINIUM, new)


async def until_marked(
    pool: Pool,
    number: str,
    status: str,
    good: Callable[[str | None], bool] = lambda _: True,
) -> Extension:
    """Wait until the supervisor has written down that status, for a good reason."""

    async def read() -> Extension:
        async with pool.acquire() as connection:
            return await find_extension(connection, number)

    return await eventually(read, lambda row: row.status == status and good(row.status_reason))


async def eventually(
    read: Callable[[], Awaitable[Value]], good: Callable[[Value], bool], limit_s: float = 30.0
) -> Value:
    """Ask again until the answer is good; it is another process's, which tells nobody."""
    for _ in range(round(limit_s / 0.02)):
        value = await read()
        if good(value):
            return value
        await asyncio.sleep(0.02)
    raise AssertionError(f"still {value!r} after {limit_s:g} s")


async def first_key(data_dir: Path) -> str:
    """The API's first key, which a server whose output is no terminal leaves in a file."""
    file = data_dir / "first-admin-key"

    async def read() -> str:
        return await asyncio.to_thread(file.read_text) if file.exists() else ""

    return (await eventually(read, bool)).split()[0]


class Caller:
    """One AudioSocket call, as Asterisk would place it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call_id: UUID
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = FrameDecoder()
        self.call_id = call_id
        self._said = 0

    async def hears_itself(self, limit_s: float = 20.0) -> None:
        """Say something new until it comes back."""
        self._said += 1
        sound = (1000 + self._said).to_bytes(2, "little") * 160
        async with asyncio.timeout(limit_s):
            while True:
                self._writer.write(encode_frame(Kind.SLIN, sound))
                frames = await self._frames()
                if any(sound == frame.payload for frame in frames):
                    return
                assert frames, "the other side ended the call"

    async def until_the_end(self) -> list[Kind]:
        """Listen until the other side closes; returns the kinds of frames that came."""
        kinds: list[Kind] = []
        async with asyncio.timeout(20):
            while frames := await self._frames():
                kinds += [frame.kind for frame in frames]
                if Kind.HANGUP in kinds:
                    self._writer.close()
                    return kinds
        return kinds

    @property
    def port(self) -> int:
        """Ours, of the connection."""
        port: int = self._writer.get_extra_info("sockname")[1]
        return port

    def press(self, digit: str) -> None:
        self._writer.write(encode_frame(Kind.DTMF, digit.encode()))

    def close(self) -> None:
        self._writer.close()

    async def _frames(self) -> list[Frame]:
        data = await self._reader.read(4096)
        if not data:
            return []
        frames = self._decoder.feed(data)
        return frames or await self._frames()


@asynccontextmanager
async def calling(port: int, call_id: UUID | None = None) -> AsyncIterator[Caller]:
    """A call to a port of this machine."""
    call_id = call_id or uuid4()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(encode_frame(Kind.UUID, call_id.bytes))
    caller = Caller(reader, writer, call_id)
    try:
        yield caller
    finally:
        caller.close()


def listens(port: int) -> bool:
    """Whether a connection to the port is taken."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def is_taken(port: int) -> bool:
    """:func:`listens`, for :func:`eventually`."""
    return await asyncio.to_thread(listens, port)


@asynccontextmanager
async def database_away(url: str) -> AsyncIterator[None]:
    """Nobody reaches the database of this URL during the block, or keeps a connection to it."""
    name = url.partition("?")[0].rpartition("/")[2]
    async with connected(url.replace(f"/{name}", "/postgres")) as other:
        await other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        yield
        await other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
