"""Keys of the HTTP API, on a real database and by the command line."""

import asyncio
import io
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supervisor.cli import main
from supervisor.database.api_keys import (
    ApiKeyError,
    check_key,
    create_first_key,
    create_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from supervisor.database.pool import Pool
from supervisor.first_key import FILE, hand_over_first_key

Ramal = Callable[..., tuple[int, str, str]]


async def test_a_key_is_known_by_its_secret_and_only_its_hash_is_kept(database: Pool) -> None:
    async with database.acquire() as connection:
        key = await create_key(connection, "panel", "viewer")
        found = await check_key(connection, key)
        assert found is not None
        assert (found.name, found.role, found.tenant_id) == ("panel", "viewer", None)
        rows = await connection.fetch("SELECT api_keys::text AS row FROM api_keys")
        assert key.rpartition("_")[2] not in rows[0]["row"]


async def test_a_key_with_another_secret_is_nobodys(database: Pool) -> None:
    async with database.acquire() as connection:
        key = await create_key(connection, "panel", "viewer")
        for wrong in (key[:-1], key + "A", key.swapcase(), "", "ramal_", "x", key[:18]):
            assert await check_key(connection, wrong) is None


async def test_a_key_is_over_once_it_expires_or_is_revoked(database: Pool) -> None:
    async with database.acquire() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        expired = await create_key(connection, "old", "admin", expires_at=past)
        assert await check_key(connection, expired) is None
        revoked = await create_key(connection, "lost", "admin")
        await revoke_key(connection, revoked.split("_")[1])
        assert await check_key(connection, revoked) is None


async def test_the_first_use_of_a_key_is_written_down(database: Pool) -> None:
    async with database.acquire() as connection:
        key = await create_key(connection, "panel", "viewer")
        assert [each.last_used_at for each in await list_keys(connection)] == [None]
        await check_key(connection, key)
        assert (await list_keys(connection))[0].last_used_at is not None


async def test_a_rotated_key_is_good_for_the_overlap_and_no_longer(database: Pool) -> None:
    async with database.acquire() as connection:
        old = await create_key(connection, "panel", "operator")
        new = await rotate_key(connection, old.split("_")[1], timedelta(hours=1))
        for key in (old, new):
            found = await check_key(connection, key)
            assert found is not None
            assert (found.name, found.role) == ("panel", "operator")
        await rotate_key(connection, old.split("_")[1], timedelta(0))
        assert await check_key(connection, old) is None
        assert await check_key(connection, new) is not None


async def test_a_revoked_key_cannot_be_rotated_back_to_life(database: Pool) -> None:
    async with database.acquire() as connection:
        prefix = (await create_key(connection, "panel", "operator")).split("_")[1]
        await revoke_key(connection, prefix)
        with pytest.raises(ApiKeyError, match="is revoked"):
            await rotate_key(connection, prefix, timedelta(hours=1))


async def test_of_many_servers_that_start_at_once_one_makes_the_first_key(database: Pool) -> None:
    async def start() -> str | None:
        async with database.acquire() as connection:
            return await create_first_key(connection)

    made = await asyncio.gather(*(start() for _ in range(4)))
    assert len([key for key in made if key]) == 1
    assert await start() is None


class Terminal(io.StringIO):
    def __init__(self, is_one: bool) -> None:
        super().__init__()
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


async def test_a_terminal_is_shown_the_first_key_and_a_log_never(
    database: Pool, tmp_path: Path
) -> None:
    async with database.acquire() as connection:
        log = Terminal(False)
        await hand_over_first_key(connection, tmp_path, log)
        kept = tmp_path / FILE
        key = kept.read_text().strip()
        assert (str(kept) in log.getvalue(), key in log.getvalue()) == (True, False)
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert await check_key(connection, key) is not None
        await connection.execute("DELETE FROM api_keys")
        screen = Terminal(True)
        await hand_over_first_key(connection, tmp_path, screen)
        shown = screen.getvalue().split()[-1]
        assert await check_key(connection, shown) is not None
        await hand_over_first_key(connection, tmp_path, screen)
        assert screen.getvalue().count("\n") == 1


async def test_a_first_key_that_cannot_be_handed_over_is_made_at_the_next_start(
    database: Pool, tmp_path: Path
) -> None:
    async with database.acquire() as connection:
        await hand_over_first_key(connection, tmp_path / "missing", Terminal(False))
        assert await list_keys(connection) == []
        await hand_over_first_key(connection, tmp_path, Terminal(False))
        assert len(await list_keys(connection)) == 1


@pytest.fixture
def ramal(
    capsys: pytest.CaptureFixture[str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Ramal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RAMAL_LOG__LEVEL", "error")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["key", *arguments])
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


def test_the_command_prints_a_key_once_and_lists_it_without_its_secret(ramal: Ramal) -> None:
    status, key, _ = ramal("create", "--name", "Painel", "--role", "viewer", "--days", "90")
    assert status == 0
    assert key.startswith("ramal_")
    assert key.count("\n") == 1
    _, listed, _ = ramal("list", "--json")
    [row] = json.loads(listed)
    assert (row["name"], row["role"], row["tenant"]) == ("Painel", "viewer", None)
    assert key.strip().split("_", 2)[2] not in listed
    _, table, _ = ramal("list")
    assert row["prefix"] in table


def test_the_command_rotates_and_revokes_by_prefix(ramal: Ramal) -> None:
    _, key, _ = ramal("create", "--name", "Painel", "--role", "viewer")
    prefix = key.split("_")[1]
    status, new, _ = ramal("rotate", prefix, "--overlap-hours", "1")
    assert status == 0
    assert new != key
    assert ramal("revoke", prefix)[0] == 0
    _, table, _ = ramal("list")
    assert "revoked" in table


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create", "--name", "x", "--role", "root"), 'There is no role "root"'),
        (("create", "--name", "x", "--role", "admin", "--tenant", "Alfa"), "There is no tenant"),
        (("revoke", "0123"), "There is no key 0123"),
    ],
)
def test_what_is_wrong_with_a_command_is_one_sentence(
    ramal: Ramal, arguments: tuple[str, ...], sentence: str
) -> None:
    status, out, err = ramal(*arguments)
    assert (status, out) == (1, "")
    assert sentence in err
