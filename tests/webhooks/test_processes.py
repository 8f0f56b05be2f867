"""Webhooks where processes die: a supervisor in mid-request, a database in mid-call."""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.journal import DatabaseJournal
from supervisor.database.migrate import migrate
from supervisor.database.pool import Pool, pooled
from supervisor.database.records import store_entries
from supervisor.database.spool import Spool
from supervisor.metrics import Metrics
from supervisor.server import running_server
from supervisor.settings import LogSettings, load_settings
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.serving import eventually, until_marked
from tests.webhooks.endpoints import Call, add_endpoint, add_place
from tests.webhooks.receivers import TO_LOOPBACK, a_courier, receiving

SERVE = (sys.executable, "-c", "from supervisor.cli import main; main(['serve'])")


async def test_a_real_call_is_told_in_order_while_it_goes_on(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    settings = load_settings(
        database_url=SecretStr(database_url),
        workers=1,
        log=LogSettings(format="json"),
        outgoing=TO_LOOPBACK,
    )
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        await add_extension(connection, "Edifício Ipê", NewExtension("1001", port, return_port))
    call_id = uuid.uuid4()
    async with receiving() as receiver, running_server(settings):
        await add_endpoint(database, receiver.url)
        await until_marked(database, "1001", "listening")
        caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())
        came = await receiver.until(2)
        assert [each.type for each in came[:2]] == ["call.started", "turn"]
        assert came[0].message["data"]["extension"] == "1001"
        assert came[1].message["data"]["speaker"] == "agent"
        await caller.playback.enqueue(say("sou da amazon, tenho uma entrega").tobytes()).done
        await eventually(
            lambda: _spoken(receiver.came), lambda speakers: "visitor" in speakers, limit_s=30
        )
        await caller.hang_up()
        await eventually(
            lambda: _types(receiver.came), lambda types: types[-1] == "call.ended", limit_s=30
        )
    told = [each.message for each in receiver.came]
    assert {each["call_id"] for each in told} == {str(call_id)}
    sequences = [each["sequence"] for each in told]
    assert sequences == sorted(set(sequences))


async def _spoken(came: list) -> list[str]:  # type: ignore[type-arg]
    return [each.message["data"]["speaker"] for each in came if each.type == "turn"]


async def _types(came: list) -> list[str]:  # type: ignore[type-arg]
    return [each.type for each in came]


@asynccontextmanager
async def _serving(folder: Path, url: str) -> AsyncIterator["asyncio.subprocess.Process"]:
    """``ramal serve``, killed at the end."""
    environment: Mapping[str, str] = {
        **os.environ,
        "DATABASE_URL": url,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "RAMAL_WORKERS": "1",
        "RAMAL_SPARE_WORKER": "false",
        "RAMAL_OUTGOING__ALLOW_HTTP": "true",
        "RAMAL_OUTGOING__ALLOW_NETWORKS": json.dumps(["127.0.0.0/8"]),
    }
    serve = await asyncio.create_subprocess_exec(*SERVE, env=environment, cwd=folder)
    try:
        yield serve
    finally:
        if serve.returncode is None:
            serve.kill()
        await serve.wait()


async def test_a_supervisor_killed_in_mid_delivery_loses_none_and_its_successor_goes_on(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    held = asyncio.Event()

    async def hold(_: web.Request) -> web.StreamResponse:
        await held.wait()
        return web.Response()

    place = await add_place(database)
    calls = [Call(place) for _ in range(6)]
    async with receiving() as receiver:
        endpoint = await add_endpoint(database, receiver.url)
        receiver.answer = hold
        async with _serving(tmp_path, database_url) as serve:
            async with database.acquire() as connection:
                for call in calls:
                    await store_entries(connection, [call.started(), call.turn(), call.ended()])
            await receiver.until(1, limit_s=60)
            serve.kill()
            await serve.wait()
        cut_off = {each.message["id"] for each in receiver.came}
        receiver.came.clear()
        receiver.answer = None
        held.set()
        async with _serving(tmp_path, database_url):
            await eventually(
                lambda: database.fetchval(
                    "SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'"
                    " AND endpoint_id = $1",
                    endpoint,
                ),
                lambda delivered: delivered == 18,
                limit_s=60,
            )
    told = [each.message for each in receiver.came]
    assert len(told) == len({each["id"] for each in told}) == 18
    assert cut_off <= {each["id"] for each in told}, "what was cut off comes with the same id"
    for call in calls:
        own = [each["sequence"] for each in told if each["call_id"] == str(call.id)]
        assert own == [1, 2, 3]


async def test_what_a_call_wrote_while_the_database_was_away_is_told_once_each(
    tmp_path: Path,
) -> None:
    server = EmbeddedPostgres(tmp_path / "data", durable=False)
    try:
        url = await asyncio.to_thread(server.start)
        await migrate(url)
        async with pooled(url) as pool, receiving() as receiver, a_courier(url):
            await add_endpoint(pool, receiver.url)
            call = Call(await add_place(pool))
            metrics = Metrics()
            journal = DatabaseJournal(pool, metrics, spool=Spool(tmp_path / "spool"))
            async with journal.delivering():
                journal.write(call.started())
                await receiver.until(1)
                await eventually(lambda: _jobs(pool), lambda jobs: jobs == 0)
                await asyncio.to_thread(server.stop)
                for n in range(50):
                    journal.write(call.turn(str(n)))
                journal.write(call.ended())
                await eventually(lambda: _spooled(metrics), lambda count: count == 51)
                await asyncio.to_thread(server.start)
                await asyncio.wait_for(journal.drained(), 30)
                await receiver.until(52, limit_s=60)
            await eventually(lambda: _jobs(pool), lambda jobs: jobs == 0)
        assert [each.message["sequence"] for each in receiver.came] == list(range(1, 53))
    finally:
        await asyncio.to_thread(server.stop)


async def _spooled(metrics: Metrics) -> float:
    return metrics.registry.get_sample_value("ramal_journal_spooled_total") or 0.0


async def _jobs(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM pgqueuer")
    return count
