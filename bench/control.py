"""The control plane: database start, row to listening, a killed worker to the next call.

Run with ``python -m bench.control``. Everything is real: PostgreSQL, processes, sockets. Workers
answer with the ``echo`` flow, so that what is measured is the control plane and no engine.
"""

import asyncio
import os
import signal
import time
from uuid import UUID, uuid4

import uvloop

from audiosocket.frames import FrameDecoder, Kind, encode_frame
from bench.scratch import free_port, scratch_folder
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, connected
from supervisor.logs import configure_logs
from supervisor.server import Server, running_server
from supervisor.settings import LogSettings, Settings, load_settings
from supervisor.workers import crew, spare

ROUNDS = 3
SPARE_READY_S = spare.SPARE_AFTER_S + 6
"""For a spare to load its engines on a busy machine."""
crew.STEADY_S = 0.0  # type: ignore[misc]
"""Killing the same worker again and again is no crash loop here: no delay before its restart."""


async def measure(settings: Settings) -> None:
    """Print every figure."""
    await _database(settings, "embedded PostgreSQL, first start")
    await _database(settings, "embedded PostgreSQL, later start")
    began = time.monotonic()
    async with (
        running_server(settings, spare=True) as server,
        connected(server.database_url) as connection,
    ):
        _show("server up (database included)", [time.monotonic() - began])
        began = time.monotonic()
        port = await _row_to_call(connection, "1000")
        _show("first row to first call answered (worker starts)", [time.monotonic() - began])
        times = [await _timed_row(connection, f"10{n:02}") for n in range(1, ROUNDS + 1)]
        _show("row to call answered, worker running", times, target="200 ms")
        await asyncio.sleep(SPARE_READY_S)
        times = [await _kill(server, port) for _ in range(ROUNDS)]
        _show("kill -9 to call answered", times, target="1000 ms")
        times = [await _kill_twice(server, port) for _ in range(ROUNDS)]
        _show("  killed again at once, before the next spare", times)
        port = await _doorman(connection)
        times = [await _kill_in_a_call(server, connection, port) for _ in range(ROUNDS)]
        _show("kill -9 to the caller hearing us again", times, target="2000 ms")


async def _database(settings: Settings, what: str) -> None:
    began = time.monotonic()
    async with database_url(settings) as url:
        started = time.monotonic()
        await migrate(url)
        migrated = time.monotonic()
    _show(what, [started - began])
    _show("  and migrate", [migrated - started])


async def _timed_row(connection: Connection, number: str) -> float:
    began = time.monotonic()
    await _row_to_call(connection, number)
    return time.monotonic() - began


async def _row_to_call(connection: Connection, number: str) -> int:
    port, return_port = free_port(), free_port()
    new = NewExtension(number, port, return_port, flow="echo")
    await add_extension(connection, "Bench", new)
    await _first_frame(port)
    return port


async def _kill(server: Server, port: int) -> float:
    took = await _killed_to_answered(server, port)
    await asyncio.sleep(SPARE_READY_S)
    return took


async def _kill_twice(server: Server, port: int) -> float:
    """The second time: no spare is ready, and the next one has just been started."""
    await _killed_to_answered(server, port)
    return await _kill(server, port)


async def _killed_to_answered(server: Server, port: int) -> float:
    for pid in server.crew.pids.values():
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    await _first_frame(port)
    return time.monotonic() - began


async def _doorman(connection: Connection) -> int:
    port, return_port = free_port(), free_port()
    await add_extension(connection, "Bench", NewExtension("2000", port, return_port))
    query = "SELECT count(*) FROM extensions WHERE number = '2000' AND status = 'listening'"
    await _count(connection, query)
    await asyncio.sleep(SPARE_READY_S)
    return port


async def _kill_in_a_call(server: Server, connection: Connection, port: int) -> float:
    """Kill every worker while the doorman waits for an answer; then call again with the same UUID,
    as the dialplan does once it notices, and wait for a sound."""
    call_id = uuid4()
    reader, writer = await _connected(port, call_id)
    await _sound(reader)
    query = "SELECT count(*) FROM events WHERE call_id = $1 AND kind = 'state'"
    await _count(connection, query, call_id)
    began = time.monotonic()
    for pid in server.crew.pids.values():
        os.kill(pid, signal.SIGKILL)
    while await reader.read(4096):
        pass
    writer.close()
    reader, writer = await _connected(port, call_id)
    await _sound(reader)
    took = time.monotonic() - began
    writer.write(encode_frame(Kind.HANGUP))
    writer.close()
    await asyncio.sleep(SPARE_READY_S)
    return took


async def _count(connection: Connection, query: str, *arguments: object) -> None:
    """Wait until there is something to count."""
    for _ in range(1200):
        if await connection.fetchval(query, *arguments):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(query)


async def _connected(port: int, call_id: UUID) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(encode_frame(Kind.UUID, call_id.bytes))
    return reader, writer


async def _sound(reader: asyncio.StreamReader) -> None:
    """Return at the first frame that is not silence."""
    decoder = FrameDecoder()
    while data := await reader.read(4096):
        if any(frame.kind is Kind.SLIN and any(frame.payload) for frame in decoder.feed(data)):
            return
    raise ConnectionError("the call ended in silence")


async def _first_frame(port: int) -> None:
    """Connect, as often as the port refuses, and wait for a frame of audio."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.001)
            continue
        writer.write(encode_frame(Kind.UUID, uuid4().bytes))
        if FrameDecoder().feed(await reader.read(323)):
            writer.close()
            return


def _show(what: str, times_s: list[float], target: str = "") -> None:
    times = sorted(times_s)
    middle = times[len(times) // 2] * 1000
    worst = f"  worst {times[-1] * 1000:6.0f} ms" if len(times) > 1 else ""
    print(f"{what:<50}{middle:7.0f} ms{worst}{f'  target {target}' if target else ''}")


def main() -> None:
    """Measure in a temporary folder."""
    log = LogSettings(level="error")
    configure_logs(log)
    with scratch_folder() as folder:
        settings = load_settings(
            data_dir=folder, workers=1, database_url=None, log=log, drain_s=1.0
        )
        uvloop.run(measure(settings))


if __name__ == "__main__":
    main()
