"""Calls to a supervisor with real worker processes and a real database."""

import asyncio
import contextlib
from functools import partial

import pytest

from audiosocket.frames import Kind
from supervisor.database.pool import Pool
from supervisor.server import Server
from tests.supervisor.serving import (
    add_echo,
    calling,
    database_away,
    eventually,
    is_taken,
    until_marked,
)


async def test_calls_go_on_while_the_database_is_away_and_changes_are_followed_after(
    server: Server, database: Pool, database_url: str
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        async with database_away(database_url):
            await caller.hears_itself()
            async with calling(row.port) as another:
                await another.hears_itself()
        await database.execute("DELETE FROM extensions")
        await eventually(partial(is_taken, row.port), lambda taken: not taken)
        await caller.hears_itself()


async def test_a_call_that_is_over_is_answered_with_a_hangup(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        caller.press("#")
        assert Kind.HANGUP in await caller.until_the_end()
    async with calling(row.port, caller.call_id) as again:
        assert await again.until_the_end() == [Kind.HANGUP]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x01\x00",
        b"\x10\x01\x40" + bytes(320),
        b"\x01\x00\x10" + bytes(16) + b"\x77\x00\x01x",
    ],
    ids=["a port scanner", "half a header", "audio without a UUID", "an unknown kind"],
)
async def test_what_is_no_call_ends_and_running_calls_do_not_notice(
    server: Server, database: Pool, sent: bytes
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        reader, writer = await asyncio.open_connection("127.0.0.1", row.port)
        writer.write(sent)
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while await reader.read(4096):
                    pass
        writer.close()
        await caller.hears_itself()


async def test_nobody_can_join_a_leg_that_is_not_expected(server: Server, database: Pool) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.return_port) as intruder:
        assert await intruder.until_the_end() == [Kind.HANGUP]
