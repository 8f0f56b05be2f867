"""``ramal serve`` before its database: it waits, says so, and goes on by itself."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from supervisor.alarms import Alarm, Alarms
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.outage import Outage, persist
from supervisor.database.pool import DatabaseError, HopelessDatabaseError, connected, pooled
from supervisor.metrics import Metrics
from tests.ports import free_ports
from tests.supervisor.serving import add_echo, calling, eventually, until_marked

SERVE = (sys.executable, "-c", "from supervisor.cli import main; main(['serve'])")


class Serving:
    """``ramal serve`` as a process, with what it logs and what its API answers."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.process = process
        self._base = f"http://127.0.0.1:{port}"
        self._log = log

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self._base + path) as response,
        ):
            return response.status, await response.text()

    async def until_ready(self, status: int) -> str:
        async def ask() -> tuple[int, str]:
            try:
                return await self.get("/readyz")
            except aiohttp.ClientConnectionError:
                return 0, ""

        return (await eventually(ask, lambda told: told[0] == status))[1]

    def logged(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in lines if line["event"] == event]

    async def until_logged(self, event: str, good: Callable[[dict[str, Any]], bool]) -> None:
        async def read() -> list[dict[str, Any]]:
            return self.logged(event)

        await eventually(read, lambda lines: any(map(good, lines)))


@asynccontextmanager
async def serving(folder: Path, url: str | None) -> AsyncIterator[Serving]:
    [port] = free_ports(1)
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "RAMAL_HTTP__PORT": str(port),
        "RAMAL_WORKERS": "1",
        "RAMAL_SPARE_WORKER": "false",
        "RAMAL_LOG__FORMAT": "json",
        "RAMAL_DRAIN_S": "1",
    }
    if url is not None:
        environment["DATABASE_URL"] = url
    log = folder / "log"
    with log.open("wb") as err, (folder / "out").open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *SERVE, env=environment, cwd=folder, stdout=out, stderr=err
        )
    try:
        yield Serving(process, port, log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server that a test starts when it wants to."""
    folder = tmp_path / "later"
    folder.mkdir()
    server = EmbeddedPostgres(folder, durable=False)
    yield server
    server.stop()


async def test_a_server_waits_for_its_database_and_goes_on_by_itself(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    async with serving(tmp_path, postgres.url()) as server:
        told = json.loads(await server.until_ready(503))
        assert told["detail"] == "Not ready: the database cannot be used (the log says why)."
        assert (await server.get("/healthz"))[0] == 200
        assert "ramal_alarms_total" in (await server.get("/metrics"))[1]
        assert (await server.get("/api/v1/extensions"))[0] == 503
        [waits] = server.logged("database.waited_for")
        assert waits["reason"].startswith("Nothing answers as PostgreSQL at a local socket/ramal;")
        assert waits["next_try_s"] > 0
        await asyncio.to_thread(postgres.start)
        await server.until_ready(200)
        assert len(server.logged("database.back")) == 1
        assert (tmp_path / "var/first-admin-key").read_text().startswith("ramal_")
        async with pooled(postgres.url()) as pool:
            row = await add_echo(pool)
            await until_marked(pool, "1001", "listening")
        async with calling(row.port) as caller:
            await caller.hears_itself()


async def test_sigterm_ends_a_server_that_waits(tmp_path: Path) -> None:
    async with serving(tmp_path, "postgresql://ramal@/ramal?host=/nonexistent") as server:
        await server.until_ready(503)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(server.process.wait(), 10) == 0
        assert time.monotonic() - began < 5


async def test_a_missing_role_and_then_a_missing_database_are_waited_for(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    await asyncio.to_thread(postgres.start)
    url = postgres.url("late").replace("://ramal@", "://doorman@")
    async with serving(tmp_path, url) as server, connected(postgres.url()) as admin:
        await server.until_logged(
            "database.waited_for",
            lambda line: "refuses the user or password; correct them" in line["reason"],
        )
        await admin.execute("CREATE ROLE doorman LOGIN SUPERUSER")
        await server.until_logged(
            "database.waited_for",
            lambda line: "has no such database; create it (createdb)" in line["reason"],
        )
        assert len(server.logged("database.waited_for")) == 2
        await admin.execute("CREATE DATABASE late")
        await server.until_ready(200)


async def test_the_embedded_database_is_started_by_the_server_itself(tmp_path: Path) -> None:
    async with serving(tmp_path, None) as server:
        await server.until_ready(200)
        assert server.logged("database.waited_for") == []


async def test_an_address_that_is_none_is_not_waited_for(tmp_path: Path) -> None:
    async with serving(tmp_path, "postgresql://u:hush@127.0.0.1:70000/d") as server:
        assert await asyncio.wait_for(server.process.wait(), 20) == 1
    said = (tmp_path / "log").read_text().splitlines()[-1]
    assert said.startswith("ramal: DATABASE_URL is not a PostgreSQL address; ")


async def test_an_outage_is_alarmed_if_it_lasts_and_so_is_its_end() -> None:
    heard = list[Alarm]()
    alarms = Alarms(Metrics())
    with alarms.heard_by(heard.append):
        short = Outage(alarms, alarm_after_s=60)
        short.away(OSError("gone"), 1.0)
        short.back()
        assert heard == []
        long = Outage(alarms, alarm_after_s=0)
        long.away(OSError("gone"), 1.0)
        assert long.reason is not None
        long.back()
    assert [(each.kind, each.over) for each in heard] == [
        ("database.away", False),
        ("database.away", True),
    ]
    assert long.reason is None


async def test_what_no_waiting_mends_is_raised_at_once() -> None:
    outage = Outage(Alarms(Metrics()))
    tries = [DatabaseError("away"), HopelessDatabaseError("too new"), DatabaseError("never tried")]

    async def fail() -> None:
        raise tries.pop(0)

    with pytest.raises(HopelessDatabaseError):
        await persist(fail, outage)
    assert len(tries) == 1
