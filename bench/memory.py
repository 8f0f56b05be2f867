"""Memory of the supervisor and its workers: of an idle extension, and of a call.

Run with ``python -m bench.memory``. ``ramal serve`` runs in processes of its own on a real
PostgreSQL; what is counted is their proportional share (PSS), espeak-ng's processes included and
PostgreSQL's not. Every extension is a doorman with a condominium of its own.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import uvloop

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from bench.scratch import scratch_folder
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected
from supervisor.settings import load_settings

WARM = 20
"""Extensions that are there before the first look: engines, texts and prompts are loaded then."""
MORE = 300
CALLS = 20
UNITS = 20
"""Apartments of each condominium, with a resident each."""
FIRST_PORT, LAST_PORT = 20_000, 32_000
QUIET_S = 12.0
"""Between the last change and the look: prompts are warmed, heaps settle."""


async def measure(folder: Path) -> None:
    """Print the figures."""
    settings = load_settings(data_dir=folder, database_url=None)
    async with database_url(settings) as url, connected(url) as connection:
        await migrate(url)
        ports = _free_ports(2 * (WARM + MORE))
        async with _serving(folder, url) as serve:
            warm = await _add(connection, range(WARM), ports)
            before = await _settled(serve)
            more = await _add(connection, range(WARM, WARM + MORE), ports) - warm
            after = await _settled(serve)
            _show("supervisor and workers, engines loaded", before, 1, "")
            _show("an idle extension", after - before, more, "target 150 kB")
            async with _calls(ports[: 2 * CALLS : 2]):
                first = await _settled(serve)
                async with _calls(ports[2 * CALLS : 4 * CALLS : 2]):
                    second = await _settled(serve)
            _show(f"a call, of the first {CALLS} ever", first - after, CALLS, "")
            _show(f"a call, of {CALLS} more", second - first, CALLS, "")


async def _add(connection: Connection, numbers: range, ports: list[int]) -> int:
    """Insert rows; how many are listened on once all were tried (a port may be taken by now)."""
    for number in numbers:
        new = NewExtension(f"{1000 + number}", ports[2 * number], ports[2 * number + 1])
        row = await add_extension(connection, f"Condominium {number}", new)
        units = [
            UnitRow("A", str(unit), (ResidentRow(f"Ana Prado {unit}", ("11987654321",)),))
            for unit in range(UNITS)
        ]
        await store_units(connection, row.condominium_id, units)
    await _until(lambda: _all_tried(connection))
    query = "SELECT count(*) FROM extensions WHERE status = 'listening'"
    return int(await connection.fetchval(query))


async def _all_tried(connection: Connection) -> bool:
    query = "SELECT count(*) FROM extensions WHERE status NOT IN ('listening', 'failed')"
    return int(await connection.fetchval(query)) == 0


async def _until(good: Callable[[], Awaitable[bool]], limit_s: float = 300.0) -> None:
    for _ in range(round(limit_s / 0.2)):
        if await good():
            return
        await asyncio.sleep(0.2)
    raise TimeoutError("the extensions are not listened on")


async def _settled(serve: asyncio.subprocess.Process) -> int:
    await asyncio.sleep(QUIET_S)
    process = psutil.Process(serve.pid)
    return sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True)))


@asynccontextmanager
async def _calls(ports: list[int]) -> AsyncIterator[None]:
    clock = MediaClock()
    callers = [await Caller.connect("127.0.0.1", port, clock=clock) for port in ports]
    try:
        yield
    finally:
        await asyncio.gather(*(caller.hang_up(drain_s=0) for caller in callers))


@asynccontextmanager
async def _serving(folder: Path, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
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
            "RAMAL_HTTP__PORT": "0",
        },
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield serve
    finally:
        if serve.returncode is None:
            serve.terminate()
        await serve.wait()


def _free_ports(count: int) -> list[int]:
    """Below those that the kernel gives to clients, which come and go meanwhile."""
    free: list[int] = []
    for port in range(FIRST_PORT, LAST_PORT):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free.append(port)
        if len(free) == count:
            return free
    raise OSError(f"there are no {count} free ports")


def _show(what: str, total_bytes: int, count: int, target: str) -> None:
    print(f"{what:<42}{total_bytes / count / 1000:10,.0f} kB  {target}")


def main() -> None:
    """Measure in a temporary folder."""
    with scratch_folder() as folder:
        uvloop.run(measure(folder))


if __name__ == "__main__":
    main()
