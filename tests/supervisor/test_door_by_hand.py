"""An operator opens a door over HTTP in a call that goes on: from the key to the lock, and back."""

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.api.hosting import hosted
from supervisor.database.api_keys import create_key
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.outgoing.addresses import AddressGuard
from supervisor.server import running_server
from supervisor.settings import HttpSettings, OutgoingSettings, Settings
from tests.api.serving import Client, cheap_identity
from tests.ports import free_ports
from tests.supervisor.serving import eventually, until_marked

LOOPBACK = OutgoingSettings(allow_networks=(ip_network("127.0.0.0/8"),), allow_http=True)


@dataclass
class Lock:
    """What opens the door: an HTTP server of the condominium's."""

    status: int = 200
    orders: list[Mapping[str, Any]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.orders.append(await request.json())
        return web.Response(status=self.status)


@pytest.fixture
async def lock() -> AsyncIterator[Lock]:
    lock = Lock()
    app = web.Application()
    app.router.add_post("/open", lock.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    lock.url = f"http://127.0.0.1:{runner.addresses[0][1]}/open"
    yield lock
    await runner.cleanup()


@asynccontextmanager
async def api_of(settings: Settings, database: Pool, database_url: str) -> AsyncIterator[Client]:
    """An admin's client of a server that runs, with real workers."""
    async with (
        running_server(settings) as server,
        hosted(
            HttpSettings(port=0), cheap_identity(), guard=AddressGuard.of(settings.outgoing)
        ) as host,
        host.serving(database_url, server),
        aiohttp.ClientSession() as session,
    ):
        async with database.acquire() as connection:
            key = await create_key(connection, "front desk", "admin")
        await until_marked(database, "1001", "listening")
        yield Client(session, f"http://127.0.0.1:{host.port}", key)


async def told(database: Pool, call_id: uuid.UUID, kind: str) -> list[Any]:
    rows = await database.fetch(
        "SELECT data FROM events WHERE call_id = $1 AND kind = $2 ORDER BY sequence", call_id, kind
    )
    return [row["data"] for row in rows]


@asynccontextmanager
async def visitor(database: Pool, port: int) -> AsyncIterator[uuid.UUID]:
    """Somebody who has called and was greeted."""
    call_id = uuid.uuid4()
    caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())
    await eventually(lambda: told(database, call_id, "speaking"), bool)
    yield call_id
    await caller.hang_up()


async def test_a_door_that_was_just_set_up_is_opened_by_hand_and_the_visitor_hears_it(
    settings: Settings, database: Pool, database_url: str, lock: Lock
) -> None:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Aurora", NewExtension("1001", port, return_port)
        )
    settings = settings.model_copy(update={"outgoing": LOOPBACK})
    async with api_of(settings, database, database_url) as client:
        async with visitor(database, port) as early:
            how = {"driver": "webhook", "url": lock.url}
            await client.made("doors", condominium_id=str(row.condominium_id), name="gate", how=how)
            refused = await client.post(f"calls/{early}/open", {})
            assert (refused.status, "no door is set up" in refused.body["detail"]) == (409, True)

        async def opened() -> tuple[uuid.UUID, int]:
            async with visitor(database, port) as call_id:
                reply = await client.post(f"calls/{call_id}/open", {})
                if reply.status == 200:
                    await eventually(
                        lambda: told(database, call_id, "speaking"), lambda said: len(said) > 1
                    )
                return call_id, reply.status

        call_id, _ = await eventually(opened, lambda one: one[1] == 200)
        [word] = await told(database, call_id, "authorisation")
        [order] = [each for each in lock.orders if each["call_id"] == str(call_id)]
        assert (word["by"], word["key"], word["decision"]) == ("operator", "front desk", "yes")
        assert order["authorisation"] == word["id"]
        said = [each["text"] for each in await told(database, call_id, "speaking")]
        assert "aberto" in said[1]
        [event] = await told(database, call_id, "door.opened")
        assert (event["door"], event["authorisation"]) == ("gate", word["id"])

        lock.status = 404
        async with visitor(database, port) as call_id:
            failed = await client.post(f"calls/{call_id}/open", {"door": "gate"})
        assert (failed.status, "status 404" in failed.body["detail"]) == (409, True)
        [event] = await eventually(lambda: told(database, call_id, "door.failed"), bool)
        assert "404" in json.dumps(event)
