"""Neither the database nor the disk takes anything: calls go on, and what is lost is counted."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import psutil
import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.migrate import migrate
from supervisor.database.pool import Pool, pooled
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.loudness import Loudness
from tests.supervisor.serving import eventually, until_marked
from tests.supervisor.small_disk import SmallDisk, best_kind

BATCH_BYTES = 16 * 1024
PAGE_BYTES = 4096
"""Some ten entries of a call."""
CAPACITY = 50
WRITTEN = 300
HERE = str(Path(__file__).parents[2])

WRITER = """
import asyncio, json, sys
from pathlib import Path
from uuid import UUID
from supervisor.alarms import Alarms
from supervisor.database.journal import DatabaseJournal
from supervisor.database.pool import pooled
from supervisor.database.spool import Spool
from supervisor.metrics import Metrics
from tests.supervisor.test_outage import _entry

async def main(url, folder, call_id, count, capacity):
    metrics, heard = Metrics(), []
    alarms = Alarms(metrics)
    read = lambda name, **labels: metrics.registry.get_sample_value(name, labels) or 0
    async with pooled(url, at_once=False) as pool:
        journal = DatabaseJournal(
            pool, metrics, spool=Spool(Path(folder)), capacity=capacity, alarms=alarms
        )
        with alarms.heard_by(lambda alarm: heard.append([alarm.kind, alarm.over])):
            async with journal.delivering(deadline_s=60):
                print("ready", flush=True)
                await asyncio.to_thread(sys.stdin.readline)
                for n in range(1, count + 1):
                    journal.write(_entry(UUID(call_id), n, text="x" * 200))
                    await asyncio.sleep(0.01)
                print("written", flush=True)
                await journal.drained()
    print(json.dumps({
        "lost": read("ramal_journal_lost_total", reason="queue_full"),
        "spooled": read("ramal_journal_spooled_total"),
        "alarms": heard,
    }), flush=True)

asyncio.run(main(*sys.argv[1:4], *map(int, sys.argv[4:])))
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server of our own, since it is stopped and started."""
    folder = tmp_path / "database"
    folder.mkdir()
    server = EmbeddedPostgres(folder, durable=False)
    asyncio.run(migrate(server.start()))
    yield server
    server.stop()


@pytest.fixture
async def pool(postgres: EmbeddedPostgres) -> AsyncIterator[Pool]:
    async with pooled(postgres.url(), at_once=False) as pool:
        yield pool


@pytest.mark.parametrize("kind", ["best", "rlimit"])
async def test_what_neither_database_nor_disk_nor_memory_takes_is_counted_and_the_rest_arrives(
    postgres: EmbeddedPostgres, pool: Pool, tmp_path: Path, kind: Literal["best", "rlimit"]
) -> None:
    folder = tmp_path / "spool"
    disk = SmallDisk(folder, BATCH_BYTES, best_kind(folder) if kind == "best" else "rlimit")
    call_id = uuid4()
    await asyncio.to_thread(postgres.stop)
    figures = (str(WRITTEN), str(CAPACITY))
    child = await asyncio.create_subprocess_exec(
        *disk.command(
            sys.executable, "-c", WRITER, postgres.url(), str(folder), str(call_id), *figures
        ),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None and child.stdout is not None
    await _until_said(child.stdout, b"ready")
    disk.fill([child.pid])
    child.stdin.write(b"\n")
    await _until_said(child.stdout, b"written")
    assert disk.used_bytes(child.pid) <= BATCH_BYTES
    await asyncio.to_thread(postgres.start)
    told: dict[str, Any] = json.loads(await _until_said(child.stdout, b"{"))
    assert await asyncio.wait_for(child.wait(), 30) == 0
    rows = await pool.fetch(
        "SELECT data->>'n' AS n FROM events WHERE call_id = $1 ORDER BY sequence", call_id
    )
    stored = [int(row["n"]) for row in rows]
    assert stored == sorted(set(stored))
    assert told["lost"] > 0
    assert len(stored) + told["lost"] == WRITTEN
    assert (told["spooled"] > 0) == (disk.kind == "tmpfs")
    for alarm in (["spool.takes_nothing", False], ["journal.lost", False]):
        assert alarm in told["alarms"]
    assert told["alarms"][-1] == ["spool.takes_nothing", True]


async def _until_said(said: asyncio.StreamReader, begin: bytes) -> bytes:
    async with asyncio.timeout(60):
        while line := await said.readline():
            if line.startswith(begin):
                return line
    raise AssertionError(f"it ended without saying {begin!r}")


@asynccontextmanager
async def _serving(
    disk: SmallDisk, url: str, folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[bytes]]]:
    """``ramal serve`` whose spool is on that disk, and what it logs, which no disk holds up."""
    serve = await asyncio.create_subprocess_exec(
        *disk.command(sys.executable, "-c", "from supervisor.cli import main; main(['serve'])"),
        env={
            **os.environ,
            "PYTHONPATH": HERE,
            "DATABASE_URL": url,
            "RAMAL_WORKERS": "1",
            "RAMAL_SPARE_WORKER": "false",
            "RAMAL_HTTP__ENABLED": "false",
            "RAMAL_LOG__FORMAT": "json",
        },
        cwd=folder,
        stderr=asyncio.subprocess.PIPE,
    )
    logged: list[bytes] = []
    reading = asyncio.create_task(_collect(serve.stderr, logged))
    try:
        yield serve, logged
    finally:
        serve.send_signal(signal.SIGTERM)
        await asyncio.wait_for(serve.wait(), 30)
        await reading


async def _collect(said: asyncio.StreamReader | None, lines: list[bytes]) -> None:
    assert said is not None
    async for line in said:
        lines.append(line)  # noqa: PERF401 - they are looked at meanwhile


async def test_a_call_goes_on_while_neither_database_nor_disk_takes_its_record(
    postgres: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    folder = tmp_path / "var/spool"
    disk = SmallDisk(folder, PAGE_BYTES, best_kind(folder))
    call_id, (port, return_port) = uuid4(), free_ports(2)
    async with pool.acquire() as connection:
        row = NewExtension("1001", port, return_port)
        await add_extension(connection, "Residencial Ipê", row)
    async with _serving(disk, postgres.url(), tmp_path) as (serve, logged):
        await until_marked(pool, "1001", "listening")
        hears = Loudness()
        caller = await Caller.connect(
            "127.0.0.1", port, call_id, clock=MediaClock(), listener=hears
        )
        await asyncio.wait_for(hears.sound.wait(), 20)
        await asyncio.to_thread(postgres.stop)
        disk.fill(child.pid for child in psutil.Process(serve.pid).children(recursive=True))

        async def full() -> bool:
            hears.sound.clear()
            await caller.playback.enqueue(say("bom dia, é uma entrega").tobytes()).done
            await asyncio.wait_for(hears.sound.wait(), 20)
            return any(b'"event": "spool.takes_nothing"' in line for line in logged)

        await eventually(full, bool)
        assert disk.used_bytes(serve.pid) <= PAGE_BYTES
        hears.sound.clear()
        await caller.playback.enqueue(say("apartamento quinhentos e um").tobytes()).done
        await asyncio.wait_for(hears.sound.wait(), 20)
        await caller.hang_up()
        await asyncio.to_thread(postgres.start)

        async def kinds() -> list[str]:
            rows = await pool.fetch(
                "SELECT kind, sequence FROM events WHERE call_id = $1 ORDER BY sequence", call_id
            )
            assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
            return [row["kind"] for row in rows]

        await eventually(kinds, lambda told: told[-1:] == ["call.ended"])
