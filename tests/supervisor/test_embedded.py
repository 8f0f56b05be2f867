import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from supervisor.database.embedded import EmbeddedError, EmbeddedPostgres
from supervisor.database.pool import connected


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "var", durable=False)
    yield server
    server.stop()


async def _ask(url: str, question: str) -> object:
    async with connected(url) as connection:
        return await connection.fetchval(question)


def _answers(url: str) -> bool:
    try:
        return asyncio.run(_ask(url, "SELECT 1")) == 1
    except Exception:
        return False


def _pid(data_dir: Path) -> int:
    lock = data_dir / "postgres" / "data" / "postmaster.pid"
    return int(lock.read_text().split("\n", 1)[0])


def test_data_outlives_a_stop_and_a_start(server: EmbeddedPostgres) -> None:
    asyncio.run(_ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS n"))
    server.stop()
    assert not _answers(server.url())
    assert asyncio.run(_ask(server.start(), "SELECT n FROM kept")) == 7


def test_the_last_use_stops_the_server(tmp_path: Path, server: EmbeddedPostgres) -> None:
    url = server.start()
    second = EmbeddedPostgres(tmp_path / "var")
    assert second.start() == url
    server.stop()
    assert _answers(url)
    second.stop()
    assert not _answers(url)


def test_a_user_that_was_killed_does_not_count(tmp_path: Path, server: EmbeddedPostgres) -> None:
    url = server.start()
    script = (
        "import sys, time; from pathlib import Path;"
        "from supervisor.database.embedded import EmbeddedPostgres;"
        "EmbeddedPostgres(Path(sys.argv[1])).start(); print('in', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "var")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        other.kill()
        other.wait()
    server.stop()
    assert not _answers(url)


def test_a_server_that_was_killed_is_started_again_with_its_data(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "var")
    asyncio.run(_ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS n"))
    os.kill(_pid(tmp_path / "var"), signal.SIGKILL)
    server.stop()
    try:
        assert asyncio.run(_ask(server.start(), "SELECT n FROM kept")) == 7
    finally:
        server.stop()


def test_a_lock_file_with_the_pid_of_somebody_else_is_no_obstacle(
    tmp_path: Path, server: EmbeddedPostgres
) -> None:
    server.start()
    server.stop()
    stale = tmp_path / "var" / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n/somewhere\n0\n5432\n/tmp\n\n")
    assert _answers(server.start())


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 25), durable=False)
    try:
        assert _answers(server.start())
    finally:
        server.stop()


def test_a_socket_folder_that_somebody_else_made_first_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server = EmbeddedPostgres(tmp_path / ("long" * 25), durable=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Path(parse_qs(urlsplit(server.url()).query)["host"][0]).symlink_to(elsewhere)
    with pytest.raises(EmbeddedError, match="is not a folder of this user's; remove it"):
        server.start()


def test_nobody_else_on_the_machine_can_reach_the_server(
    tmp_path: Path, server: EmbeddedPostgres
) -> None:
    server.start()
    home = tmp_path / "var" / "postgres"
    assert home.stat().st_mode & 0o077 == 0
    assert _answers(server.url())


def test_a_cluster_of_another_version_is_named_not_touched(
    tmp_path: Path, server: EmbeddedPostgres
) -> None:
    cluster = tmp_path / "var" / "postgres" / "data"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 16, and ours is 18"):
        server.start()


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="set data_dir"):
        EmbeddedPostgres(tmp_path / "file" / "var").start()


def test_a_data_directory_of_another_user_is_named(tmp_path: Path) -> None:
    (tmp_path / "postgres.lock").mkdir()
    with pytest.raises(EmbeddedError, match=r"cannot be used \(.*postgres\.lock\); set data_dir"):
        EmbeddedPostgres(tmp_path).start()


def test_a_cluster_that_does_not_start_is_told_in_one_sentence(
    tmp_path: Path, server: EmbeddedPostgres
) -> None:
    server.start()
    server.stop()
    (tmp_path / "var" / "postgres" / "data" / "postgresql.conf").write_text("nonsense = = 1")
    with pytest.raises(EmbeddedError, match=r"did not work \(pg_ctl: .*look into"):
        server.start()
