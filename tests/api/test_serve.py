"""``ramal serve`` with its API: the first key, readiness, and an extension added over HTTP."""

import asyncio
import os
import signal
import socket
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from audiosocket.frames import Kind
from conversation.journal import Entry
from supervisor.database.pool import Pool
from supervisor.database.records import store_entries
from tests.api.serving import Client
from tests.ports import free_ports
from tests.supervisor.serving import calling, eventually, listens

SERVE = (sys.executable, "-c", "from supervisor.cli import main; main(['serve'])")
FIRST_KEY = b"The first key of the API, an admin's, is in "


def kept_key(line: bytes, folder: Path) -> str:
    """What is in the file that a line of the log names."""
    kept = Path(line.removeprefix(FIRST_KEY).decode().partition(";")[0])
    assert kept == folder / "var/first-admin-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    return kept.read_text().strip()


@pytest.mark.slow
async def test_a_new_server_keeps_a_key_for_its_user_that_adds_an_extension_which_answers(
    database_url: str, database: Pool, tmp_path: Path
) -> None:
    http_port, port, return_port = free_ports(3)
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DATABASE_URL": database_url,
        "RAMAL_HTTP__PORT": str(http_port),
        "RAMAL_WORKERS": "1",
        "RAMAL_SPARE_WORKER": "false",
        "RAMAL_DRAIN_S": "1",
    }
    serve = await asyncio.create_subprocess_exec(
        *SERVE, env=environment, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
    )
    assert serve.stderr is not None
    async with asyncio.timeout(30):
        while not (line := await serve.stderr.readline()).startswith(FIRST_KEY):
            assert b"ramal_" not in line
    key = kept_key(line, tmp_path)
    async with aiohttp.ClientSession() as session:
        base = f"http://127.0.0.1:{http_port}"
        client = Client(session, base, key)
        tenant = await client.made("tenants", name="Alfa")
        place = await client.made("condominiums", name="Ipê", tenant_id=tenant["id"])
        made = await client.made(
            "extensions",
            number="1001",
            condominium_id=place["id"],
            flow="echo",
            port=port,
            return_port=return_port,
        )

        async def status() -> str:
            return str((await client.get(f"extensions/{made['id']}")).body["status"])

        await eventually(status, lambda status: status == "listening")
        assert (await client.get("/readyz")).status == 200
        assert "ramal_worker_restarts_total 0.0" in (await client.get("/metrics")).body
        async with calling(port) as caller:
            await caller.hears_itself()
            running = 'ramal_calls_running{worker="worker-1"} 1.0'
            await eventually(lambda: client.get("/metrics"), lambda reply: running in reply.body)
            path = f"calls/{caller.call_id}"
            unknown = await client.post(f"{path}/say", {"text": "Olá"})
            assert unknown.status == 404  # an echo leaves no record
            facts = {"condominium_id": place["id"]}
            entry = Entry(caller.call_id, 1, datetime.now(UTC), "call.started", facts)
            async with database.acquire() as connection:
                await store_entries(connection, [entry])
            refused = await client.post(f"{path}/say", {"text": "Olá"})
            assert "this extension's flow cannot be steered" in refused.body["detail"]
            assert (await client.post(f"{path}/hangup", None)).status == 202
            assert (await caller.until_the_end())[-1] is Kind.HANGUP
            gone = await eventually(
                lambda: client.post(f"{path}/hangup", None), lambda reply: reply.status == 409
            )
            assert "does not go on here" in gone.body["detail"]
        async with calling(port) as caller:
            await caller.hears_itself()
            serve.send_signal(signal.SIGTERM)
            stopping = await eventually(
                lambda: client.get("/readyz"), lambda reply: reply.status == 503
            )
            assert stopping.body["detail"] == "Not ready: the server is stopping."
            assert not listens(http_port)  # the server that takes its place can have it
    assert await asyncio.wait_for(serve.wait(), 30) == 0
    assert b"ramal_" not in await serve.stderr.read()


async def test_a_server_whose_api_port_is_taken_says_so_and_ends(
    database_url: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serve = await asyncio.create_subprocess_exec(
            *SERVE,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "DATABASE_URL": database_url,
                "RAMAL_HTTP__PORT": str(port),
            },
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await asyncio.wait_for(serve.communicate(), 30)
    assert serve.returncode == 1
    assert f"The API cannot listen on 127.0.0.1:{port}" in err.decode()
