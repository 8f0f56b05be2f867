"""Ports that change hands, while calls run and others arrive: real workers, a real database."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from supervisor.database.extensions import Extension
from supervisor.database.pool import Pool
from supervisor.server import Server
from tests.ports import free_ports
from tests.supervisor.serving import add_echo, calling, eventually, is_taken, listens, until_marked


@pytest.fixture
async def marks(database: Pool) -> None:
    """Keep every status that is ever written, with the number and the reason."""
    await database.execute(
        """CREATE TABLE marks (id serial, what text);
           CREATE FUNCTION note_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               INSERT INTO marks (what)
               VALUES (concat_ws(' ', NEW.number, NEW.status, NEW.status_reason));
               RETURN NULL;
           END $$;
           CREATE TRIGGER note AFTER UPDATE OF status ON extensions
               FOR EACH ROW EXECUTE FUNCTION note_mark()"""
    )


async def _failures(database: Pool) -> list[str]:
    rows = await database.fetch("SELECT what FROM marks WHERE what LIKE '% failed%' ORDER BY id")
    return [row["what"] for row in rows]


async def _two(database: Pool) -> tuple[Extension, Extension]:
    """Two extensions on two workers."""
    rows = await add_echo(database, "1001"), await add_echo(database, "1002")
    for row in rows:
        await until_marked(database, row.number, "listening")
    return rows


async def _answered_by(server: Server, port: int, number: str) -> None:
    """Call the port until a call is counted for that extension."""

    def counted() -> float:
        lines = "\n".join(server.expositions.values()).splitlines()
        name = f'ramal_calls_total{{extension="{number}"'
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    async def call_and_count() -> float:
        async with calling(port) as caller:
            await caller.hears_itself()
        return counted()

    before = counted()
    await eventually(call_and_count, lambda now: now > before)


@asynccontextmanager
async def _probing(*ports: int) -> AsyncIterator[list[int]]:
    """Connect to every port each 20 ms; gives the ports that refused, one by one."""
    refused: list[int] = []

    async def probe() -> None:
        while True:
            answers = [(port, await asyncio.to_thread(listens, port)) for port in ports]
            refused.extend(port for port, taken in answers if not taken)
            await asyncio.sleep(0.02)

    probing = asyncio.create_task(probe())
    try:
        yield refused
    finally:
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)


@pytest.mark.usefixtures("marks")
async def test_two_extensions_swap_their_ports_in_one_update(
    server: Server, database: Pool
) -> None:
    first, second = await _two(database)
    async with calling(first.port) as caller, _probing(first.port, second.port) as refused:
        await caller.hears_itself()
        await database.execute(
            """UPDATE extensions e SET port = o.port FROM extensions o
               WHERE o.condominium_id = e.condominium_id AND o.id <> e.id"""
        )
        await _answered_by(server, first.port, "1002")
        await _answered_by(server, second.port, "1001")
        await caller.hears_itself()
    assert refused == []
    assert await _failures(database) == []


@pytest.mark.usefixtures("marks")
async def test_an_extension_can_have_the_port_of_one_that_is_deleted_with_a_call_on_it(
    server: Server, database: Pool
) -> None:
    first, second = await _two(database)
    async with calling(first.port) as caller, _probing(first.port) as refused:
        await caller.hears_itself()
        async with database.acquire() as connection, connection.transaction():
            await connection.execute("DELETE FROM extensions WHERE number = '1001'")
            await connection.execute(
                "UPDATE extensions SET port = $1, return_port = $2", first.port, first.return_port
            )
        await _answered_by(server, first.port, "1002")
        await eventually(partial(is_taken, second.port), lambda taken: not taken)
        await caller.hears_itself()
    assert refused == []
    assert await _failures(database) == []


@pytest.mark.usefixtures("marks")
async def test_disabling_and_enabling_again_does_not_wait_for_the_call_that_runs(
    server: Server, database: Pool
) -> None:
    first, _ = await _two(database)
    async with calling(first.port) as caller:
        await caller.hears_itself()
        await database.execute("UPDATE extensions SET enabled = false WHERE number = '1001'")
        await until_marked(database, "1001", "disabled")
        await database.execute("UPDATE extensions SET enabled = true WHERE number = '1001'")
        await until_marked(database, "1001", "listening")
        async with calling(first.port) as another:
            await another.hears_itself()
        await caller.hears_itself()
    assert await _failures(database) == []


@pytest.mark.usefixtures("marks")
async def test_an_extension_moves_to_a_worker_of_its_own_without_refusing_anybody(
    server: Server, database: Pool
) -> None:
    first, second = await _two(database)
    async with calling(first.port) as caller, _probing(first.port, second.port) as refused:
        await caller.hears_itself()
        before = server.crew.worker_of(first.id)
        await database.execute("UPDATE extensions SET isolated = true WHERE number = '1001'")

        async def worker() -> str | None:
            return server.crew.worker_of(first.id)

        await eventually(worker, lambda now: now not in (None, before))
        async with calling(first.port) as another:
            await another.hears_itself()
        await caller.hears_itself()
    assert refused == []
    assert await _failures(database) == []


async def test_who_cannot_move_stays_where_it_is(server: Server, database: Pool) -> None:
    first, second = await _two(database)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        await database.execute("UPDATE extensions SET port = $1 WHERE number = '1001'", taken)
        marked = await until_marked(database, "1001", "failed")
        assert marked.status_reason == (
            f"port {taken} is in use by another program: stop that or choose another port; "
            "until then it goes on as before"
        )
        await _answered_by(server, first.port, "1001")
    await until_marked(database, "1001", "listening")
    await eventually(partial(is_taken, first.port), lambda taken: not taken)
    await _answered_by(server, taken, "1001")
    await _answered_by(server, second.port, "1002")


async def test_who_cannot_move_gives_its_port_to_one_that_can(
    server: Server, database: Pool
) -> None:
    first, second = await _two(database)
    with socket.create_server(("127.0.0.1", 0)) as other:
        await database.execute(
            "UPDATE extensions SET port = CASE number WHEN '1001' THEN $1::int ELSE $2 END",
            second.port,
            other.getsockname()[1],
        )
        await _answered_by(server, second.port, "1001")
        marked = await until_marked(database, "1002", "failed")
        assert "is in use by another program" in (marked.status_reason or "")
        for port in (first.port, second.return_port):
            await eventually(partial(is_taken, port), lambda taken: not taken)
    await until_marked(database, "1002", "listening")


async def test_nobody_waits_on_the_port_of_an_extension_that_no_worker_can_answer(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database, voice="nonsense")
    await database.execute("UPDATE extensions SET flow = 'doorman'")
    await until_marked(database, "1001", "failed")
    for port in (row.port, row.return_port):
        await eventually(partial(is_taken, port), lambda taken: not taken)
    await database.execute("UPDATE extensions SET flow = 'echo'")
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()


async def test_an_extension_whose_new_port_comes_with_a_bad_voice_speaks_as_before(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    [port] = free_ports(1)
    await until_marked(database, "1001", "listening")
    await database.execute(
        "UPDATE extensions SET port = $1, flow = 'doorman', voice = 'nonsense'", port
    )
    marked = await until_marked(database, "1001", "failed")
    assert (marked.status_reason or "").endswith("until then it goes on as before")
    async with calling(port) as caller:
        await caller.hears_itself()
    assert not listens(row.port)
