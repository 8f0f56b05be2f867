"""The HTTP API: latencies at 50 clients at once, while 20 calls run.

Run with ``python -m bench.api``. The server is ``ramal serve`` in processes of its own, on a real,
durable PostgreSQL; the clients are in another, and the callers in this one. First the clients ask
at a pace, and their times are what a user waits; then each asks again as soon as it was answered,
which tells how much the server can do: the times then are but the queue of 50.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import uvloop

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from bench.api_clients import Plan, run_clients
from bench.scratch import free_port, scratch_folder
from supervisor.access.passwords import Cost, Passwords
from supervisor.database.api_keys import create_key
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension, find_extension
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected
from supervisor.database.users import add_user
from supervisor.settings import load_settings

CLIENTS = 50
CALLS = 20
UNITS = 300
SECONDS = 10.0
TONE = b"\x10\x27\xf0\xd8" * 4000 * 10
"""Ten seconds of slin."""
UNLIMITED = "1000000"
PACED = 100
"""Requests a second in all: a busy hour of a large installation, many times over."""
LOGINS = 10
PASSWORD = "cavalo bateria grampo"


async def measure(folder: Path) -> None:
    """Print the figures."""
    settings = load_settings(data_dir=folder)
    async with database_url(settings) as url, connected(url) as connection:
        await migrate(url)
        key = await create_key(connection, "bench", "admin")
        port, return_port, http_port = free_port(), free_port(), free_port()
        new = NewExtension("1000", port, return_port, flow="echo")
        extension = await add_extension(connection, "Bench", new)
        people = (ResidentRow("Ana", ("11987654321",)),)
        units = [UnitRow("A", str(number), people) for number in range(UNITS)]
        await store_units(connection, extension.condominium_id, units)
        await add_user(connection, "bench", await _hashed(), "admin")
        base = f"http://127.0.0.1:{http_port}"
        async with _serving(folder, url, http_port) as server:
            await _listening(connection)
            async with _calls(port):
                token = await _log_in(base)
                for what, bearer in (("an API key", key), ("a user's token", token)):
                    for each_s in (CLIENTS / PACED, 0.0):
                        await _round(server, Plan(base, bearer, CLIENTS, SECONDS, each_s), what)
                print("logging in, one after the other:")
                _show("  a login (argon2id)", [await _timed(base) for _ in range(LOGINS)])


async def _round(server: psutil.Process, plan: Plan, what: str) -> None:
    """Let the clients ask, and print what they waited and what the server spent."""
    before = sum(server.cpu_times()[:2])
    times = await run_clients(plan)
    spent_s = sum(server.cpu_times()[:2]) - before
    everything = [value for each in times.values() for value in each]
    pace = f"{PACED} requests/s" if plan.each_s else "as many as it can do"
    rate, each_ms = len(everything) / SECONDS, spent_s / len(everything) * 1000
    print(f"{what}, {CLIENTS} clients, {CALLS} calls running, {pace}: {rate:.0f} requests/s,")
    print(f"  {each_ms:.2f} ms of the supervisor's processor for each")
    for name, each in sorted(times.items()):
        _show(f"  {name}", each)
    _show("  all of them", everything)


async def _hashed() -> str:
    return await Passwords(Cost()).hash(PASSWORD)


async def _log_in(base: str) -> str:
    body = {"username": "bench", "password": PASSWORD}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{base}/api/v1/auth/login", json=body) as response,
    ):
        response.raise_for_status()
        token: str = (await response.json())["access_token"]
        return token


async def _timed(base: str) -> float:
    began = time.monotonic()
    await _log_in(base)
    return time.monotonic() - began


@asynccontextmanager
async def _calls(port: int) -> AsyncIterator[None]:
    clock = MediaClock()
    callers = [await Caller.connect("127.0.0.1", port, clock=clock) for _ in range(CALLS)]
    for caller in callers:
        caller.playback.enqueue(TONE)
    try:
        yield
    finally:
        await asyncio.gather(*(caller.hang_up() for caller in callers))


@asynccontextmanager
async def _serving(folder: Path, url: str, http_port: int) -> AsyncIterator[psutil.Process]:
    serve = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from supervisor.cli import main; main(['serve'])"),
        env={
            **os.environ,
            "DATABASE_URL": url,
            "RAMAL_DATA_DIR": str(folder),
            "RAMAL_WORKERS": "1",
            "RAMAL_SPARE_WORKER": "false",
            "RAMAL_DRAIN_S": "1",
            "RAMAL_LOG__LEVEL": "error",
            "RAMAL_HTTP__PORT": str(http_port),
            "RAMAL_HTTP__REQUESTS_PER_MINUTE": UNLIMITED,
            "RAMAL_HTTP__REQUESTS_PER_MINUTE_PER_KEY": UNLIMITED,
        },
        cwd=Path(__file__).parents[1],
    )
    try:
        yield psutil.Process(serve.pid)
    finally:
        if serve.returncode is None:
            serve.terminate()
        await serve.wait()


async def _listening(connection: Connection) -> None:
    for _ in range(600):
        if (await find_extension(connection, "1000")).status == "listening":
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the extension is not listened on within a minute")


def _show(what: str, times_s: list[float]) -> None:
    times = sorted(times_s)
    p50, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
    print(f"{what:<26}{len(times):6d} requests   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")


def main() -> None:
    """Measure in a temporary folder."""
    with scratch_folder() as folder:
        uvloop.run(measure(folder))


if __name__ == "__main__":
    main()
