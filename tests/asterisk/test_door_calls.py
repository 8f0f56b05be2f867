"""Whole visits through a real Asterisk that end at a door: what it gets, what is heard."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Recogniser
from supervisor.database.pool import Pool
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.listening import contains_one_of, finished_speaking, understood
from tests.asterisk.phone import Call, Phone, switched_on
from tests.asterisk.ramal import Line, Ramal
from tests.asterisk.visits import picks_up
from tests.ports import free_port
from tests.speech import say

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(240)]

GATE, RESIDENT, GUARD = ("gate", "secret-1"), ("1101", "secret-2"), ("guard", "secret-3")
PLACE = ("--condominium", "Edifício Aurora")
DIRECTORY = "block,unit,resident,phone,notes\n,101,Helena Siqueira,1101,\n"
TO_LOOPBACK = {
    "RAMAL_OUTGOING__ALLOW_NETWORKS": '["127.0.0.0/8"]',
    "RAMAL_OUTGOING__ALLOW_HTTP": "true",
}
COURIER = "Entrega da Loggi para o apartamento cento e um."


@pytest.fixture
async def recogniser() -> AsyncIterator[Recogniser]:
    recogniser = await open_recogniser(RecogniserChoice())
    yield recogniser
    await recogniser.close()


@asynccontextmanager
async def set_up(
    installation: Installation,
    database_url: str,
    folder: Path,
    driver: str,
    settings: str,
    *,
    guard: str | None = "guard",
) -> AsyncIterator[Ramal]:
    """A doorman with one door, on a server that runs."""
    port, return_port = free_port(), free_port()
    line = Line("1001", port, return_port, settings={"guard": guard})
    site = Site(
        numbers={line.number: line.port},
        phones=dict([GATE, RESIDENT, GUARD]),
        transfers={"guard": ["Dial(PJSIP/guard,30)", "Hangup()"]},
        doors={"gate": ["Hangup(21)"]},
    )
    async with AsteriskServer(installation, site) as asterisk:
        ramal = Ramal(database_url, folder, asterisk, TO_LOOPBACK)
        await ramal.set_up("Edifício Aurora", DIRECTORY, [line])
        await ramal.run("door", "add", "gate", *PLACE, "--driver", driver, "--settings", settings)
        async with ramal.serving():
            yield ramal


async def visits(gate: Phone, resident: Phone) -> tuple[Call, Call]:
    """A courier who is let in by whoever takes the phone: both calls."""
    visit = await gate.dial("1001")
    await finished_speaking(visit, since_s=0)
    await visit.say(say(COURIER, voice="pt-br+m3"))
    asked = await resident.next_call(timeout_s=30)
    await picks_up(asked)
    await asked.say(say("pode subir", voice="pt-br+f2"))
    return visit, asked


async def told(database: Pool) -> list[tuple[str, Any]]:
    """The events about doors and authorisations, in order."""
    rows = await database.fetch(
        """SELECT kind, data FROM events
           WHERE kind = 'authorisation' OR kind LIKE 'door%' ORDER BY sequence"""
    )
    return [(row["kind"], row["data"]) for row in rows]


async def test_the_intercom_gets_the_key_and_the_visitor_hears_that_the_door_is_open(
    installation: Installation,
    database_url: str,
    database: Pool,
    tmp_path: Path,
    recogniser: Recogniser,
) -> None:
    async with (
        set_up(installation, database_url, tmp_path, "dtmf", '{"digits": "*9"}') as ramal,
        switched_on(*GATE, ramal.asterisk.sip) as gate,
        switched_on(*RESIDENT, ramal.asterisk.sip) as resident,
    ):
        visit, _ = await visits(gate, resident)
        await visit.ended(timeout_s=60)
        heard = await understood(recogniser, visit)
    assert visit.heard.digits == ["*", "9"]
    assert contains_one_of(heard, "portao")
    (kind, decided), (_, ordered), (last, opened) = await told(database)
    assert (kind, last) == ("authorisation", "door.opened")
    assert decided["id"] == ordered["authorisation"] == opened["authorisation"]
    assert (opened["door"], opened["driver"]) == ("gate", "dtmf")
    assert 400 < opened["took_ms"] < 3000
    visit_row = await database.fetchrow("SELECT outcome, data FROM visits")
    assert (visit_row["outcome"], visit_row["data"]["door"]) == ("authorised", "opened")


async def test_a_door_that_does_not_open_brings_the_guard(
    installation: Installation, database_url: str, database: Pool, tmp_path: Path
) -> None:
    async with (
        set_up(installation, database_url, tmp_path, "dialplan", "{}") as ramal,
        switched_on(*GATE, ramal.asterisk.sip) as gate,
        switched_on(*RESIDENT, ramal.asterisk.sip) as resident,
        switched_on(*GUARD, ramal.asterisk.sip) as guard,
    ):
        await visits(gate, resident)
        called = await guard.next_call(timeout_s=60)
        called.ring()
        called.answer()
        await asyncio.sleep(0.3)
        await called.hang_up()
    assert [kind for kind, _ in await told(database)] == [
        "authorisation",
        "door.ordered",
        "door.failed",
    ]
    visit_row = await database.fetchrow("SELECT outcome, data FROM visits")
    assert (visit_row["outcome"], visit_row["data"]["door"]) == ("authorised", "failed")


async def test_a_worker_that_dies_while_the_door_opens_does_not_open_it_twice(
    installation: Installation,
    database_url: str,
    database: Pool,
    tmp_path: Path,
    recogniser: Recogniser,
) -> None:
    """Nobody knows whether it opened: the visitor hears that it did not answer."""
    orders: list[str] = []

    async def hang(request: web.Request) -> web.Response:
        orders.append(request.headers["Idempotency-Key"])
        await asyncio.sleep(60)
        return web.Response()

    async with (
        listening(hang) as url,
        set_up(
            *(installation, database_url, tmp_path, "webhook"),
            json.dumps({"url": url, "timeout_s": 5, "attempts": 1}),
            guard=None,
        ) as ramal,
        switched_on(*GATE, ramal.asterisk.sip) as gate,
        switched_on(*RESIDENT, ramal.asterisk.sip) as resident,
    ):
        visit, _ = await visits(gate, resident)
        async with asyncio.timeout(30):
            while len(await told(database)) < 2 or not orders:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        (child,) = [
            process
            for process in psutil.Process().children(recursive=True)
            if holds(process, ramal.asterisk.site.numbers["1001"])
        ]
        os.kill(child.pid, signal.SIGKILL)
        await visit.ended(timeout_s=60)
        heard = await understood(recogniser, visit)
    assert len(orders) == 1
    assert contains_one_of(heard, "nao respondeu", "nao abriu", "respondeu")
    kinds = [kind for kind, _ in await told(database)]
    assert kinds == ["authorisation", "door.ordered", "door.failed"]


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    """An HTTP server on loopback; gives its URL."""
    app = web.Application()
    app.router.add_post("/open", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/open"
    await runner.cleanup()


def holds(process: psutil.Process, port: int) -> bool:
    """Whether a process has a visitor's AudioSocket connection."""
    return "supervisor.worker" in process.cmdline() and any(
        each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port
        for each in process.net_connections("tcp")
    )


async def test_a_door_is_tried_from_the_command_line_through_the_real_dialplan(
    installation: Installation, database_url: str, database: Pool, tmp_path: Path
) -> None:
    site = Site(doors={"gate": ["Answer()", "Hangup()"]})
    async with AsteriskServer(installation, site) as asterisk:
        ramal = Ramal(database_url, tmp_path, asterisk)
        await ramal.set_up("Edifício Aurora", DIRECTORY, [Line("1001", 9101, 9102)])
        await ramal.run("door", "add", "gate", *PLACE, "--driver", "dialplan")
        said = await ramal.run("door", "test", "gate", *PLACE)
    assert "is open" in said
    (_, decided), *_, (last, _) = await told(database)
    assert (decided["by"], decided["key"], last) == ("operator", "ramal door test", "door.opened")
    assert json.dumps(decided)
