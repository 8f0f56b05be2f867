"""Extensions that come and go, and workers that die, while calls run: nothing is lost or left."""

import asyncio
import os
import signal
import struct
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest

from audiosocket.frames import FrameDecoder, Kind, encode_frame
from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import Pool
from supervisor.server import Server
from tests.supervisor.serving import CONDOMINIUM, add_echo, calling, eventually, until_marked

FRAME_S = 0.02


class SteadyCaller:
    """Counts into the line, one number per frame, and checks that every number comes back once,
    in order: a frame that is lost, doubled or swapped shows."""

    def __init__(self) -> None:
        self.said = 0
        self.heard: list[int] = []
        self.longest_silence_s = 0.0

    @classmethod
    @asynccontextmanager
    async def on(cls, port: int) -> "AsyncIterator[SteadyCaller]":
        caller = cls()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(encode_frame(Kind.UUID, os.urandom(16)))
        tasks = [
            asyncio.create_task(caller._say(writer)),
            asyncio.create_task(caller._hear(reader)),
        ]
        try:
            yield caller
            assert not any(task.done() for task in tasks), "the call ended"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            writer.close()

    async def everything_back(self) -> None:
        """Wait until what was said by now has come back."""
        target = self.said

        async def last() -> int:
            return self.heard[-1] if self.heard else 0

        await eventually(last, lambda number: number >= target)

    def check(self) -> None:
        """Every number once and in order, from the first that came back on."""
        first = self.heard[0]
        assert self.heard == list(range(first, first + len(self.heard)))

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        began = time.monotonic()
        while True:
            self.said += 1
            writer.write(encode_frame(Kind.SLIN, struct.pack("<h", self.said) * 160))
            await asyncio.sleep(max(0.0, began + self.said * FRAME_S - time.monotonic()))

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        decoder, last = FrameDecoder(), time.monotonic()
        while data := await reader.read(4096):
            self.longest_silence_s = max(self.longest_silence_s, time.monotonic() - last)
            last = time.monotonic()
            frames = [frame for frame in decoder.feed(data) if frame.kind is Kind.SLIN]
            numbers = [struct.unpack_from("<h", frame.payload)[0] for frame in frames]
            self.heard += [number for number in numbers if number]


async def test_the_calls_of_other_workers_lose_no_frame_when_one_is_killed(
    server: Server, database: Pool
) -> None:
    first = await add_echo(database, "1001")
    second = await add_echo(database, "1002")
    for number in ("1001", "1002"):
        await until_marked(database, number, "listening")
    victim = server.crew.pids[server.crew.worker_of(first.id) or ""]
    assert server.crew.worker_of(first.id) != server.crew.worker_of(second.id)
    async with AsyncExitStack() as stack:
        doomed = [await stack.enter_async_context(calling(first.port)) for _ in range(5)]
        others = [await stack.enter_async_context(SteadyCaller.on(second.port)) for _ in range(5)]
        for caller in doomed:
            await caller.hears_itself()
        for other in others:
            await other.everything_back()
        os.kill(victim, signal.SIGKILL)
        for caller in doomed:
            assert Kind.HANGUP not in await caller.until_the_end()
        for caller in doomed:
            async with calling(first.port, caller.call_id) as again:
                await again.hears_itself()
        for other in others:
            await other.everything_back()
            other.check()
            assert len(other.heard) > 20


async def _extensions(database: Pool, numbers: range, first_port: int) -> None:
    """Insert rows in one statement, as an import does."""
    async with database.acquire() as connection:
        condominium = await find_or_create_condominium(connection, CONDOMINIUM)
        await connection.execute(
            """INSERT INTO extensions (number, condominium_id, flow, port, return_port)
               SELECT n::text, $1, 'echo', $2 + 2 * (n - $3), $2 + 2 * (n - $3) + 1
               FROM generate_series($3::int, $4::int) AS n""",
            condominium,
            first_port,
            numbers.start,
            numbers.stop - 1,
        )


async def _listening(database: Pool) -> int:
    count = await database.fetchval("SELECT count(*) FROM extensions WHERE status = 'listening'")
    return int(count)


def _held() -> dict[str, int]:
    """What this supervisor and its workers hold."""
    supervisor = psutil.Process()
    workers = [each for each in supervisor.children() if "supervisor.worker" in each.cmdline()]
    family = [supervisor, *workers]
    return {
        "processes": len(family),
        "descriptors": sum(each.num_fds() for each in family),
        "threads": sum(each.num_threads() for each in family),
        "listening": sum(
            connection.status == psutil.CONN_LISTEN
            for each in family
            for connection in each.net_connections(kind="tcp")
        ),
    }


@pytest.mark.slow
async def test_nothing_is_left_of_hundreds_of_extensions_that_come_and_go_while_calls_run(
    server: Server, database: Pool
) -> None:
    rows = [await add_echo(database, number) for number in ("1001", "1002")]
    for row in rows:
        await until_marked(database, row.number, "listening")

    async def held() -> dict[str, int]:
        tasks = len(asyncio.all_tasks())
        return {**await asyncio.to_thread(_held), "tasks": tasks}

    async with AsyncExitStack() as stack:
        steady = [await stack.enter_async_context(SteadyCaller.on(row.port)) for row in rows]
        for caller in steady:
            await caller.everything_back()
        await _come_and_go(database, range(3000, 3010))  # what is made once is there from now on
        before = await held()
        for _ in range(3):
            await _come_and_go(database, range(2000, 2100))
        for caller in steady:
            await caller.everything_back()
            caller.check()
        await eventually(held, lambda now: all(now[key] <= before[key] for key in before))


async def _come_and_go(database: Pool, numbers: range) -> None:
    await _extensions(database, numbers, first_port=21_000)
    await eventually(lambda: _listening(database), lambda count: count == 2 + len(numbers))
    async with calling(21_000) as caller:
        await caller.hears_itself()
    await database.execute("DELETE FROM extensions WHERE port >= 21000 AND port < 22000")
    await eventually(_still_bound, lambda bound: not bound)


async def _still_bound() -> list[int]:
    """Ports of ours that any process listens on: proc(5), /proc/net/tcp, state 0A."""
    table = await asyncio.to_thread(Path("/proc/net/tcp").read_text)
    lines = [line.split() for line in table.splitlines()[1:]]
    listening = [int(line[1].rpartition(":")[2], 16) for line in lines if line[3] == "0A"]
    return sorted(port for port in listening if 21_000 <= port < 22_000)
