"""The spool: what an entry costs on disk, and how long an outage's entries take to arrive after.

Run with ``python -m bench.spool``. The database is a real PostgreSQL, with its own ``fsync``.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from conversation.journal import Entry
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.journal import BATCH, DatabaseJournal
from supervisor.database.migrate import migrate
from supervisor.database.pool import pooled
from supervisor.database.spool import Spool, used_bytes
from supervisor.logs import configure_logs
from supervisor.metrics import Metrics
from supervisor.settings import LogSettings

COUNT = 10_000
SINGLE = 300
AT = datetime(2026, 11, 20, tzinfo=UTC)
TEXT = "Bom dia, portaria do Edifício Aurora. Com quem deseja falar?"


def entries() -> list[Entry]:
    """Turns, as a call of any length has them."""
    call_id, data = uuid4(), {"party": "visitor", "speaker": "agent", "text": TEXT, "first_ms": 123}
    return [Entry(call_id, n, AT + timedelta(seconds=n), "turn", data) for n in range(1, COUNT + 1)]


def measure_disk(folder: Path) -> None:
    """Print what appending costs, in batches and one by one."""
    spool, some = Spool(folder / "batches"), entries()
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, COUNT, BATCH):
        spool.append(some[start : start + BATCH])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    _show(f"an entry, in batches of {BATCH}", wall / COUNT * 1e6, "µs")
    _show("  of it processor time", cpu / COUNT * 1e6, "µs")
    _show("  on disk", used_bytes(spool.root) / COUNT, "bytes")
    spool, took = Spool(folder / "single"), []
    for entry in some[:SINGLE]:
        wall = time.perf_counter()
        spool.append([entry])
        took.append(time.perf_counter() - wall)
    took.sort()
    _show("an entry alone with its fsync, median", took[SINGLE // 2] * 1e3, "ms")
    _show("  99th percentile", took[SINGLE * 99 // 100] * 1e3, "ms")


async def measure_outage(folder: Path) -> None:
    """Print how long it takes to write through an outage, and to arrive after it."""
    server = EmbeddedPostgres(folder / "data")
    url = await asyncio.to_thread(server.start)
    await migrate(url)
    await asyncio.to_thread(server.stop)
    async with pooled(url, at_once=False) as pool:
        metrics = Metrics()
        journal = DatabaseJournal(pool, metrics, spool=Spool(folder / "spool"))
        async with journal.delivering():
            began = time.monotonic()
            for entry in entries():
                journal.write(entry)
            while _spooled(metrics) < COUNT:  # noqa: ASYNC110  # nobody in the program waits for it
                await asyncio.sleep(0.01)
            _show(f"{COUNT} entries to disk, calls unhindered", time.monotonic() - began, "s")
            await asyncio.to_thread(server.start)
            began = time.monotonic()
            await journal.drained()
            _show(f"{COUNT} entries from disk to database", time.monotonic() - began, "s")
    await asyncio.to_thread(server.stop)


def _spooled(metrics: Metrics) -> float:
    return metrics.registry.get_sample_value("ramal_journal_spooled_total") or 0.0


def _show(what: str, value: float, unit: str) -> None:
    print(f"{what:<44}{value:>10.2f} {unit}", flush=True)


def main() -> None:
    """Print every figure."""
    configure_logs(LogSettings(level="error"))
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as name:
        measure_disk(Path(name))
        asyncio.run(measure_outage(Path(name)))


if __name__ == "__main__":
    main()
