"""The extensions table says what is answered, whoever writes to it: SQL, the CLI, the API."""

import asyncio
import os
import signal
import sys
import time
import uuid
from functools import partial
from pathlib import Path

import aiohttp

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.listener import EndReason
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.server import Server
from tests.ports import free_ports
from tests.supervisor.serving import (
    CONDOMINIUM,
    add_echo,
    calling,
    eventually,
    first_key,
    is_taken,
    until_marked,
)

RAMAL = (sys.executable, "-c", "from supervisor.cli import main; main()")


async def _ramal(*arguments: str, database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *RAMAL, *arguments, env={**os.environ, "DATABASE_URL": database_url}
    )
    assert await asyncio.wait_for(process.wait(), 30) == 0


async def _is_answered(port: int) -> None:
    await eventually(partial(is_taken, port), bool)
    async with calling(port) as caller:
        await caller.hears_itself()


async def _is_refused(port: int) -> None:
    await eventually(partial(is_taken, port), lambda taken: not taken)


async def test_the_command_line_adds_moves_disables_and_removes(
    server: Server, database: Pool, database_url: str
) -> None:
    first, return_port, second = free_ports(3)
    extension = partial(_ramal, "extension", database_url=database_url)
    new = ["--number", "1001", "--port", str(first), "--return-port", str(return_port)]
    await extension("add", *new, "--condominium", CONDOMINIUM, "--flow", "echo")
    await _is_answered(first)
    await extension("set", "1001", "--port", str(second))
    await _is_answered(second)
    await _is_refused(first)
    await extension("set", "1001", "--disable")
    await _is_refused(second)
    await extension("set", "1001", "--enable")
    await _is_answered(second)
    await extension("remove", "1001")
    await _is_refused(second)
    await _is_refused(return_port)


async def test_the_api_adds_moves_disables_and_removes(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    row = await add_echo(database, "1000")
    first, return_port, second, http = free_ports(4)
    serve = await asyncio.create_subprocess_exec(
        *RAMAL,
        "serve",
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "DATABASE_URL": database_url,
            "RAMAL_HTTP__PORT": str(http),
        },
        cwd=tmp_path,
    )
    try:
        await until_marked(database, "1000", "listening")

        headers = {"Authorization": f"Bearer {await first_key(tmp_path / 'var')}"}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{http}", headers=headers) as api:
            body = {
                "number": "1001",
                "condominium_id": str(row.condominium_id),
                "flow": "echo",
                "port": first,
                "return_port": return_port,
            }
            async with api.post("/api/v1/extensions", json=body) as answer:
                assert answer.status == 201, await answer.text()
                path = f"/api/v1/extensions/{(await answer.json())['id']}"
            await _is_answered(first)
            for change, answered, refused in (
                ({"port": second}, second, first),
                ({"enabled": False}, None, second),
            ):
                async with api.patch(path, json=change, headers={"If-Match": "*"}) as answer:
                    assert answer.status == 200, await answer.text()
                await _is_refused(refused)
                if answered is not None:
                    await _is_answered(answered)
            async with api.delete(path, headers={"If-Match": "*"}) as answer:
                assert answer.status == 204, await answer.text()
            await _is_refused(return_port)
    finally:
        serve.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(serve.wait(), 30) == 0


async def test_everything_is_followed_within_ten_seconds_when_no_notification_comes(
    server: Server, database: Pool
) -> None:
    row, [port] = await add_echo(database), free_ports(1)
    await until_marked(database, "1001", "listening")
    await database.execute("ALTER TABLE extensions DISABLE TRIGGER USER")
    for statement, answered, refused in (
        (f"UPDATE extensions SET port = {port}", port, row.port),
        ("UPDATE extensions SET enabled = false", None, port),
    ):
        began = time.monotonic()
        await database.execute(statement)
        await _is_refused(refused)
        if answered is not None:
            await _is_answered(answered)
        assert time.monotonic() - began < 10


async def test_a_call_goes_on_as_it_began_when_its_extension_changes(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        await database.execute("UPDATE extensions SET flow = 'doorman'")

        async def is_greeted() -> bool:
            call_id = uuid.uuid4()
            query = "SELECT count(*) FROM events WHERE call_id = $1 AND kind = 'speaking'"
            async with calling(row.port, call_id):
                try:
                    await eventually(lambda: database.fetchval(query, call_id), bool, limit_s=5)
                except AssertionError:
                    return False  # it was answered before the change was known
            return True

        await eventually(is_greeted, bool)
        await caller.hears_itself()


async def test_a_caller_whom_the_end_of_the_server_catches_is_told_goodbye(
    server: Server, database: Pool
) -> None:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        await add_extension(connection, CONDOMINIUM, NewExtension("1001", port, return_port))
    await until_marked(database, "1001", "listening")
    call_id = uuid.uuid4()
    caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())

    async def said() -> list[str]:
        rows = await database.fetch(
            "SELECT data->>'text' AS text FROM events WHERE call_id = $1 AND kind = 'speaking'"
            " ORDER BY sequence",
            call_id,
        )
        return [row["text"] for row in rows]

    await eventually(said, lambda texts: len(texts) == 1)
    await asyncio.wait_for(server.drain(0.5), 40)
    assert await asyncio.wait_for(caller.ended, 5) is EndReason.PEER_HANGUP
    assert len(await said()) > 1
    reason = await database.fetchval("SELECT end_reason FROM calls WHERE id = $1", call_id)
    assert reason == "drain"
