"""From the death of a worker to the moment when its caller hears us again.

The caller connects again as Asterisk's dialplan does, with the same UUID, as soon as the line is
gone. A spare worker is ready, as in production. The second half is the same without the database.
Run: ``.venv/bin/python -m bench resume``.
"""

import asyncio
import os
import signal
import socket
import statistics
import time
from uuid import UUID, uuid4

import uvloop
from pydantic import SecretStr

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.listener import IgnoringListener
from audiosocket.slin import Samples
from bench.scratch import scratch_folder
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.migrate import migrate
from supervisor.database.pool import connected
from supervisor.logs import configure_logs
from supervisor.server import Server, running_server
from supervisor.settings import LogSettings, Settings, load_settings
from supervisor.workers import crew, spare

ROUNDS = 5
SPARE_WITHIN_S = 10.0
"""For the next spare to load its engines."""
LOUD = 500
"""Of 32768: speech is louder, and the comfort noise of no line is."""
QUIET = LogSettings(level="error")

spare.SPARE_AFTER_S = 0.0  # type: ignore[misc]
crew.STEADY_S = 0.0  # type: ignore[misc]


class _Ears(IgnoringListener):
    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Notice the first loud frame."""
        if int(abs(samples.astype(int)).max()) > LOUD:
            self.heard.set()


async def _connect(port: int, call_id: UUID, clock: MediaClock) -> Caller:
    ears = _Ears()
    caller = await Caller.connect("127.0.0.1", port, call_id, clock=clock, listener=ears)
    await asyncio.wait_for(ears.heard.wait(), 60)
    return caller


async def measure(settings: Settings, database: EmbeddedPostgres) -> None:
    """Print both halves."""
    url = database.url()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        ports = one.getsockname()[1], other.getsockname()[1]
    async with connected(url) as connection:
        await add_extension(connection, "Bench", NewExtension("1000", *ports))
    async with running_server(settings, spare=True) as server:
        await asyncio.wait_for(server.reconciler.settled(), 60)
        clock, call_id = MediaClock(), uuid4()
        caller = await _connect(ports[0], call_id, clock)
        for where in ("with the database", "while the database is away"):
            times = []
            for _ in range(ROUNDS):
                await asyncio.sleep(SPARE_WITHIN_S)
                began = _kill_worker(server)
                await caller.ended
                caller = await _connect(ports[0], call_id, clock)
                times.append((time.monotonic() - began) * 1000)
            middle, worst = statistics.median(times), max(times)
            what = f"kill -9 to the caller hearing us again, {where}"
            print(f"{what:<66}{middle:6.0f} ms  worst {worst:5.0f} ms  target 2000 ms")
            await asyncio.to_thread(database.stop)
        await caller.hang_up()


def _kill_worker(server: Server) -> float:
    for pid in server.crew.pids.values():
        os.kill(pid, signal.SIGKILL)
    return time.monotonic()


def main() -> None:
    """Measure in a temporary folder, on a database of its own."""
    with scratch_folder() as folder:
        database = EmbeddedPostgres(folder)
        try:
            url = database.start()
            asyncio.run(migrate(url))
            configure_logs(QUIET)
            settings = load_settings(
                data_dir=folder, workers=1, database_url=SecretStr(url), log=QUIET, drain_s=1.0
            )
            uvloop.run(measure(settings, database))
        finally:
            database.stop()


if __name__ == "__main__":
    main()
