"""An extension that was parked is brought back over the API, in a server with real workers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from supervisor.database.extensions import Extension
from supervisor.database.pool import Pool
from tests.ports import free_ports
from tests.supervisor import faults
from tests.supervisor.serving import add_echo, calling, eventually, until_marked
from tests.supervisor.terminals import Servers, Terminal, environment, first_key


@asynccontextmanager
async def _with_api(
    database_url: str, folder: Path, site: str
) -> AsyncIterator[tuple[Terminal, aiohttp.ClientSession]]:
    [http] = free_ports(1)
    variables = environment(
        DATABASE_URL=database_url,
        PYTHONPATH=site,
        RAMAL_HTTP__PORT=str(http),
        RAMAL_LOG__LEVEL="error",
    )
    async with AsyncExitStack() as stack:
        servers = Servers(folder, variables)
        stack.push_async_callback(servers.close)
        server = await servers.start()
        await server.says("; keep it elsewhere")
        headers = {"Authorization": f"Bearer {first_key(server.printed)}", "If-Match": "*"}
        session = aiohttp.ClientSession(f"http://127.0.0.1:{http}", headers=headers)
        yield server, await stack.enter_async_context(session)


async def _shown(api: aiohttp.ClientSession, row: Extension) -> dict[str, Any]:
    async with api.get(f"/api/v1/extensions/{row.id}") as answer:
        shown: dict[str, Any] = await answer.json()
    return shown


async def _change(api: aiohttp.ClientSession, row: Extension, **fields: object) -> None:
    async with api.patch(f"/api/v1/extensions/{row.id}", json=fields) as answer:
        assert answer.status == 200, await answer.text()


async def test_a_parked_extension_is_tried_again_when_it_is_enabled_or_changed_over_http(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = faults.arrange_faults(tmp_path, monkeypatch)
    await add_echo(database, "1001")  # a server that can answer nobody does not go on
    row = await add_echo(database, faults.CRASHES_WHEN_OPENED)
    async with _with_api(database_url, tmp_path, site) as (server, api):

        async def shown() -> dict[str, Any]:
            return await _shown(api, row)

        told = await eventually(shown, lambda now: "is parked" in (now.get("status_reason") or ""))
        assert told["status"] == "failed"
        crashes = server.printed.count('"event": "worker.lost"')
        await _change(api, row, enabled=True)  # as it was: somebody wants it tried again

        async def crashed_again() -> int:
            return server.printed.count('"event": "worker.lost"')

        await eventually(crashed_again, lambda times: times > crashes)
        await eventually(shown, lambda now: "is parked" in (now.get("status_reason") or ""))
        await _change(api, row, number="2000")  # what ends its worker is gone
        await until_marked(database, "2000", "listening")
        assert (await shown())["status_reason"] is None
        async with calling(row.port) as caller:
            await caller.hears_itself()
