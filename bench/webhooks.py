"""Webhooks: from an entry of a call to the request at the receiver, and how many a second.

Run with ``python -m bench.webhooks``. PostgreSQL (with its own ``fsync``), the journal, the queue
and HTTP are real; journal, delivery and receiver share one process, so its processor bounds the
rate.
"""

import asyncio
import ipaddress
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import uvloop
from aiohttp import web

from conversation.journal import Entry
from supervisor.alarms import Alarms
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.journal import DatabaseJournal
from supervisor.database.migrate import migrate
from supervisor.database.pool import Pool, pooled
from supervisor.logs import configure_logs
from supervisor.metrics import Metrics
from supervisor.outgoing.signature import new_secret
from supervisor.settings import LogSettings, OutgoingSettings, Settings
from supervisor.webhooks.courier import delivering

SINGLE = 80
EVERY_S = 0.2
"""A lively call has about one event a second."""
CALLS, TURNS = 50, 20
CROWD = 500
OUTGOING = OutgoingSettings(allow_networks=(ipaddress.ip_network("127.0.0.0/8"),), allow_http=True)
TEXT = "Bom dia, portaria do Edifício Aurora. Com quem deseja falar?"


class Receiver:
    """Notes when each event came, by the time that it happened at."""

    def __init__(self) -> None:
        self.delays_s: list[float] = []
        self.enough = asyncio.Event()
        self.wanted = 0

    def expect(self, count: int) -> None:
        """Forget what came; ``enough`` is set at the next ``count``."""
        self.delays_s, self.wanted = [], count
        self.enough.clear()

    async def take(self, request: web.Request) -> web.Response:
        """Answer at once."""
        now = datetime.now(UTC)
        message = json.loads(await request.read())
        self.delays_s.append((now - datetime.fromisoformat(message["at"])).total_seconds())
        if len(self.delays_s) >= self.wanted:
            self.enough.set()
        return web.Response(status=204)


async def hang(_: web.Request) -> web.Response:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[str]:
    """The receiver's address; below it is one that hangs."""
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    app.router.add_post("/hang", hang)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def turn(call_id: UUID, sequence: int) -> Entry:
    """What is said, now."""
    data = {"party": "visitor", "speaker": "agent", "text": TEXT, "voice_to_voice_ms": 310}
    return Entry(call_id, sequence, datetime.now(UTC), "turn", data)


async def measure(url: str) -> None:
    """Print every figure."""
    receiver = Receiver()
    metrics = Metrics()
    settings = Settings(outgoing=OUTGOING)
    async with (
        pooled(url) as pool,
        receiving(receiver) as base,
        delivering(settings, url, Alarms(metrics), metrics),
        DatabaseJournal(pool, metrics).delivering() as journal,
    ):
        await _add(pool, f"{base}/hook")
        await _one_by_one(receiver, journal, "an event to its request, one call")
        await _burst(receiver, journal)
        await _add(pool, f"{base}/hang")
        await _one_by_one(receiver, journal, "... beside an endpoint that hangs")
        for _ in range(CROWD):
            await _add(pool, f"{base}/hook", ["alert"], 0.0)
        await asyncio.sleep(2.0)
        await _one_by_one(receiver, journal, f"... and {CROWD} that want other events")
        await pool.execute("DELETE FROM webhook_endpoints")


async def _add(pool: Pool, url: str, events: Sequence[str] = (), settling_s: float = 0.5) -> None:
    await pool.execute(
        "INSERT INTO webhook_endpoints (url, events, secret) VALUES ($1, $2, $3)",
        url,
        list(events),
        new_secret(),
    )
    await asyncio.sleep(settling_s)


async def _one_by_one(receiver: Receiver, journal: DatabaseJournal, what: str) -> None:
    call_id = uuid4()
    receiver.expect(1)
    journal.write(turn(call_id, 0x7FFFFFFF))  # once everything is there and warm
    await asyncio.wait_for(receiver.enough.wait(), 120)
    receiver.expect(SINGLE)
    for sequence in range(1, SINGLE + 1):
        journal.write(turn(call_id, sequence))
        await asyncio.sleep(EVERY_S)
    await asyncio.wait_for(receiver.enough.wait(), 120)
    _show(what, receiver.delays_s)


async def _burst(receiver: Receiver, journal: DatabaseJournal) -> None:
    receiver.expect(CALLS * TURNS)
    calls = [uuid4() for _ in range(CALLS)]
    began = time.monotonic()
    for sequence in range(1, TURNS + 1):
        for call_id in calls:
            journal.write(turn(call_id, sequence))
    await asyncio.wait_for(receiver.enough.wait(), 300)
    rate = CALLS * TURNS / (time.monotonic() - began)
    print(f"{f'{CALLS * TURNS} events of {CALLS} calls at once':<44}{rate:>10.0f} a second")


def _show(what: str, delays_s: list[float]) -> None:
    p50 = statistics.median(delays_s) * 1000
    p99 = statistics.quantiles(delays_s, n=100)[98] * 1000
    print(f"{what:<44}p50 {p50:>7.1f} ms   p99 {p99:>7.1f} ms", flush=True)


def main() -> None:
    """Print every figure."""
    configure_logs(LogSettings(level="error"))
    with tempfile.TemporaryDirectory(prefix="ramal-bench-") as name:
        server = EmbeddedPostgres(Path(name))
        try:
            url = server.start()
            uvloop.run(_migrated(url))
        finally:
            server.stop()


async def _migrated(url: str) -> None:
    await migrate(url)
    await measure(url)


if __name__ == "__main__":
    main()
