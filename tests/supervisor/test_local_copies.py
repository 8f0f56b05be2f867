"""What was read from the database is there again while the database is away."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from supervisor import local_copies
from supervisor.local_copies import LocalCopies

UNITS = [{"number": "501", "residents": [{"name": "José"}]}]


async def _units() -> Any:
    return UNITS


async def _away() -> Any:
    raise ConnectionRefusedError


async def test_a_copy_stands_in_for_a_database_that_is_away(tmp_path: Path) -> None:
    copies = LocalCopies(tmp_path / "copies")
    assert await copies.read_through("directory-1", _units) == UNITS
    assert await copies.read_through("directory-1", _away) == UNITS
    [kept] = (tmp_path / "copies").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700


async def test_without_a_copy_the_trouble_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConnectionRefusedError):
        await LocalCopies(tmp_path).read_through("directory-1", _away)


async def test_a_database_that_hangs_is_not_waited_for_where_there_is_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_copies, "PATIENCE_S", 0.05)

    async def hang() -> Any:
        await asyncio.Event().wait()

    copies = LocalCopies(tmp_path)
    await copies.read_through("directory-1", _units)
    assert await asyncio.wait_for(copies.read_through("directory-1", hang), 5) == UNITS


async def test_a_torn_copy_counts_as_none(tmp_path: Path) -> None:
    copies = LocalCopies(tmp_path)
    await copies.read_through("directory-1", _units)
    (tmp_path / "directory-1.json").write_text('[{"number": ')
    with pytest.raises(ConnectionRefusedError):
        await copies.read_through("directory-1", _away)


async def test_a_disk_that_takes_no_copy_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    assert await LocalCopies(tmp_path / "file").read_through("directory-1", _units) == UNITS
    assert "copy.not_kept" in capsys.readouterr().out


async def test_copies_of_what_is_gone_are_deleted(tmp_path: Path) -> None:
    copies = LocalCopies(tmp_path)
    for name in ("directory-1", "directory-2", "texts-1"):
        await copies.read_through(name, _units)
    await copies.keep_only("directory-", {"directory-2"})
    left = [f"{name}.json" for name in ("directory-2", "texts-1")]
    assert sorted(os.listdir(tmp_path)) == left  # noqa: PTH208
