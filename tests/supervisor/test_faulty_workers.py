"""Workers that crash, hang or eat memory, with calls that notice as little as possible."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from supervisor.alarms import Alarm
from supervisor.database.pool import Pool
from supervisor.server import Server, running_server
from supervisor.settings import Settings
from supervisor.workers.memory import memory_limit_bytes
from tests.supervisor import faults
from tests.supervisor.conftest import Ramal
from tests.supervisor.serving import (
    add_echo,
    calling,
    eventually,
    is_taken,
    until_marked,
)


@pytest.fixture
def faulty(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a server with one worker, some of whose extensions have a defect."""
    faults.arrange_faults(tmp_path, monkeypatch)
    return settings.model_copy(update={"workers": 1})


@contextlib.asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[tuple[Server, list[Alarm]]]:
    heard = list[Alarm]()
    async with running_server(settings) as server:
        with server.alarms.heard_by(heard.append):
            yield server, heard


def _kinds(heard: list[Alarm]) -> set[str]:
    return {alarm.kind for alarm in heard}


async def test_of_many_extensions_the_one_that_crashes_its_worker_is_parked(
    faulty: Settings, database: Pool, ramal: Ramal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.crew.FIRST_WAIT_S", 0.05)
    good = [await add_echo(database, f"10{n:02}") for n in range(3)]
    async with _serving(faulty) as (server, heard):
        for row in good:
            await until_marked(database, row.number, "listening")
        bad = await add_echo(database, faults.CRASHES_WHEN_OPENED)
        marked = await until_marked(database, bad.number, "failed", parked)
        assert "it ends its worker again and again" in (marked.status_reason or "")
        assert f"ramal extension set {bad.number} --enable" in (marked.status_reason or "")
        assert not await is_taken(bad.port)  # the dialplan's fallback answers
        for row in good:
            async with calling(row.port) as caller:
                await caller.hears_itself()
        assert {"worker.lost", "extension.parked"} <= _kinds(heard)
        listed = await asyncio.to_thread(ramal, "extension", "list")
        assert "it ends its worker again and again" in " ".join(listed[1].split())
        restarts = _restarts(server)
        await asyncio.to_thread(ramal, "extension", "set", bad.number, "--enable")
        await eventually(lambda: _restarts_now(server), lambda now: now > restarts)
        await until_marked(database, bad.number, "failed", parked)
        await database.execute(
            "UPDATE extensions SET number = '2000' WHERE number = $1", bad.number
        )
        await until_marked(database, "2000", "listening")
        async with calling(bad.port) as caller:
            await caller.hears_itself()


async def test_one_that_crashes_its_worker_does_not_keep_the_others_from_starting(
    faulty: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.crew.FIRST_WAIT_S", 0.05)
    bad = await add_echo(database, faults.CRASHES_WHEN_OPENED)
    good = [await add_echo(database, f"70{n:02}") for n in range(2)]
    async with _serving(faulty) as (server, _):
        started = asyncio.create_task(server.watch_start())
        await until_marked(database, bad.number, "failed", parked)
        for row in good:
            async with calling(row.port) as caller:
                await caller.hears_itself()
            await until_marked(database, row.number, "listening")
        assert not started.done()
        started.cancel()
        await asyncio.gather(started, return_exceptions=True)


def parked(reason: str | None) -> bool:
    return "is parked" in (reason or "")


def _restarts(server: Server) -> float:
    return server.registry.get_sample_value("ramal_worker_restarts_total") or 0.0


async def _restarts_now(server: Server) -> float:
    return _restarts(server)


async def test_an_extension_that_crashes_with_every_call_is_parked(
    faulty: Settings, database: Pool
) -> None:
    bad = await add_echo(database, faults.CRASHES_WHEN_CALLED, isolated=True)
    good = await add_echo(database, "1001")
    async with _serving(faulty) as (_, heard):
        for row in (bad, good):
            await until_marked(database, row.number, "listening")

        async def call_until_parked() -> bool:
            with contextlib.suppress(OSError, AssertionError):
                async with calling(bad.port) as caller:
                    await caller.hears_itself(limit_s=5)
            return "extension.parked" in _kinds(heard)

        await eventually(call_until_parked, bool)
        await until_marked(database, bad.number, "failed", parked)
        async with calling(good.port) as caller:
            await caller.hears_itself()


async def test_a_worker_with_too_much_memory_is_replaced_and_its_calls_go_on(
    faulty: Settings, database: Pool
) -> None:
    row = await add_echo(database, faults.EATS_MEMORY_WHEN_CALLED)
    limited = faulty.model_copy(update={"worker_memory_mb": 220, "drain_s": 30.0})
    async with _serving(limited) as (server, heard):
        await until_marked(database, row.number, "listening")
        [before] = server.crew.pids.values()
        async with calling(row.port) as caller:
            await caller.hears_itself()
            await eventually(lambda: _pids(server), lambda pids: bool(pids - {before}))
            await caller.hears_itself()
            async with calling(row.port) as another:
                await another.hears_itself()
            await caller.hears_itself()
        await eventually(lambda: _pids(server), lambda pids: before not in pids)
    [told] = [alarm for alarm in heard if alarm.kind == "worker.memory"]
    assert told.facts is not None
    assert told.facts["used_mb"] > told.facts["limit_mb"] >= 220


async def _pids(server: Server) -> set[int]:
    return set(server.crew.pids.values())


async def test_a_hung_worker_is_alarmed_and_replaced(
    faulty: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.messages.HEARTBEAT_LIMIT_S", 2.0)
    row = await add_echo(database)
    async with _serving(faulty) as (server, heard):
        await until_marked(database, "1001", "listening")
        [hung] = server.crew.pids.values()
        os.kill(hung, signal.SIGSTOP)
        async with calling(row.port) as caller:
            await caller.hears_itself(limit_s=30)
        assert "worker.hung" in _kinds(heard)
        assert hung not in server.crew.pids.values()


async def test_a_worker_that_is_killed_again_and_again_parks_nobody(
    faulty: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.crew.STEADY_S", 0.0)
    row = await add_echo(database)
    async with _serving(faulty) as (server, heard):
        await until_marked(database, "1001", "listening")
        for _ in range(4):
            async with calling(row.port) as caller:
                await caller.hears_itself(limit_s=30)
            [worker] = server.crew.pids.values()
            os.kill(worker, signal.SIGKILL)
            await eventually(lambda worker=worker: _pids(server), lambda p, w=worker: w not in p)  # type: ignore[misc]
        async with calling(row.port) as caller:
            await caller.hears_itself(limit_s=30)
    assert _kinds(heard) == {"worker.lost"}


def test_the_limit_of_memory_is_the_settings_or_half_of_what_there_is() -> None:
    assert memory_limit_bytes(100) == 100 * 2**20
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 2**24 < memory_limit_bytes(None) <= machine / 2
