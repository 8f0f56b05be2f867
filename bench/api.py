"""The HTTP API: latencies at 50 clients at once, while 20 calls run.

Run with ``python -m bench.api``. The server is ``ramal serve`` in processes of its own, on a real,
durable PostgreSQL; clients and callers share this process, so what they take is in the figures.
"""

import asyncio
import os
import random
import shutil
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import uvloop

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from supervisor.database.api_keys import create_key
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension, find_extension
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected
from supervisor.settings import load_settings

CLIENTS = 50
CALLS = 20
UNITS = 300
SECONDS = 10.0
TONE = b"\x10\x27\xf0\xd8" * 4000 * 10
"""Ten seconds of slin."""
UNLIMITED = "1000000"

Times = dict[str, list[float]]


async def measure(folder: Path) -> None:
    """Print the figures."""
    settings = load_settings(data_dir=folder)
    async with database_url(settings) as url, connected(url) as connection:
        await migrate(url)
        key = await create_key(connection, "bench", "admin")
        port, return_port, http_port = _free_port(), _free_port(), _free_port()
        new = NewExtension("1000", port, return_port, flow="echo")
        extension = await add_extension(connection, "Bench", new)
        people = (ResidentRow("Ana", ("11987654321",)),)
        units = [UnitRow("A", str(number), people) for number in range(UNITS)]
        await store_units(connection, extension.condominium_id, units)
        async with _serving(folder, url, http_port):
            await _listening(connection)
            async with _calls(port), _session(http_port, key) as session:
                times = await _load(session)
    for name, each in times.items():
        _show(name, each)
    everything = [value for each in times.values() for value in each]
    _show("all of them", everything)
    print(f"{len(everything) / SECONDS:.0f} requests/s, {CLIENTS} clients, {CALLS} calls running")


async def _load(session: aiohttp.ClientSession) -> Times:
    times: Times = defaultdict(list)
    ids = [unit["id"] for unit in await _get(session, "units?limit=300")]
    work: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        ("a page of 50 units", lambda: _get(session, "units?limit=50")),
        ("one unit", lambda: _get(session, f"units/{random.choice(ids)}")),
        ("residents by name", lambda: _get(session, "residents?name=an&limit=10")),
        ("a unit's notes changed", lambda: _change(session, f"units/{random.choice(ids)}")),
    ]
    until = time.monotonic() + SECONDS

    async def client() -> None:
        while time.monotonic() < until:
            name, ask = random.choices(work, weights=(3, 5, 1, 1))[0]
            began = time.monotonic()
            await ask()
            times[name].append(time.monotonic() - began)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return times


async def _get(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(f"/api/v1/{path}") as response:
        response.raise_for_status()
        body = await response.json()
        return body.get("items", body)


async def _change(session: aiohttp.ClientSession, path: str) -> None:
    body = {"notes": uuid4().hex}
    async with session.patch(f"/api/v1/{path}", json=body, headers={"If-Match": "*"}) as response:
        response.raise_for_status()
        await response.read()


@asynccontextmanager
async def _session(port: int, key: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Bearer {key}"},
        connector=aiohttp.TCPConnector(limit=CLIENTS),
    ) as session:
        yield session


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
async def _serving(folder: Path, url: str, http_port: int) -> AsyncIterator[None]:
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
        yield
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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _show(what: str, times_s: list[float]) -> None:
    times = sorted(times_s)
    p50, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
    print(f"{what:<26}{len(times):6d} requests   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")


def main() -> None:
    """Measure in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="ramal-bench-"))
    try:
        uvloop.run(measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
