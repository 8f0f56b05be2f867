"""Rows of the ``extensions`` table, followed by a supervisor with real workers."""

import asyncio
import socket
from functools import partial

import psutil
import pytest

from supervisor.database.directory import UnitRow, store_units
from supervisor.database.extensions import Extension
from supervisor.database.pool import Pool
from supervisor.server import Server, running_server
from supervisor.settings import Settings
from supervisor.workers.crew import Crew
from tests.ports import free_ports
from tests.supervisor.serving import add_echo, calling, eventually, is_taken, listens, until_marked


async def test_an_inserted_row_is_answered_and_a_deleted_one_is_not(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
    await database.execute("DELETE FROM extensions")
    await eventually(lambda: is_taken(row.port), lambda taken: not taken)
    assert not listens(row.return_port)


async def test_disabling_lets_the_running_call_finish_and_enabling_answers_again(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        await database.execute("UPDATE extensions SET enabled = false")
        await until_marked(database, "1001", "disabled")
        await eventually(lambda: is_taken(row.port), lambda taken: not taken)
        await caller.hears_itself()
    await eventually(lambda: is_taken(row.return_port), lambda taken: not taken)
    await database.execute("UPDATE extensions SET enabled = true")
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()


async def test_changing_the_port_moves_the_listener_and_leaves_the_call_alone(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    [new_port] = free_ports(1)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        await database.execute("UPDATE extensions SET port = $1", new_port)
        await eventually(lambda: is_taken(new_port), lambda taken: taken)
        await eventually(lambda: is_taken(row.port), lambda taken: not taken)
        await caller.hears_itself()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("flow = 'concierge'", 'there is no flow "concierge"'),
        ("""settings = '{"rings": 5}'""", 'its settings have no "rings"'),
        ("""settings = '{"ring_s": 1000}'""", 'its setting "ring_s" is wrong'),
        ("settings = '[]'", "not a JSON object"),
    ],
)
async def test_a_bad_row_is_marked_and_the_others_are_answered(
    server: Server, database: Pool, change: str, reason: str
) -> None:
    bad = await add_echo(database, "1001")
    good = await add_echo(database, "1002")
    await until_marked(database, "1001", "listening")
    await database.execute(f"UPDATE extensions SET {change} WHERE number = '1001'")
    marked = await until_marked(database, "1001", "failed")
    assert reason in (marked.status_reason or "")
    for row in (good, bad):
        async with calling(row.port) as caller:
            await caller.hears_itself()
    await database.execute("UPDATE extensions SET flow = 'echo', settings = '{}'")
    healed = await until_marked(database, "1001", "listening")
    assert healed.status_reason is None


async def test_a_taken_port_is_marked_and_taken_up_once_it_is_free(
    server: Server, database: Pool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        await add_echo(database, "1001")
        await database.execute("UPDATE extensions SET port = $1", taken)
        marked = await until_marked(database, "1001", "failed")
        assert f"port {taken} is in use by another program" in (marked.status_reason or "")
    await until_marked(database, "1001", "listening")
    async with calling(taken) as caller:
        await caller.hears_itself()


async def test_a_port_of_another_extension_is_named_with_its_number(
    server: Server, database: Pool
) -> None:
    first = await add_echo(database, "1001")
    await until_marked(database, "1001", "listening")
    await add_echo(database, "1002")
    await until_marked(database, "1002", "listening")
    await database.execute("UPDATE extensions SET port = $1 WHERE number = '1002'", first.port)
    marked = await until_marked(database, "1002", "failed")
    assert f"port {first.port} belongs to extension 1001" in (marked.status_reason or "")


async def test_an_engine_that_cannot_be_opened_is_the_reason(
    settings: Settings, database: Pool
) -> None:
    stt = settings.stt.model_copy(update={"model": "/no/such/model.onnx"})
    await add_echo(database)
    await database.execute("UPDATE extensions SET flow = 'doorman'")
    async with running_server(settings.model_copy(update={"stt": stt})):
        marked = await until_marked(database, "1001", "failed")
    assert "/no/such/model.onnx" in (marked.status_reason or "")


async def test_a_doorman_whose_voice_does_not_exist_is_not_said_to_listen(
    server: Server, database: Pool
) -> None:
    await add_echo(database, voice="nonsense")
    await database.execute("UPDATE extensions SET flow = 'doorman'")
    marked = await until_marked(database, "1001", "failed")
    assert "no voice 'nonsense'" in (marked.status_reason or "")
    await database.execute("UPDATE extensions SET voice = 'pt-br+f2'")
    await until_marked(database, "1001", "listening")


async def test_a_new_resident_is_known_without_a_restart(
    settings: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    change = Crew.change

    async def note(crew: Crew, extension: Extension) -> None:
        told.append(extension.number)
        await change(crew, extension)

    monkeypatch.setattr(Crew, "change", note)
    async with running_server(settings):
        row = await add_echo(database)
        await until_marked(database, "1001", "listening")
        told.clear()
        async with database.acquire() as connection:
            await store_units(connection, row.condominium_id, [UnitRow("A", "501", ())])

        async def numbers() -> list[str]:
            return told

        assert await eventually(numbers, bool) == ["1001"]


async def test_nothing_is_left_of_extensions_that_come_and_go(
    server: Server, database: Pool
) -> None:
    await add_echo(database, "1001")
    await until_marked(database, "1001", "listening")
    process = psutil.Process()
    before = process.num_fds(), len(asyncio.all_tasks())
    for _ in range(5):
        row = await add_echo(database, "1002")
        await until_marked(database, "1002", "listening")
        await database.execute("DELETE FROM extensions WHERE number = '1002'")
        await eventually(partial(is_taken, row.port), lambda taken: not taken)

    async def counts() -> tuple[int, int]:
        return process.num_fds(), len(asyncio.all_tasks())

    await eventually(counts, lambda now: now[0] <= before[0] + 2 and now[1] <= before[1] + 2)
