import asyncio

import pytest

from supervisor.database.extensions import (
    Extension,
    ExtensionError,
    NewExtension,
    add_extension,
    change_extension,
    find_extension,
    list_extensions,
    mark_extension,
    remove_extension,
)
from supervisor.database.listening import listen
from supervisor.database.pool import Pool, connected

NEW = NewExtension("1001", 9101, 9102)


async def _changes(url: str) -> "tuple[asyncio.Queue[str], asyncio.Task[None]]":
    queue: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(listen(url, ["ramal_extensions"], queue.put_nowait))
    await asyncio.wait_for(queue.get(), 5)
    return queue, task


async def test_adding_makes_the_condominium_and_a_tenant_once(database: Pool) -> None:
    async with database.acquire() as connection:
        first = await add_extension(connection, "Aurora", NEW)
        second = await add_extension(connection, "Aurora", NewExtension("1002", 9103, 9104))
        assert first.condominium_id == second.condominium_id
        assert first.status == "new"
        assert await list_extensions(connection) == [first, second]
    assert await database.fetchval("SELECT count(*) FROM tenants") == 1


async def test_an_extension_survives_the_way_to_a_worker(database: Pool) -> None:
    async with database.acquire() as connection:
        extension = await add_extension(connection, "Aurora", NEW)
    assert Extension.from_json(extension.to_json()) == extension


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        (NewExtension("1001", 9201, 9202), "There is an extension 1001 already"),
        (NewExtension("1002", 9101, 9202), "Port 9101 belongs to extension 1001"),
        (NewExtension("1002", 9201, 9101), "Port 9101 belongs to extension 1001"),
        (NewExtension("1002", 9201, 9201), "must differ"),
        (NewExtension("1002", 9201, 99999), "from 1 to 65535"),
        (NewExtension("10 02", 9201, 9202), "is no extension number"),
    ],
)
async def test_what_cannot_be_is_refused_in_a_sentence(
    database: Pool, new: NewExtension, complaint: str
) -> None:
    async with database.acquire() as connection:
        await add_extension(connection, "Aurora", NEW)
        with pytest.raises(ExtensionError, match=complaint):
            await add_extension(connection, "Outro", new)
        assert len(await list_extensions(connection)) == 1


async def test_changing_and_removing(database: Pool) -> None:
    async with database.acquire() as connection:
        await add_extension(connection, "Aurora", NEW)
        changed = await change_extension(connection, "1001", {"number": "1009", "enabled": False})
        assert (changed.number, changed.enabled) == ("1009", False)
        with pytest.raises(ExtensionError, match="no colour"):
            await change_extension(connection, "1009", {"colour": "red"})
        await remove_extension(connection, "1009")
        with pytest.raises(ExtensionError, match="There is no extension 1009"):
            await find_extension(connection, "1009")


async def test_plain_sql_notifies_and_marking_does_not(database: Pool, database_url: str) -> None:
    async with database.acquire() as connection:
        extension = await add_extension(connection, "Aurora", NEW)
        queue, task = await _changes(database_url)
        await mark_extension(connection, extension.id, "failed", "the port is taken")
        await connection.execute("UPDATE extensions SET port = 9999")
        await asyncio.wait_for(queue.get(), 5)
        await connection.execute("DELETE FROM extensions")
        await asyncio.wait_for(queue.get(), 5)
        assert queue.empty()
    task.cancel()


async def test_a_listener_that_lost_its_connection_looks_again(database_url: str) -> None:
    queue, task = await _changes(database_url)
    async with connected(database_url) as connection:
        await connection.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
        await asyncio.wait_for(queue.get(), 5)
    task.cancel()
