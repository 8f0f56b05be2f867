"""Jobs where the server is killed in the middle of them."""

import asyncio
import csv
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from supervisor.database.pool import Pool
from tests.supervisor.serving import eventually, first_key, free_ports
from tests.supervisor.terminals import Servers, environment

ROWS = 60
SENTENCES = 150


class _Api:
    """A server's API, over any number of its lives."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def send(self, method: str, path: str, **more: Any) -> Any:
        async with self._session.request(method, self._base + path, **more) as response:
            assert response.status in (200, 201), await response.text()
            is_json = response.content_type == "application/json"
            return await response.json() if is_json else await response.read()


async def test_a_server_killed_in_mid_job_is_followed_by_one_that_goes_on_and_doubles_nothing(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    data = tmp_path / "var"
    servers = Servers(
        tmp_path,
        environment(
            DATABASE_URL=database_url,
            RAMAL_HTTP__PORT=str(port),
            RAMAL_SYNTHESIS__AT_ONCE="2",
            RAMAL_SYNTHESIS__KEEP_FREE_MB="0",
        ),
    )
    try:
        killed = await servers.start()
        headers = {"Authorization": f"Bearer {await first_key(data)}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            api = _Api(session, f"http://127.0.0.1:{port}/api/v1/tts/jobs")
            long = await api.send(
                "POST", "", json={"text": "Esta frase vem muitas vezes. " * SENTENCES}
            )
            rows = "".join(f"Aviso número {number}.\n" for number in range(ROWS))
            batch = await api.send("POST", "", json={"csv": f"text\n{rows}", "format": "slin"})

            async def is_under_way() -> tuple[int, int]:
                row = await database.fetchrow(
                    """SELECT (SELECT passages_done FROM synthesis_items WHERE job_id = $1),
                           (SELECT done FROM synthesis_jobs WHERE id = $2)""",
                    long["id"],
                    batch["id"],
                )
                return row[0], row[1]

            said, made = await eventually(is_under_way, all, limit_s=60)
            helpers = psutil.Process(killed.process.pid).children(recursive=True)
            killed.process.kill()
            await killed.process.wait()
            assert said < SENTENCES
            assert made < ROWS
            before = await _results(database)
            await asyncio.to_thread(psutil.wait_procs, helpers, timeout=30)

            await servers.start()

            async def states() -> set[str]:
                rows = await database.fetch("SELECT state FROM synthesis_jobs")
                return {row["state"] for row in rows}

            await eventually(states, lambda found: found == {"done"}, limit_s=80)
            after = await _results(database)
            assert before.items() <= after.items(), "what was made before is not made again"
            assert len(after) == ROWS + 1
            archive = zipfile.ZipFile(io.BytesIO(await api.send("GET", f"/{batch['id']}/zip")))
            index = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode())))
            assert [row["number"] for row in index] == [str(n) for n in range(1, ROWS + 1)]
            assert len(set(archive.namelist())) == ROWS + 1
            for row in index:
                sound = archive.read(row["file"])
                assert hashlib.sha256(sound).hexdigest() == row["sha256"]
                assert len(sound) > 8000
            kept = await database.fetchval("SELECT count(*) FROM synthesis_audio WHERE part = 0")
            assert kept == ROWS + 1
    finally:
        await servers.close()


async def _results(database: Pool) -> dict[Any, bytes]:
    rows = await database.fetch("SELECT id, sha256 FROM synthesis_items WHERE state = 'done'")
    return {row["id"]: row["sha256"] for row in rows}
