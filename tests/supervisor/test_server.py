"""The supervisor with real worker processes and a real database."""

import asyncio
import contextlib
import os
import shlex
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from audiosocket.frames import Kind
from supervisor.database.directory import UnitRow, store_units
from supervisor.database.extensions import Extension
from supervisor.database.pool import Pool, connected
from supervisor.server import Server, running_server
from supervisor.settings import LogSettings, Settings, load_settings
from supervisor.workers.crew import Crew
from tests.supervisor.serving import (
    add_echo,
    calling,
    eventually,
    free_ports,
    listens,
    until_marked,
)

SERVE = (sys.executable, "-c", "from supervisor.cli import main; main(['serve'])")


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return load_settings(
        database_url=SecretStr(database_url),
        workers=2,
        drain_s=1.0,
        log=LogSettings(format="json"),
    )


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    async with running_server(settings) as server:
        yield server


async def test_an_inserted_row_is_answered_and_a_deleted_one_is_not(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
    await database.execute("DELETE FROM extensions")
    await eventually(lambda: _listens(row.port), lambda taken: not taken)
    assert not listens(row.return_port)


async def test_disabling_lets_the_running_call_finish_and_enabling_answers_again(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        await database.execute("UPDATE extensions SET enabled = false")
        await until_marked(database, "1001", "disabled")
        await eventually(lambda: _listens(row.port), lambda taken: not taken)
        await caller.hears_itself()
    await eventually(lambda: _listens(row.return_port), lambda taken: not taken)
    await database.execute("UPDATE extensions SET enabled = true")
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()


async def test_changing_the_port_moves_the_listener_and_leaves_the_call_alone(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    [new_port] = free_ports(1)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        await database.execute("UPDATE extensions SET port = $1", new_port)
        await eventually(lambda: _listens(new_port), lambda taken: taken)
        await eventually(lambda: _listens(row.port), lambda taken: not taken)
        await caller.hears_itself()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("flow = 'concierge'", 'there is no flow "concierge"'),
        ("""settings = '{"rings": 5}'""", 'its settings have no "rings"'),
        ("""settings = '{"ring_s": 1000}'""", 'its setting "ring_s" is wrong'),
        ("settings = '[]'", "not a JSON object"),
    ],
)
async def test_a_bad_row_is_marked_and_the_others_are_answered(
    server: Server, database: Pool, change: str, reason: str
) -> None:
    bad = await add_echo(database, "1001")
    good = await add_echo(database, "1002")
    await until_marked(database, "1001", "listening")
    await database.execute(f"UPDATE extensions SET {change} WHERE number = '1001'")
    marked = await until_marked(database, "1001", "failed")
    assert reason in (marked.status_reason or "")
    for row in (good, bad):
        async with calling(row.port) as caller:
            await caller.hears_itself()
    await database.execute("UPDATE extensions SET flow = 'echo', settings = '{}'")
    healed = await until_marked(database, "1001", "listening")
    assert healed.status_reason is None


async def test_a_taken_port_is_marked_and_taken_up_once_it_is_free(
    server: Server, database: Pool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        await add_echo(database, "1001")
        await database.execute("UPDATE extensions SET port = $1", taken)
        marked = await until_marked(database, "1001", "failed")
        assert f"port {taken} is in use by another program" in (marked.status_reason or "")
    await until_marked(database, "1001", "listening")
    async with calling(taken) as caller:
        await caller.hears_itself()


async def test_a_port_of_another_extension_is_named_with_its_number(
    server: Server, database: Pool
) -> None:
    first = await add_echo(database, "1001")
    await until_marked(database, "1001", "listening")
    await add_echo(database, "1002")
    await until_marked(database, "1002", "listening")
    await database.execute("UPDATE extensions SET port = $1 WHERE number = '1002'", first.port)
    marked = await until_marked(database, "1002", "failed")
    assert f"port {first.port} belongs to extension 1001" in (marked.status_reason or "")


async def test_an_engine_that_cannot_be_opened_is_the_reason(
    settings: Settings, database: Pool
) -> None:
    stt = settings.stt.model_copy(update={"model": "/no/such/model.onnx"})
    await add_echo(database)
    await database.execute("UPDATE extensions SET flow = 'doorman'")
    async with running_server(settings.model_copy(update={"stt": stt})):
        marked = await until_marked(database, "1001", "failed")
    assert "/no/such/model.onnx" in (marked.status_reason or "")


async def test_a_doorman_whose_voice_does_not_exist_is_not_said_to_listen(
    server: Server, database: Pool
) -> None:
    await add_echo(database, voice="nonsense")
    await database.execute("UPDATE extensions SET flow = 'doorman'")
    marked = await until_marked(database, "1001", "failed")
    assert "no voice 'nonsense'" in (marked.status_reason or "")
    await database.execute("UPDATE extensions SET voice = 'pt-br+f2'")
    await until_marked(database, "1001", "listening")


async def test_a_server_that_can_serve_nothing_says_so_and_ends(
    settings: Settings, database: Pool, database_url: str, tmp_path: Path
) -> None:
    row = await add_echo(database)
    with socket.create_server(("127.0.0.1", row.port)):
        serve = await asyncio.create_subprocess_exec(
            *SERVE,
            env={**os.environ, "DATABASE_URL": database_url, "RAMAL_LOG__FORMAT": "json"},
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await asyncio.wait_for(serve.communicate(), 30)
    assert serve.returncode == 1
    said = [line for line in err.decode().splitlines() if not line.startswith("{")]
    assert len(said) == 1
    assert said[0].startswith("ramal: No extension can be served; ")
    assert f"port {row.port} is in use by another program" in said[0]


async def test_a_new_resident_is_known_without_a_restart(
    settings: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    change = Crew.change

    async def note(crew: Crew, extension: Extension) -> None:
        told.append(extension.number)
        await change(crew, extension)

    monkeypatch.setattr(Crew, "change", note)
    async with running_server(settings):
        row = await add_echo(database)
        await until_marked(database, "1001", "listening")
        told.clear()
        async with database.acquire() as connection:
            await store_units(connection, row.condominium_id, [UnitRow("A", "501", ())])

        async def numbers() -> list[str]:
            return told

        assert await eventually(numbers, bool) == ["1001"]


async def test_calls_go_on_while_the_database_is_away_and_changes_are_followed_after(
    server: Server, database: Pool, database_url: str
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    name = database_url.partition("?")[0].rpartition("/")[2]
    async with (
        calling(row.port) as caller,
        connected(database_url.replace(f"/{name}", "/postgres")) as other,
    ):
        await caller.hears_itself()
        await other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        await caller.hears_itself()
        async with calling(row.port) as another:
            await another.hears_itself()
        await other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await database.execute("DELETE FROM extensions")
        await eventually(partial(_listens, row.port), lambda taken: not taken)
        await caller.hears_itself()


async def test_a_killed_worker_is_replaced_and_no_connection_is_refused(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        [victim] = server.crew.pids.values()
        os.kill(victim, signal.SIGKILL)
        refused = 0
        for _ in range(20):
            refused += not listens(row.port)
        async with calling(row.port, caller.call_id) as again:
            await again.hears_itself()
    assert refused == 0
    assert victim not in server.crew.pids.values()


async def test_a_spare_worker_takes_the_place_of_a_dead_one(
    settings: Settings, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.crew.SPARE_AFTER_S", 0.0)
    row = await add_echo(database)
    async with running_server(settings, spare=True) as server:
        await until_marked(database, "1001", "listening")
        [victim] = server.crew.pids.values()
        [spare] = await eventually(_idle_children(victim), lambda pids: len(pids) == 1)
        os.kill(victim, signal.SIGKILL)
        async with calling(row.port) as caller:
            await caller.hears_itself()
        assert list(server.crew.pids.values()) == [spare]
    assert not any(map(_is_worker, psutil.Process().children()))


async def test_other_workers_do_not_notice_a_death(server: Server, database: Pool) -> None:
    first = await add_echo(database, "1001")
    second = await add_echo(database, "1002", isolated=True)
    for number in ("1001", "1002"):
        await until_marked(database, number, "listening")
    async with calling(second.port) as caller:
        await caller.hears_itself()
        survivor = server.crew.worker_of(second.id)
        assert survivor is not None
        victim = server.crew.worker_of(first.id)
        assert victim is not None
        before = server.crew.pids
        os.kill(before[victim], signal.SIGKILL)
        async with calling(first.port) as again:
            await again.hears_itself()
        await caller.hears_itself()
        assert server.crew.pids[survivor] == before[survivor]


async def test_a_hung_worker_is_replaced(
    server: Server, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.workers.messages.HEARTBEAT_LIMIT_S", 2.0)
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
    [hung] = server.crew.pids.values()
    os.kill(hung, signal.SIGSTOP)
    async with calling(row.port) as caller:
        await caller.hears_itself(limit_s=30)
    assert hung not in server.crew.pids.values()


async def test_extensions_share_workers_and_an_isolated_one_has_its_own(
    server: Server, database: Pool
) -> None:
    shared = [await add_echo(database, f"10{n:02}") for n in range(4)]
    alone = await add_echo(database, "2000", isolated=True)
    for row in (*shared, alone):
        await until_marked(database, row.number, "listening")
    workers = {server.crew.worker_of(row.id) for row in shared}
    assert len(workers) == 2
    assert server.crew.worker_of(alone.id) not in workers


async def test_a_call_that_is_over_is_answered_with_a_hangup(
    server: Server, database: Pool
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        caller.press("#")
        assert Kind.HANGUP in await caller.until_the_end()
    async with calling(row.port, caller.call_id) as again:
        assert await again.until_the_end() == [Kind.HANGUP]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x01\x00",
        b"\x10\x01\x40" + bytes(320),
        b"\x01\x00\x10" + bytes(16) + b"\x77\x00\x01x",
    ],
    ids=["a port scanner", "half a header", "audio without a UUID", "an unknown kind"],
)
async def test_what_is_no_call_ends_and_running_calls_do_not_notice(
    server: Server, database: Pool, sent: bytes
) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        reader, writer = await asyncio.open_connection("127.0.0.1", row.port)
        writer.write(sent)
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while await reader.read(4096):
                    pass
        writer.close()
        await caller.hears_itself()


async def test_nobody_can_join_a_leg_that_is_not_expected(server: Server, database: Pool) -> None:
    row = await add_echo(database)
    await until_marked(database, "1001", "listening")
    async with calling(row.return_port) as intruder:
        assert await intruder.until_the_end() == [Kind.HANGUP]


async def test_nothing_is_left_of_extensions_that_come_and_go(
    server: Server, database: Pool
) -> None:
    await add_echo(database, "1001")
    await until_marked(database, "1001", "listening")
    process = psutil.Process()
    before = process.num_fds(), len(asyncio.all_tasks())
    for _ in range(5):
        row = await add_echo(database, "1002")
        await until_marked(database, "1002", "listening")
        await database.execute("DELETE FROM extensions WHERE number = '1002'")
        await eventually(partial(_listens, row.port), lambda taken: not taken)

    async def counts() -> tuple[int, int]:
        return process.num_fds(), len(asyncio.all_tasks())

    await eventually(counts, lambda now: now[0] <= before[0] + 2 and now[1] <= before[1] + 2)


async def test_sigterm_lets_calls_finish_and_then_ends_the_server(
    settings: Settings, database: Pool, database_url: str, tmp_path: Path
) -> None:
    row = await add_echo(database)
    environment = {**os.environ, "DATABASE_URL": database_url, "RAMAL_DRAIN_S": "30"}
    serve = await asyncio.create_subprocess_exec(
        *SERVE,
        env=environment,
        cwd=tmp_path,
    )
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        serve.send_signal(signal.SIGTERM)
        await eventually(lambda: _listens(row.port), lambda taken: not taken)
        await caller.hears_itself()
        assert serve.returncode is None
    assert await asyncio.wait_for(serve.wait(), 20) == 0


async def test_a_second_server_on_the_data_directory_leaves_the_first_ones_extensions_alone(
    settings: Settings, database: Pool, database_url: str, tmp_path: Path
) -> None:
    row = await add_echo(database)
    environment = {**os.environ, "DATABASE_URL": database_url, "RAMAL_DRAIN_S": "30"}
    first = await asyncio.create_subprocess_exec(*SERVE, env=environment, cwd=tmp_path)
    await until_marked(database, "1001", "listening")
    second = await asyncio.create_subprocess_exec(
        *SERVE, env=environment, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
    )
    _, err = await asyncio.wait_for(second.communicate(), 20)
    assert second.returncode == 1
    assert err.decode().startswith(f"ramal: Another ramal serve (process {first.pid}) runs on ")
    assert (await until_marked(database, "1001", "listening")).status_reason is None
    async with calling(row.port) as caller:
        await caller.hears_itself()
    first.kill()
    await first.wait()
    await eventually(partial(_listens, row.port), lambda taken: not taken)
    third = await asyncio.create_subprocess_exec(*SERVE, env=environment, cwd=tmp_path)
    await eventually(partial(_listens, row.port), bool)
    third.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(third.wait(), 20) == 0


async def test_a_server_started_without_standard_streams_answers(
    settings: Settings, database: Pool, database_url: str, tmp_path: Path
) -> None:
    row = await add_echo(database)
    serve = await asyncio.create_subprocess_shell(
        f"exec {shlex.join(SERVE)} <&- >&- 2>&-",
        env={**os.environ, "DATABASE_URL": database_url},
        cwd=tmp_path,
    )
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
    serve.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(serve.wait(), 20) == 0


async def test_workers_are_told_no_secret_by_their_environment(
    settings: Settings, database: Pool, database_url: str, tmp_path: Path
) -> None:
    await add_echo(database)
    environment = {**os.environ, "DATABASE_URL": database_url, "RAMAL_AMI__SECRET": "hush"}
    serve = await asyncio.create_subprocess_exec(*SERVE, env=environment, cwd=tmp_path)
    await until_marked(database, "1001", "listening")
    for child in psutil.Process(serve.pid).children(recursive=True):
        told = child.environ()
        assert "DATABASE_URL" not in told
        assert not [name for name in told if name.startswith("RAMAL_")]
    serve.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(serve.wait(), 20) == 0


async def test_a_call_that_outlasts_the_drain_is_ended(settings: Settings, database: Pool) -> None:
    row = await add_echo(database)
    async with running_server(settings) as server:
        await until_marked(database, "1001", "listening")
        async with calling(row.port) as caller:
            await caller.hears_itself()
            draining = asyncio.create_task(server.crew.drain(1.0))
            assert Kind.HANGUP in await caller.until_the_end()
            await asyncio.wait_for(draining, 20)
        assert server.crew.pids == {}


async def test_workers_leave_when_their_supervisor_is_killed(
    database: Pool, database_url: str, tmp_path: Path, settings: Settings
) -> None:
    row = await add_echo(database)
    serve = await asyncio.create_subprocess_exec(
        *SERVE,
        env={**os.environ, "DATABASE_URL": database_url},
        cwd=tmp_path,
    )
    await until_marked(database, "1001", "listening")
    workers = psutil.Process(serve.pid).children()
    assert workers
    serve.kill()
    await serve.wait()
    await asyncio.to_thread(psutil.wait_procs, workers, timeout=20)
    assert not any(worker.is_running() and worker.status() != "zombie" for worker in workers)
    assert not listens(row.port)


def _idle_children(worker: int) -> Callable[[], Awaitable[list[int]]]:
    async def pids() -> list[int]:
        children = psutil.Process().children()
        return [child.pid for child in children if child.pid != worker and _is_worker(child)]

    return pids


def _is_worker(process: psutil.Process) -> bool:
    return "supervisor.worker" in process.cmdline()


async def _listens(port: int) -> bool:
    return await asyncio.to_thread(listens, port)


async def test_ctrl_c_in_a_terminal_lets_calls_finish_and_a_second_one_ends_them(
    settings: Settings, database: Pool, database_url: str, tmp_path: Path
) -> None:
    row = await add_echo(database)
    serve = await asyncio.create_subprocess_exec(
        *SERVE,
        env={**os.environ, "DATABASE_URL": database_url},
        cwd=tmp_path,
        start_new_session=True,
    )
    await until_marked(database, "1001", "listening")
    async with calling(row.port) as caller:
        await caller.hears_itself()
        os.killpg(serve.pid, signal.SIGINT)
        await eventually(partial(_listens, row.port), lambda taken: not taken)
        await caller.hears_itself()
        os.killpg(serve.pid, signal.SIGINT)
        assert await asyncio.wait_for(serve.wait(), 20) == 0
