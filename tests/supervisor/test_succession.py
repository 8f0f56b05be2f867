"""A server takes the place of another one: real processes, with calls running all the while."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from audiosocket.frames import Kind
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import list_extensions
from supervisor.database.pool import Pool, pooled
from tests.ports import free_ports
from tests.supervisor import faults
from tests.supervisor.serving import (
    Caller,
    add_echo,
    calling,
    eventually,
    is_taken,
    listens,
    until_marked,
)
from tests.supervisor.terminals import Servers, environment, family, first_key, replace


class Prober:
    """Connects each 20 ms, and calls now and then: nobody may be refused."""

    def __init__(self) -> None:
        self.refused = 0
        self.tried = 0
        self.called = 0

    async def count(self) -> int:
        """Calls so far."""
        return self.called


@asynccontextmanager
async def _probing(port: int) -> AsyncIterator[Prober]:
    prober = Prober()

    async def connect() -> None:
        while True:
            prober.tried += 1
            prober.refused += not await asyncio.to_thread(listens, port)
            await asyncio.sleep(0.02)

    async def call() -> None:
        while True:
            async with calling(port) as caller:
                await caller.hears_itself()
            prober.called += 1
            await asyncio.sleep(0.1)

    tasks = [asyncio.create_task(connect()), asyncio.create_task(call())]
    try:
        yield prober
        for task in tasks:
            assert not task.done(), await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_new_server_takes_all_new_calls_and_the_old_one_finishes_its_own(
    servers: Servers, database: Pool
) -> None:
    row = await add_echo(database)
    old = await servers.start()
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller, _probing(row.port) as prober:
        await caller.hears_itself()
        new = await replace(servers, old)
        assert f"process {old.process.pid} finishes" in new.printed
        await caller.hears_itself()
        assert old.process.returncode is None
        async with calling(row.port) as another:
            await another.hears_itself()
            assert _holder(another, row.port) in family(new)
        assert _holder(caller, row.port) in family(old)
        before = prober.called
        await eventually(prober.count, lambda now: now > before + 3)
        caller.press("#")
        await caller.until_the_end()
        assert await old.ends() == 0
    assert prober.refused == 0
    assert prober.tried > 20
    assert (await until_marked(database, "1001", "listening")).status_reason is None
    assert "All calls of process" in old.printed
    await new.says("has finished its calls")


async def test_a_call_that_outlasts_the_old_server_goes_on_in_the_new_one(
    servers: Servers, database: Pool
) -> None:
    row = await add_echo(database)
    old = await servers.start(RAMAL_DRAIN_S="1")
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        await replace(servers, old)
        kinds = await caller.until_the_end()
        assert Kind.HANGUP not in kinds, "the dialplan would not connect the caller again"
        async with calling(row.port, caller.call_id) as again:
            await again.hears_itself()
    assert await old.ends() == 0


async def test_the_api_answers_all_the_while_and_steers_calls_of_the_old_server(
    servers: Servers, database: Pool
) -> None:
    row, [http] = await add_echo(database), free_ports(1)
    settings = {"RAMAL_HTTP__PORT": str(http), "RAMAL_HTTP__REQUESTS_PER_MINUTE": "1000000"}
    old = await servers.start(**settings)
    await old.says("; keep it elsewhere")
    key = first_key(old.printed)
    await until_marked(database, "1001", "listening")
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{http}", headers=headers) as api,
        calling(row.port) as caller,
    ):
        await caller.hears_itself()
        new = await servers.start("--replace", **settings)
        asked = 0
        while "takes all new calls" not in new.printed:
            async with api.get("/readyz", headers={"Connection": "close"}) as answer:
                assert answer.status == 200
            asked += 1
        assert asked > 2
        await old.says("takes all new calls")

        async def figures() -> str:
            async with api.get("/metrics") as answer:
                return await answer.text()

        of_old = f'ramal_calls_running{{worker="worker-1 of {old.process.pid}"}} 1.0'
        await eventually(figures, lambda text: of_old in text)
        await database.execute(
            "INSERT INTO calls (id, started_at) VALUES ($1, now())", caller.call_id
        )
        async with api.post(f"/api/v1/calls/{caller.call_id}/hangup") as answer:
            assert answer.status in (200, 202, 204), await answer.text()
        await caller.until_the_end()
        assert await old.ends() == 0


async def test_the_embedded_database_outlives_the_server_that_started_it(tmp_path: Path) -> None:
    variables = environment(RAMAL_DATA_DIR=str(tmp_path / "var"))
    variables.pop("DATABASE_URL", None)
    servers = Servers(tmp_path, variables)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(servers.close)
        old = await servers.start()
        await old.says("; keep it elsewhere")
        async with pooled(EmbeddedPostgres(tmp_path / "var").url()) as pool:
            row = await add_echo(pool)
            await until_marked(pool, "1001", "listening")
            postgres = _postmaster(tmp_path)
            async with calling(row.port) as caller:
                await caller.hears_itself()
                new = await replace(servers, old)
                await caller.hears_itself()
            assert await old.ends() == 0
            assert len(await list_extensions(pool)) == 1
            assert _postmaster(tmp_path) == postgres
        new.process.terminate()
        assert await new.ends() == 0
        assert not _runs(postgres)


async def test_a_successor_that_does_not_come_up_changes_nothing(
    servers: Servers, database: Pool
) -> None:
    row = await add_echo(database)
    old = await servers.start()
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller, _probing(row.port) as prober:
        await caller.hears_itself()
        bad = await servers.start("--replace", RAMAL_HTTP__PORT="1", RAMAL_HTTP__HOST="192.0.2.1")
        assert await bad.ends() == 1
        assert "ramal: The API cannot listen on 192.0.2.1:1" in bad.printed
        await old.says("did not come up; this one goes on as before")
        other = await add_echo(database, "1002")
        await until_marked(database, "1002", "listening")
        async with calling(other.port) as another:
            await another.hears_itself()
        await caller.hears_itself()
        assert (await until_marked(database, "1001", "listening")).status_reason is None
    assert prober.refused == 0


async def test_a_successor_that_could_not_answer_an_extension_leaves_the_place(
    servers: Servers, database: Pool
) -> None:
    row = await add_echo(database)
    old = await servers.start()
    await until_marked(database, "1001", "listening")
    await database.execute("UPDATE extensions SET flow = 'doorman', voice = 'nonsense'")
    await until_marked(database, "1001", "failed")
    bad = await servers.start("--replace")
    assert await bad.ends() == 1
    assert "Extension 1001 is answered by the server that runs" in bad.printed
    await old.says("goes on as before")
    async with calling(row.port) as caller:
        await caller.hears_itself()


async def test_replacements_of_replacements_work(servers: Servers, database: Pool) -> None:
    row = await add_echo(database)
    first = await servers.start()
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        second = await replace(servers, first)
        async with calling(row.port) as another:
            await another.hears_itself()
            third = await replace(servers, second)
            await another.hears_itself()
            await caller.hears_itself()
    assert [await first.ends(), await second.ends()] == [0, 0]
    async with calling(row.port) as caller:
        await caller.hears_itself()
    third.process.terminate()
    assert await third.ends() == 0
    assert not listens(row.port)


async def test_replace_just_starts_where_no_server_runs(servers: Servers, database: Pool) -> None:
    row = await add_echo(database)
    await servers.start("--replace")
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()


async def test_sigusr2_starts_a_successor_and_systemd_is_told_of_it(
    servers: Servers, database: Pool, tmp_path: Path
) -> None:
    row = await add_echo(database)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        old = await servers.start(NOTIFY_SOCKET=str(tmp_path / "notify"))
        told = (await asyncio.to_thread(manager.recv, 200)).decode()
        assert told == f"READY=1\nMAINPID={old.process.pid}"
        await until_marked(database, "1001", "listening")
        async with calling(row.port) as caller:
            await caller.hears_itself()
            old.process.send_signal(signal.SIGUSR2)
            told = (await asyncio.to_thread(manager.recv, 200)).decode()
            new = psutil.Process(int(told.rpartition("MAINPID=")[2]))
            assert new.pid != old.process.pid
            await caller.hears_itself()
        assert await old.ends() == 0
    async with calling(row.port) as caller:
        await caller.hears_itself()
    new.terminate()
    await asyncio.to_thread(new.wait, 20)


async def test_a_killed_server_leaves_nothing_that_hinders_the_next(
    servers: Servers, database: Pool
) -> None:
    row = await add_echo(database)
    first = await servers.start()
    await until_marked(database, "1001", "listening")
    workers = psutil.Process(first.process.pid).children()
    async with calling(row.port) as caller:
        await caller.hears_itself()
        first.process.kill()
        await first.process.wait()
        await database.execute("UPDATE extensions SET status = 'new'")
        await servers.start()
        marked = await until_marked(database, "1001", "listening")
        assert marked.status_reason is None
        await caller.hears_itself()
        assert any(worker.is_running() for worker in workers), "its calls are finished"
        async with calling(row.port) as another:
            await another.hears_itself()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, timeout=20)
    assert gone and not alive


async def test_a_worker_that_hangs_and_has_lost_its_server_does_not_keep_its_ports(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = faults.arrange_faults(tmp_path, monkeypatch)
    row = await add_echo(database, faults.HANGS_WHEN_CALLED)
    async with AsyncExitStack() as stack:
        servers = Servers(tmp_path, environment(DATABASE_URL=database_url, PYTHONPATH=path))
        stack.push_async_callback(servers.close)
        server = await servers.start()
        await until_marked(database, row.number, "listening")
        workers = psutil.Process(server.process.pid).children()
        async with calling(row.port) as caller:
            await eventually(lambda: _is_taken_up(caller, row.port), bool)
            server.process.kill()
            await server.process.wait()
            assert await is_taken(row.port), "nobody accepts, and nobody is refused"
            gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, timeout=30)
        assert gone and not alive
        assert not await is_taken(row.port)
        assert "Current thread" in server.printed and "sitecustomize.py" in server.printed


async def _is_taken_up(caller: Caller, port: int) -> bool:
    return _holder(caller, port) is not None


def _holder(caller: Caller, port: int) -> int | None:
    """The process that has the other end of a call."""
    for each in psutil.net_connections(kind="tcp"):
        if each.raddr and (each.laddr.port, each.raddr.port) == (port, caller.port):
            return each.pid
    return None


def _runs(pid: int) -> bool:
    """Whether a process has not ended; one that nobody waited for is a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _postmaster(folder: Path) -> int:
    lock = folder / "var" / "postgres" / "data" / "postmaster.pid"
    return int(lock.read_text().split("\n", 1)[0])
