"""Whole calls: SIP phones, a real Asterisk, `ramal serve`, and what each phone really heard.

All calls go on at once, as they would in a busy condominium; each test awaits its own.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
import pytest_asyncio

from stt.engines import RecogniserChoice, open_recogniser
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.pool import connected
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.configuration import Site
from tests.asterisk.installation import Installation
from tests.asterisk.listening import contains_one_of
from tests.asterisk.phone import End
from tests.asterisk.ramal import Line, Ramal, password
from tests.asterisk.visits import (
    APARTMENTS,
    DEAD_PHONE,
    GUARD,
    NUMBER,
    RING_S,
    SCENARIOS,
    Lived,
    Scenario,
    Stage,
    lived,
    nobody_picks_up,
    the_call_is_rejected,
    the_line_is_busy,
    the_phone_is_gone,
    the_resident_agrees,
    the_resident_leaves,
    the_resident_presses_one,
    the_resident_refuses,
    the_visitor_leaves,
    the_visitor_wants_a_person,
)
from tests.ports import free_port

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),  # the first test waits for the server to load its engines
]

CONDOMINIUM = "Edifício Aurora"

Calls: TypeAlias = Mapping[Scenario, "asyncio.Task[Lived]"]


# ---------------------------------------------------------------- the stage


@asynccontextmanager
async def a_database(server: EmbeddedPostgres, name: str) -> AsyncIterator[str]:
    """A fresh, migrated database."""
    async with connected(server.url("postgres")) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE ramal")
    yield server.url(name)
    async with connected(server.url("postgres")) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def a_site(port: int) -> Site:
    """A condominium's phones: one at the gate for each visit, one in each apartment."""
    residents = {phone for _, phone in APARTMENTS.values()} - {DEAD_PHONE}
    names = [*(f"gate{apartment}" for apartment in APARTMENTS), *sorted(residents), GUARD]
    return Site(
        numbers={NUMBER: port},
        phones={name: password() for name in names},
        dead_phones=(DEAD_PHONE,),
        transfers={GUARD: [f"Dial(PJSIP/{GUARD},20)", "Hangup()"]},
    )


def a_directory() -> str:
    """Who lives where, as an operator would write it down."""
    rows = [
        f",{apartment},Morador {apartment},{phone}," for apartment, (_, phone) in APARTMENTS.items()
    ]
    return "\n".join(["block,unit,resident,phone,notes", *rows, ""])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    installation: Installation,
    postgres_server: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("ramal")
    port, return_port = free_port(), free_port()
    line = Line(NUMBER, port, return_port, settings={"ring_s": RING_S, "guard": GUARD})
    site = a_site(port)
    recogniser = await open_recogniser(RecogniserChoice())
    async with (
        a_database(postgres_server, "asterisk_calls") as url,
        AsteriskServer(installation, site) as asterisk,
    ):
        ramal = Ramal(url, folder, asterisk)
        await ramal.set_up(CONDOMINIUM, a_directory(), [line])
        async with ramal.serving():
            yield Stage(asterisk, site.phones, recogniser, url, ramal.log_tail)
    await recogniser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(stage: Stage) -> AsyncIterator[Calls]:
    """All calls, going on."""
    tasks = {scenario: asyncio.create_task(lived(scenario, stage)) for scenario in SCENARIOS}
    yield tasks
    await asyncio.gather(*tasks.values(), return_exceptions=True)


# ---------------------------------------------------------------- what must come of them


async def test_an_authorised_visitor_is_told_so_and_the_resident_was_asked(calls: Calls) -> None:
    visit = await calls[the_resident_agrees]
    assert contains_one_of(visit.visitor_heard, "liberad", "portao", "pode entrar", "pode subir")
    assert contains_one_of(visit.resident_heard, "portaria", "loggi", "entrega")
    assert visit.visitor_ended is End.THEY_HUNG_UP
    assert visit.resident_ended == (End.THEY_HUNG_UP,)


async def test_a_resident_may_press_a_key_in_place_of_speaking(calls: Calls) -> None:
    visit = await calls[the_resident_presses_one]
    assert contains_one_of(visit.visitor_heard, "liberad", "portao", "pode entrar", "pode subir")


async def test_a_visitor_who_asks_for_a_person_speaks_with_the_guard(calls: Calls) -> None:
    visit = await calls[the_visitor_wants_a_person]
    *_, last_words = visit.visitor_heard.splitlines()
    assert contains_one_of(last_words, "aqui", "portaria")
    assert visit.visitor_ended is End.THEY_HUNG_UP


async def test_a_visitor_who_is_refused_is_told_so(calls: Calls) -> None:
    visit = await calls[the_resident_refuses]
    assert contains_one_of(visit.visitor_heard, "nao fo", "sinto muito")
    assert visit.visitor_ended is End.THEY_HUNG_UP


@pytest.mark.parametrize(
    "scenario",
    [the_line_is_busy, the_call_is_rejected, nobody_picks_up, the_phone_is_gone],
    ids=lambda scenario: scenario.__name__,
)
async def test_a_visitor_is_told_that_nobody_could_be_reached(
    calls: Calls, scenario: Scenario
) -> None:
    visit = await calls[scenario]
    assert contains_one_of(visit.visitor_heard, "atende", "chamei", "liguei")
    assert visit.visitor_ended is End.THEY_HUNG_UP


async def test_a_phone_that_nobody_picks_up_stops_ringing(calls: Calls) -> None:
    assert (await calls[nobody_picks_up]).resident_ended == (End.CANCELLED,)


async def test_the_residents_phone_stops_ringing_when_the_visitor_leaves(calls: Calls) -> None:
    assert (await calls[the_visitor_leaves]).resident_ended == (End.CANCELLED,)


async def test_a_resident_who_hangs_up_has_not_authorised(calls: Calls) -> None:
    visit = await calls[the_resident_leaves]
    assert visit.resident_ended
    assert contains_one_of(visit.visitor_heard, "nao", "mais tarde", "tente")
    assert not contains_one_of(visit.visitor_heard, "liberad", "portao", "pode entrar")
    assert visit.visitor_ended is End.THEY_HUNG_UP


async def test_every_visit_is_in_the_log_with_its_outcome(calls: Calls, stage: Stage) -> None:
    await asyncio.wait(calls.values())
    async with asyncio.timeout(10):
        # written by another process, which tells nobody
        while len(visits := await logged_visits(stage)) < len(SCENARIOS):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert visits == {
        "101": ("authorised", ["answered"]),
        "102": ("denied", ["answered"]),
        "201": ("no_answer", ["busy"]),
        "202": ("no_answer", ["rejected"]),
        "301": ("no_answer", ["no_answer"]),
        "302": ("left", []),
        "401": ("no_answer", ["unreachable"]),
        "501": ("undecided", ["answered", "answered"]),
        "502": ("authorised", ["answered"]),
        None: ("transferred", []),
    }


async def test_asterisk_knew_of_every_end_that_it_was_meant(calls: Calls, stage: Stage) -> None:
    await asyncio.wait(calls.values())
    log = stage.asterisk.log()
    assert "attempt: 1" in log
    assert "attempt: 2" not in log


async def logged_visits(stage: Stage) -> dict[str | None, tuple[str, list[str]]]:
    """Apartment, if one was said -> how the visit ended, and how each call to the resident did."""
    async with connected(stage.database_url) as connection:
        rows = await connection.fetch("SELECT data, outcome FROM visits")
    return {
        row["data"]["apartment"]: (row["outcome"], [c["outcome"] for c in row["data"]["calls"]])
        for row in rows
    }
