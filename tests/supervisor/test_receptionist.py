"""The receptionist of an extension: from its row and handbook to what its callers hear."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.database.extensions import Extension, NewExtension, add_extension, find_extension
from supervisor.database.handbooks import store_handbook
from supervisor.database.pool import Pool, connected
from supervisor.server import running_server
from supervisor.settings import Settings
from tests.ports import free_ports
from tests.receptionist.clinic import DOCUMENT, FILE, HANDBOOK
from tests.session.call import speak
from tests.speech import say
from tests.supervisor.conftest import Ramal
from tests.supervisor.serving import eventually, until_marked

BUSINESS = "Clínica Boa Vista"


async def a_receptionist(pool: Pool, **settings: Any) -> Extension:
    port, return_port = free_ports(2)
    async with pool.acquire() as connection:
        new = NewExtension("1001", port, return_port, flow="receptionist", settings=settings)
        return await add_extension(connection, BUSINESS, new)


async def test_a_caller_is_answered_from_the_handbook(settings: Settings, database: Pool) -> None:
    extension = await a_receptionist(database)
    async with database.acquire() as connection:
        await store_handbook(connection, extension.id, DOCUMENT)
    async with running_server(settings):
        await until_marked(database, "1001", "listening")
        call_id = uuid4()
        caller = await Caller.connect("127.0.0.1", extension.port, call_id, clock=MediaClock())
        assert BUSINESS in (await said(database, call_id, 1))[0]
        await speak(caller, say("tem estacionamento"))
        assert (await said(database, call_id, 2))[1] == HANDBOOK.facts[4].says["pt-BR"]
        await caller.hang_up()
        [visit] = await eventually(lambda: entries(database, call_id, "visit"), bool)
    assert (visit["outcome"], visit["facts"]) == ("answered", ["5"])


async def test_a_handbook_that_lacks_a_language_is_the_extensions_problem(
    settings: Settings, database: Pool
) -> None:
    extension = await a_receptionist(database, languages=["en"])
    async with database.acquire() as connection:
        await store_handbook(connection, extension.id, {"facts": [{"id": 1, "says": "Olá."}]})
    async with running_server(settings):
        row = await until_marked(database, "1001", "failed")
    assert row.status_reason == "fact 1 of its handbook says nothing in en"


def test_a_handbook_is_checked_set_shown_and_removed_at_the_terminal(
    ramal: Ramal, tmp_path: Path
) -> None:
    ports = map(str, free_ports(2))
    new = ("--port", next(ports), "--return-port", next(ports), "--flow", "receptionist")
    assert ramal("extension", "add", "--number", "1001", "--condominium", BUSINESS, *new)[0] == 0
    assert ramal("handbook", "check", str(FILE))[1] == "6 facts and 3 departments can be used.\n"
    assert ramal("handbook", "set", "1001", str(FILE))[0] == 0
    assert yaml.safe_load(ramal("handbook", "show", "1001")[1]) == DOCUMENT
    assert ramal("handbook", "remove", "1001")[0] == 0
    status, _, err = ramal("handbook", "show", "1001")
    assert (status, "has no handbook" in err) == (1, True)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("facts: [", "bad.yaml is not valid YAML"),
        ("facts: [{id: 1, says: Oi., asks: []}]", "bad.yaml: facts.0.asks: Extra inputs"),
        ("facts: [{id: 1, says: {en: Hi.}}]", "fact 1 of its handbook says nothing in pt-BR"),
    ],
)
def test_what_is_wrong_with_a_handbook_is_one_sentence(
    ramal: Ramal, tmp_path: Path, written: str, complaint: str
) -> None:
    ports = map(str, free_ports(2))
    new = ("--port", next(ports), "--return-port", next(ports), "--flow", "receptionist")
    ramal("extension", "add", "--number", "1001", "--condominium", BUSINESS, *new)
    file = tmp_path / "bad.yaml"
    file.write_text(written, encoding="utf-8")
    status, _, err = ramal("handbook", "set", "1001", str(file))
    assert (status, complaint in " ".join(err.split())) == (1, True), err


def test_a_setting_of_the_doormans_is_none_of_the_receptionists(ramal: Ramal) -> None:
    ports = map(str, free_ports(2))
    new = ("--port", next(ports), "--return-port", next(ports), "--flow", "receptionist")
    given = ("--settings", '{"guard": "8000"}')
    status, _, err = ramal(
        "extension", "add", "--number", "1001", "--condominium", BUSINESS, *new, *given
    )
    assert (status, 'its settings have no "guard"' in " ".join(err.split())) == (1, True)


async def said(database: Pool, call_id: UUID, least: int) -> list[str]:
    """What the receptionist has begun to say, once there is so much."""
    spoken = await eventually(
        lambda: entries(database, call_id, "speaking"), lambda got: len(got) >= least
    )
    return [each["text"] for each in spoken]


async def entries(database: Pool, call_id: UUID, kind: str) -> list[Any]:
    rows = await database.fetch(
        "SELECT data FROM events WHERE call_id = $1 AND kind = $2 ORDER BY sequence", call_id, kind
    )
    return [row["data"] for row in rows]


async def test_the_row_of_a_handbook_goes_with_its_extension(
    database: Pool, database_url: str
) -> None:
    extension = await a_receptionist(database)
    async with connected(database_url) as connection:
        await store_handbook(connection, extension.id, DOCUMENT)
        assert (await find_extension(connection, "1001")).flow == "receptionist"
        await connection.execute("DELETE FROM extensions WHERE id = $1", extension.id)
        assert await connection.fetchval("SELECT count(*) FROM handbooks") == 0
