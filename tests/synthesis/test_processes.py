"""Jobs where the server is killed in the middle of them."""

import asyncio
import csv
import hashlib
import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil
from aiohttp import web

from supervisor.database.pool import Pool
from tests.engines.servers import answering
from tests.ports import free_ports
from tests.supervisor.serving import eventually, first_key
from tests.supervisor.terminals import Servers, environment

ROWS = 60
SENTENCES = 150
BEFORE_THE_KILL = 20
FIRST_WORDS = ("Esta", "Aviso")


class _Narrator:
    """A speech server that says so many texts of each job, and then has both wait until told to
    go on."""

    def __init__(self) -> None:
        self.asked = Counter[str]()
        self.may_go_on = asyncio.Event()
        seconds = np.arange(24_000) / 24_000
        self._sound = np.int16(8000 * np.sin(2 * np.pi * 440 * seconds)).tobytes()

    async def speak(self, request: web.Request) -> web.Response:
        text = (await request.json())["input"]
        self.asked[text] += 1
        if self._times(text.split()[0]) > BEFORE_THE_KILL:
            await self.may_go_on.wait()
        return web.Response(body=self._sound)

    async def waited_for(self) -> None:
        """Return when both jobs wait; what was said to them before is kept by then."""

        async def times() -> set[int]:
            return {self._times(word) for word in FIRST_WORDS}

        await eventually(times, lambda found: found == {BEFORE_THE_KILL + 1}, limit_s=90)

    def _times(self, first_word: str) -> int:
        return sum(times for text, times in self.asked.items() if text.startswith(first_word))


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
    narrator = _Narrator()
    async with answering(narrator.speak, "/v1/audio/speech") as speech:
        servers = Servers(
            tmp_path,
            environment(
                DATABASE_URL=database_url,
                RAMAL_HTTP__PORT=str(port),
                RAMAL_SYNTHESIS__AT_ONCE="2",
                RAMAL_SYNTHESIS__KEEP_FREE_MB="0",
                RAMAL_TTS__LADDER='["openai", "espeak"]',
                RAMAL_TTS__OPENAI__BASE_URLS=f'["{speech}/v1"]',
                RAMAL_TTS__PATIENCE_S="60",
            ),
        )
        try:
            killed = await servers.start()
            headers = {"Authorization": f"Bearer {await first_key(data)}"}
            async with aiohttp.ClientSession(headers=headers) as session:
                api = _Api(session, f"http://127.0.0.1:{port}/api/v1/tts/jobs")
                text = " ".join(f"Esta é a frase número {n}." for n in range(SENTENCES))
                await api.send("POST", "", json={"text": text})
                rows = "".join(f"Aviso número {number}.\n" for number in range(ROWS))
                batch = await api.send("POST", "", json={"csv": f"text\n{rows}", "format": "slin"})
                await narrator.waited_for()
                helpers = psutil.Process(killed.process.pid).children(recursive=True)
                killed.process.kill()
                await killed.process.wait()
                await asyncio.to_thread(psutil.wait_procs, helpers, timeout=30)
                before = await _results(database)
                assert len(before) == BEFORE_THE_KILL, "rows; the long text is not done"
                narrator.may_go_on.set()

                await servers.start()

                async def states() -> set[str]:
                    rows = await database.fetch("SELECT state FROM synthesis_jobs")
                    return {row["state"] for row in rows}

                await eventually(states, lambda found: found == {"done"}, limit_s=90)
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
            twice = [text for text, times in narrator.asked.items() if times > 1]
            assert len(twice) == 2, "only what was being said when it was killed"
            assert len(narrator.asked) == ROWS + SENTENCES
        finally:
            await servers.close()


async def _results(database: Pool) -> dict[Any, bytes]:
    rows = await database.fetch("SELECT id, sha256 FROM synthesis_items WHERE state = 'done'")
    return {row["id"]: row["sha256"] for row in rows}
