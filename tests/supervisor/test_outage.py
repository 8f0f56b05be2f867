"""A real PostgreSQL goes away in the middle of writing, or the process that writes does."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from pydantic import SecretStr

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from conversation.journal import Entry
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.journal import DatabaseJournal
from supervisor.database.migrate import migrate
from supervisor.database.pool import Pool, connected, pooled
from supervisor.database.records import store_entries
from supervisor.database.spool import Spool, adopt, used_bytes
from supervisor.metrics import Metrics
from supervisor.server import running_server
from supervisor.settings import LogSettings, load_settings
from tests.ports import free_ports
from tests.speech import say
from tests.supervisor.loudness import Loudness
from tests.supervisor.serving import eventually, until_marked

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOWHERE = "postgresql://ramal@/ramal?host=/nonexistent"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of our own, since it is stopped and started."""
    folder = tmp_path_factory.mktemp("outage")
    server = EmbeddedPostgres(folder, durable=False)
    asyncio.run(migrate(server.start()))
    yield server
    server.stop()


@pytest.fixture
async def pool(server: EmbeddedPostgres) -> AsyncIterator[Pool]:
    async with pooled(server.url(), at_once=False) as pool:
        yield pool


def _entry(call_id: UUID, n: int, kind: str = "note", **data: Any) -> Entry:
    return Entry(call_id, n, AT + timedelta(milliseconds=n), kind, {"n": n, **data})


def _value(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


async def _stored(server: EmbeddedPostgres, call_id: UUID) -> list[int]:
    async with connected(server.url()) as connection:
        rows = await connection.fetch(
            "SELECT data FROM events WHERE call_id = $1 ORDER BY sequence", call_id
        )
    return [row["data"]["n"] for row in rows]


async def _spooled(metrics: Metrics, count: int) -> None:
    async def read() -> float:
        return _value(metrics, "ramal_journal_spooled_total")

    await eventually(read, lambda spooled: spooled >= count)


@contextmanager
def _hanging(server: EmbeddedPostgres, folder: Path) -> Iterator[None]:
    """The server's processes stand still; connections stay open."""
    main = psutil.Process(int((folder / "postgres/data/postmaster.pid").read_text().split()[0]))
    processes = [main, *main.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


async def test_entries_written_during_an_outage_arrive_once_each_in_order(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    metrics, call_id = Metrics(), uuid4()
    spool = Spool(tmp_path / "spool", segment_bytes=5000)
    async with DatabaseJournal(pool, metrics, spool=spool).delivering() as journal:
        for n in range(1, 101):
            journal.write(_entry(call_id, n))
        await asyncio.to_thread(server.stop)
        for n in range(101, 501):
            journal.write(_entry(call_id, n))
            await asyncio.sleep(0)
        await _spooled(metrics, 400)
        await asyncio.to_thread(server.start)
        for n in range(501, 601):
            journal.write(_entry(call_id, n))
        await asyncio.wait_for(journal.drained(), 20)
    assert await _stored(server, call_id) == list(range(1, 601))
    assert _value(metrics, "ramal_journal_lost_total") == 0
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_server_that_hangs_is_an_outage_as_well(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    metrics, call_id = Metrics(), uuid4()
    journal = DatabaseJournal(pool, metrics, spool=Spool(tmp_path))
    async with journal.delivering():
        journal.write(_entry(call_id, 1))
        await journal.drained()
        with _hanging(server, Path(server._data_dir)):
            for n in range(2, 30):
                journal.write(_entry(call_id, n))
            await _spooled(metrics, 28)
        await asyncio.wait_for(journal.drained(), 20)
    assert await _stored(server, call_id) == list(range(1, 30))


async def test_what_a_killed_process_had_spooled_is_delivered_by_the_next_one(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    call_id = uuid4()
    await asyncio.to_thread(server.stop)
    program = f"""
import asyncio
import sys
from pathlib import Path
from uuid import UUID
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.journal import DatabaseJournal
from supervisor.database.pool import pooled
from supervisor.database.spool import Spool
from supervisor.metrics import Metrics
from tests.supervisor.test_outage import _entry

async def main():
    spool = Spool(Path({str(tmp_path)!r}), segment_bytes=3000)
    async with (
        pooled({server.url()!r}, at_once=False) as pool,
        DatabaseJournal(pool, Metrics(), spool=spool).delivering() as journal,
    ):
        n = 0
        while True:
            n += 1
            journal.write(_entry(UUID({str(call_id)!r}), n))
            await asyncio.sleep(0.001)
            print(n - journal._backlog.queued if journal._backlog.spooled else 0, file=sys.stderr)

asyncio.run(main())
"""
    child = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-c", program],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    reported = await asyncio.to_thread(_kill_at, child, 700)
    with (tmp_path / "torn").open("wb"):
        pass  # a stray file there is nobody's folder
    await asyncio.to_thread(server.start)
    async with DatabaseJournal(pool, Metrics(), spool=Spool(tmp_path)).delivering() as journal:
        journal.write(_entry(uuid4(), 1))

        async def stored() -> list[int]:
            return await _stored(server, call_id)

        found = await eventually(stored, lambda found: len(found) >= reported)
        await eventually(_async(lambda: used_bytes(tmp_path)), lambda used: used == 0)
        found = await _stored(server, call_id)
    assert found == list(range(1, len(found) + 1))


def _async(function: Any) -> Any:
    async def call() -> Any:
        return function()

    return call


def _kill_at(child: "subprocess.Popen[bytes]", count: int) -> int:
    """Kill it once it has spooled so many entries; returns how many it had reported."""
    assert child.stderr is not None
    reported = 0
    for line in child.stderr:
        reported = int(line)
        if reported >= count:
            child.send_signal(signal.SIGKILL)
            break
    child.wait()
    return reported


async def test_a_process_that_ends_during_an_outage_leaves_its_entries_to_the_next(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    metrics, call_id = Metrics(), uuid4()
    async with (
        pooled(NOWHERE, at_once=False) as nowhere,
        DatabaseJournal(nowhere, metrics, spool=Spool(tmp_path)).delivering() as journal,
    ):
        for n in range(1, 51):
            journal.write(_entry(call_id, n))
    assert _value(metrics, "ramal_journal_lost_total", reason="shutdown") == 0
    async with DatabaseJournal(pool, Metrics(), spool=Spool(tmp_path)).delivering():
        await eventually(lambda: _stored(server, call_id), lambda found: len(found) == 50)
    assert await _stored(server, call_id) == list(range(1, 51))
    assert adopt(tmp_path) == []


async def test_what_a_dead_process_left_is_kept_although_its_numbers_are_taken(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    """The call went on elsewhere, where nobody knew of the entries in the dead one's spool."""
    call_id = uuid4()
    first = [_entry(call_id, n) for n in range(1, 7)]
    async with DatabaseJournal(pool, Metrics()).delivering() as journal:
        for entry in first[:3]:
            journal.write(entry)
    left = Spool(tmp_path)
    left.append(first[2:])
    left.close()
    later = timedelta(minutes=1)
    async with DatabaseJournal(pool, Metrics()).delivering() as journal:
        for n in (4, 5):
            journal.write(Entry(call_id, n, AT + later, "note", {"n": 100 + n}))
    for _ in range(2):  # the second time as after a crash in the middle of delivering
        async with DatabaseJournal(pool, Metrics(), spool=Spool(tmp_path)).delivering():
            await eventually(lambda: _stored(server, call_id), lambda found: len(found) == 8)
        left = Spool(tmp_path)
        left.append(first[2:])
        left.close()
    assert await _stored(server, call_id) == [1, 2, 3, 104, 105, 6, 4, 5]


async def test_two_sessions_of_a_call_that_count_alike_at_once_lose_nothing(pool: Pool) -> None:
    call_id = uuid4()
    sessions = [
        [
            Entry(call_id, n, AT + timedelta(hours=hour, seconds=n), "note", {"n": n})
            for n in range(1, 31)
        ]
        for hour in range(3)
    ]

    async def deliver(entries: list[Entry]) -> None:
        async with pool.acquire() as connection:
            for entry in entries:
                await store_entries(connection, [entry])

    await asyncio.gather(*map(deliver, sessions))
    rows = await pool.fetch("SELECT sequence, at FROM events WHERE call_id = $1", call_id)
    assert len({row["at"] for row in rows}) == 90
    assert sorted(row["sequence"] for row in rows) == list(range(1, 91))


async def test_beyond_the_spools_limit_entries_wait_in_memory_and_then_are_counted(
    tmp_path: Path,
) -> None:
    metrics, call_id = Metrics(), uuid4()
    spool = Spool(tmp_path, limit_bytes=3000)
    async with (
        pooled(NOWHERE, at_once=False) as nowhere,
        DatabaseJournal(nowhere, metrics, spool=spool, capacity=50).delivering() as journal,
    ):
        for n in range(1, 31):
            journal.write(_entry(call_id, n))
        await eventually(
            _async(lambda: _value(metrics, "ramal_spool_failures_total", reason="limit")),
            lambda failures: failures > 0,
        )
        for n in range(31, 101):
            journal.write(_entry(call_id, n))
        lost = _value(metrics, "ramal_journal_lost_total", reason="queue_full")
        assert lost > 0
        assert journal.waiting + lost == 100
        spooled = _value(metrics, "ramal_journal_spooled_total")
    assert used_bytes(tmp_path) <= 3000
    assert _value(metrics, "ramal_journal_lost_total", reason="shutdown") == 100 - lost - spooled


async def test_a_folder_that_cannot_be_used_is_told_and_calls_go_on(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics, call_id = Metrics(), uuid4()
    (tmp_path / "spool").write_text("a file where the folder should be")
    journal = DatabaseJournal(pool, metrics, spool=Spool(tmp_path / "spool"))
    async with journal.delivering():
        await asyncio.to_thread(server.stop)
        journal.write(_entry(call_id, 1))
        await eventually(
            _async(lambda: _value(metrics, "ramal_spool_failures_total", reason="disk")),
            lambda failures: failures > 0,
        )
        journal.write(_entry(call_id, 2))
        await asyncio.to_thread(server.start)
        await asyncio.wait_for(journal.drained(), 20)
    assert await _stored(server, call_id) == [1, 2]
    assert "spool.takes_nothing" in capsys.readouterr().out


async def test_a_torn_record_is_counted_and_the_rest_delivered(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path
) -> None:
    metrics, call_id = Metrics(), uuid4()
    left = Spool(tmp_path)
    left.append([_entry(call_id, n) for n in range(1, 4)])
    assert left.folder is not None
    [segment] = left.folder.iterdir()
    left.close()
    segment.write_bytes(segment.read_bytes()[:-5])
    async with DatabaseJournal(pool, metrics, spool=Spool(tmp_path)).delivering():
        await eventually(
            _async(lambda: _value(metrics, "ramal_spool_damaged_total")), lambda count: count == 1
        )
    assert await _stored(server, call_id) == [1, 2]
    assert used_bytes(tmp_path) == 0


async def test_a_call_goes_on_through_an_outage_and_its_record_arrives_after(
    server: EmbeddedPostgres, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    settings = load_settings(
        database_url=SecretStr(server.url()), workers=1, log=LogSettings(format="json")
    )
    call_id, (port, return_port) = uuid4(), free_ports(2)
    async with running_server(settings):
        async with pool.acquire() as connection:
            await add_extension(
                connection, "Residencial Ipê", NewExtension("1001", port, return_port)
            )
        await until_marked(pool, "1001", "listening")
        hears = Loudness()
        caller = await Caller.connect(
            "127.0.0.1", port, call_id, clock=MediaClock(), listener=hears
        )
        await asyncio.wait_for(hears.sound.wait(), 20)
        await asyncio.to_thread(server.stop)
        for _ in range(2):
            await caller.playback.enqueue(say("bom dia, é uma entrega").tobytes()).done
            hears.sound.clear()
            await asyncio.wait_for(hears.sound.wait(), 20)
        await caller.hang_up()
        await eventually(_async(lambda: used_bytes(tmp_path / "var/spool")), lambda used: used > 0)
        await asyncio.to_thread(server.start)

        async def kinds() -> list[str]:
            rows = await pool.fetch(
                "SELECT kind, sequence FROM events WHERE call_id = $1 ORDER BY sequence", call_id
            )
            assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
            return [row["kind"] for row in rows]

        told = await eventually(kinds, lambda told: "call.ended" in told)
    assert told[0] == "call.started"
    assert told.count("turn") >= 1
    assert used_bytes(tmp_path / "var/spool") == 0
