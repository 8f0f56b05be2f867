"""Workers that die, hang or leave, and the extensions that live in them."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import psutil
import pytest

from audiosocket.frames import Kind
from supervisor.database.pool import Pool
from supervisor.server import Server, running_server
from supervisor.settings import Settings
from tests.supervisor.serving import (
    add_echo,
    calling,
    eventually,
    is_taken,
    listens,
    until_marked,
)


async def test_a_killed_worker_is_replaced_and_no_connection_is_refused(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        [victim] = server.crew.pids.values()
        os.kill(victim, signal.SIGKILL)
        refused = 0
        for _ in range(20):
            refused += not listens(row.port)
        async with calling(row.port, caller.call_id) as again:
            await again.hears_itself()
    assert refused == 0
    assert victim not in server.crew.pids.values()


async def test_a_spare_worker_takes_the_place_of_a_dead_one(
    settings: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.spare.SPARE_AFTER_S", 0.0)
    row = await add_echo(database)
    async with running_server(settings, spare=True) as server:
        await until_marked(database, "1001", "listening")
        [victim] = server.crew.pids.values()
        [spare] = await eventually(_idle_children(victim), lambda pids: len(pids) == 1)
        os.kill(victim, signal.SIGKILL)
        async with calling(row.port) as caller:
            await caller.hears_itself()
        assert list(server.crew.pids.values()) == [spare]
    assert not any(map(_is_worker, psutil.Process().children()))


async def test_the_next_spare_starts_as_soon_as_one_was_needed(
    settings: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.spare.SPARE_AFTER_S", 60.0)
    row = await add_echo(database)
    async with running_server(settings, spare=True) as server:
        await until_marked(database, "1001", "listening")
        for _ in range(2):  # the second falls while the next spare still starts
            async with calling(row.port) as caller:
                await caller.hears_itself()
            [victim] = server.crew.pids.values()
            os.kill(victim, signal.SIGKILL)
            await eventually(lambda: _pids(server), lambda pids, dead=victim: dead not in pids)  # type: ignore[misc]
        async with calling(row.port) as caller:
            await caller.hears_itself()
        [worker] = server.crew.pids.values()
        await eventually(_idle_children(worker), lambda pids: len(pids) == 1)


async def test_a_spare_that_dies_is_replaced(
    settings: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.spare.SPARE_AFTER_S", 0.0)
    monkeypatch.setattr("supervisor.workers.spare.AGAIN_AFTER_S", 0.1)
    await add_echo(database)
    async with running_server(settings, spare=True) as server:
        await until_marked(database, "1001", "listening")
        [worker] = server.crew.pids.values()
        [spare] = await eventually(_idle_children(worker), lambda pids: len(pids) == 1)
        os.kill(spare, signal.SIGKILL)
        await eventually(_idle_children(worker), lambda pids: pids != [] and spare not in pids)


async def _pids(server: Server) -> set[int]:
    return set(server.crew.pids.values())


async def test_other_workers_do_not_notice_a_death(server: Server, database: Pool) -> None:
    first = await add_echo(database, "1001")
    second = await add_echo(database, "1002", isolated=True)
    for number in ("1001", "1002"):
        await until_marked(database, number, "listening")
    async with calling(second.port) as caller:
        await caller.hears_itself()
        survivor = server.crew.worker_of(second.id)
        assert survivor is not None
        victim = server.crew.worker_of(first.id)
        assert victim is not None
        before = server.crew.pids
        os.kill(before[victim], signal.SIGKILL)
        async with calling(first.port) as again:
            await again.hears_itself()
        await caller.hears_itself()
        assert server.crew.pids[survivor] == before[survivor]


async def test_extensions_share_workers_and_an_isolated_one_has_its_own(
    server: Server, database: Pool
) -> None:
    shared = [await add_echo(database, f"10{n:02}") for n in range(4)]
    alone = await add_echo(database, "2000", isolated=True)
    for row in (*shared, alone):
        await until_marked(database, row.number, "listening")
    workers = {server.crew.worker_of(row.id) for row in shared}
    assert len(workers) == 2
    assert server.crew.worker_of(alone.id) not in workers


async def test_a_busy_worker_gives_an_idle_extension_away_and_gets_no_new_one(
    server: Server, database: Pool
) -> None:
    rows = [await add_echo(database, f"10{n:02}") for n in range(4)]
    for row in rows:
        await until_marked(database, row.number, "listening")
    busy = rows[0]
    crowded = server.crew.worker_of(busy.id)
    [neighbour] = [row for row in rows[1:] if server.crew.worker_of(row.id) == crowded]
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(calling(busy.port)) for _ in range(6)]
        for caller in callers:
            await caller.hears_itself()

        async def gave_it_away() -> bool:
            assert await is_taken(neighbour.port)
            return server.crew.worker_of(neighbour.id) != crowded

        await eventually(gave_it_away, bool)
        async with calling(neighbour.port) as caller:
            await caller.hears_itself()
        await eventually(lambda: _acceptors(neighbour.port), lambda workers: len(workers) == 1)
        another = await add_echo(database, "1004")
        await until_marked(database, "1004", "listening")
        assert server.crew.worker_of(another.id) != crowded
        for caller in callers:
            await caller.hears_itself()
        assert server.crew.worker_of(busy.id) == crowded
    for row in rows:
        assert (await until_marked(database, row.number, "listening")).status_reason is None


async def _acceptors(port: int) -> set[int]:
    """The workers that have a port open."""
    return {
        child.pid
        for child in psutil.Process().children()
        for each in child.net_connections(kind="tcp")
        if each.status == "LISTEN" and each.laddr.port == port
    }


async def test_a_call_that_outlasts_the_drain_is_ended(settings: Settings, database: Pool) -> None:
    row = await add_echo(database)
    async with running_server(settings) as server:
        await until_marked(database, "1001", "listening")
        async with calling(row.port) as caller:
            await caller.hears_itself()
            draining = asyncio.create_task(server.crew.drain(1.0))
            assert Kind.HANGUP in await caller.until_the_end()
            await asyncio.wait_for(draining, 20)
        assert server.crew.pids == {}


def _idle_children(worker: int) -> Callable[[], Awaitable[list[int]]]:
    async def pids() -> list[int]:
        children = psutil.Process().children()
        return [child.pid for child in children if child.pid != worker and _is_worker(child)]

    return pids


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "supervisor.worker" in process.cmdline()
    except psutil.NoSuchProcess:  # it ended since the list was made
        return False
