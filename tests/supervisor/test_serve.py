"""``ramal serve`` as a process of its own: how it starts, and how it ends."""

import asyncio
import os
import shlex
import signal
import socket
import sys
from functools import partial
from pathlib import Path

import psutil

from supervisor.database.pool import Pool
from supervisor.settings import Settings
from tests.supervisor.serving import (
    add_echo,
    calling,
    eventually,
    is_taken,
    listens,
    until_marked,
)

SERVE = (sys.executable, "-c", "from supervisor.cli import main; main(['serve'])")


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
    said = [line for line in said if "first key" not in line]  # told if the API was up by then
    assert len(said) == 1
    assert said[0].startswith("ramal: No extension can be served; ")
    assert f"port {row.port} is in use by another program" in said[0]


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
        await eventually(lambda: is_taken(row.port), lambda taken: not taken)
        await caller.hears_itself()
        assert serve.returncode is None
    assert await asyncio.wait_for(serve.wait(), 20) == 0


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
        await eventually(partial(is_taken, row.port), lambda taken: not taken)
        await caller.hears_itself()
        os.killpg(serve.pid, signal.SIGINT)
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
    await eventually(partial(is_taken, row.port), lambda taken: not taken)
    third = await asyncio.create_subprocess_exec(*SERVE, env=environment, cwd=tmp_path)
    await eventually(partial(is_taken, row.port), bool)
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
