"""A whole server for the dashboard: real workers, real calls, people who log in."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import aiohttp
from playwright.async_api import Page, expect
from pydantic import SecretStr

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from conversation.journal import Entry
from supervisor.api.hosting import hosted
from supervisor.database.api_keys import Role
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.database.records import store_entries
from supervisor.server import Server, running_server
from supervisor.settings import HttpSettings, LogSettings, load_settings
from tests.api.people import PASSWORD, add_person
from tests.api.serving import Api, NoCalls, cheap_identity
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.serving import until_marked

CONDOMINIUM = "Residencial Ipê"
WORDS = "entrega da amazon para o apartamento quinhentos e um"
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'


@dataclass(slots=True)
class Lobby:
    """A condominium with two extensions: 1001 answers, 1002 has a setting that is none. Its door
    needs an Asterisk, which is not there."""

    api: Api
    server: Server
    condominium: str
    port: int

    async def call(self, call_id: uuid.UUID) -> Caller:
        """A visitor on the line."""
        return await Caller.connect("127.0.0.1", self.port, call_id, clock=MediaClock())

    async def record(self, *told: tuple[str, dict[str, Any]]) -> uuid.UUID:
        """A call as a worker would write it, of these events."""
        call_id = uuid.uuid4()
        begun = ("call.started", {"condominium_id": self.condominium, "caller": "9001"})
        entries = [
            Entry(call_id, place, datetime.now(UTC), kind, data)
            for place, (kind, data) in enumerate((begun, *told), start=1)
        ]
        async with self.api.database.acquire() as connection:
            await store_entries(connection, entries)
        return call_id

    async def goes_on(self, call_id: uuid.UUID, sequence: int, told: tuple[str, Any]) -> None:
        """One more event of such a call."""
        async with self.api.database.acquire() as connection:
            await store_entries(connection, [Entry(call_id, sequence, datetime.now(UTC), *told)])


async def speak(caller: Caller, words: str = WORDS) -> None:
    """Have the visitor say something; returns when it is said."""
    await caller.playback.enqueue(say(words).tobytes()).done


async def log_in(api: Api, page: Page, role: Role, then: str = "") -> None:
    """... as somebody new of that role, and go on to a page."""
    await add_person(api, f"{role}@alfa.example", role)
    await page.goto(f"{api.base}/{then}")
    await page.get_by_label("Usuário").fill(f"{role}@alfa.example")
    await page.get_by_label("Senha").fill(PASSWORD)
    await page.get_by_role("button", name="Entrar", exact=True).click()
    await expect(page.get_by_role("navigation")).to_be_visible()


async def expected(database: Pool, name: str, **more: Any) -> None:
    """Somebody on the list of a unit, until tomorrow."""
    columns = {"name": name, "made_by": "a test", **more}
    columns.setdefault("ends_at", datetime.now(UTC) + timedelta(days=1))
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await database.execute(
        f"INSERT INTO expected_visitors (condominium_id, unit_id, {', '.join(columns)})"
        f" SELECT condominium_id, id, {places} FROM units ORDER BY block LIMIT 1",
        *columns.values(),
    )


@asynccontextmanager
async def lobby(database_url: str, database: Pool) -> AsyncIterator[Lobby]:
    """Everything up, in the working directory."""
    settings = load_settings(
        database_url=SecretStr(database_url), workers=1, log=LogSettings(format="json")
    )
    async with (
        hosted(HttpSettings(port=0, requests_per_minute_per_key=100_000), cheap_identity()) as host,
        running_server(settings) as server,
        host.serving(database_url, server),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as session,
    ):
        base = f"http://127.0.0.1:{host.port}"
        api = Api(base, session, database, cast(NoCalls, server), host.trail)
        condominium, port = await _furnish(database)
        await asyncio.gather(
            until_marked(database, "1001", "listening"), until_marked(database, "1002", "failed")
        )
        yield Lobby(api, server, condominium, port)


async def _furnish(database: Pool) -> tuple[str, int]:
    ports = free_ports(4)
    async with database.acquire() as connection:
        row = await add_extension(
            connection, CONDOMINIUM, NewExtension("1001", ports[0], ports[1], enabled=False)
        )
        wrong = NewExtension("1002", ports[2], ports[3], settings={"ring_z": 1})
        await add_extension(connection, CONDOMINIUM, wrong)
        units = [UnitRow(b, "501", (ResidentRow("Rita Prado", ("201",)),)) for b in ("A", "B")]
        await store_units(connection, row.condominium_id, units)
        await connection.execute(
            "INSERT INTO doors (condominium_id, name, driver, settings, is_default)"
            " VALUES ($1, 'garagem', 'dtmf', $2, true)",
            row.condominium_id,
            {"digits": "9"},
        )
        await connection.execute("UPDATE condominiums SET recording = 'visitors'")
        await connection.execute("UPDATE extensions SET enabled = true")
    return str(row.condominium_id), ports[0]
