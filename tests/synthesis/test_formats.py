"""Every format's files, as others read them; and the archive of all."""

import csv
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import soundfile

from supervisor.synthesis.encoding import encode
from supervisor.synthesis.folder import Parts
from supervisor.synthesis.formats import FILES, FORMATS, Format, can_write, write_file
from supervisor.synthesis.zipping import Result, file_name, zipped
from tests.synthesis.jobs import Hum


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_what_was_said_and_nothing_else(name: Format, tmp_path: Path) -> None:
    form = FILES[name]
    assert can_write(name)
    sound = Hum.sound("x" * 200, form.rate_hz)
    path = tmp_path / f"a.{form.suffix}"
    written = write_file(path, name, [sound[:1000], b"", sound[1000:]])
    assert written.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert (written.size_bytes, written.duration_ms) == (path.stat().st_size, 2000)
    if form.container is None:
        assert path.read_bytes() == sound
        return
    info = soundfile.info(path)
    assert (info.format, info.channels) == (form.container, 1)
    assert info.duration == pytest.approx(2.0, abs=0.1)
    read, rate_hz = soundfile.read(path)
    tone = np.abs(np.fft.rfft(read[: rate_hz * 19 // 10]))
    assert np.argmax(tone) / 1.9 == pytest.approx(440, abs=2)


def test_a_long_opus_file_is_written_in_blocks(tmp_path: Path) -> None:
    sound = Hum.sound("x" * 6000, 16_000)
    written = write_file(tmp_path / "long.opus", "opus", [sound])
    assert written.duration_ms == 60_000
    assert soundfile.info(tmp_path / "long.opus").duration == pytest.approx(60, abs=0.2)


def test_a_passage_that_a_power_cut_left_half_is_made_again(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "1.parts")
    for number in range(3):
        parts.add(number, bytes([number]) * 100)
    assert (parts.count(), parts.read(1)) == (3, b"\1" * 100)
    damaged = tmp_path / "1.parts" / "000001.slin"
    damaged.write_bytes(damaged.read_bytes()[:60])
    assert parts.count() == 1
    with pytest.raises(OSError, match="is gone"):
        parts.read(1)
    parts.remove()
    assert parts.count() == 0


@pytest.mark.parametrize("form", ["wav", "mp3"])
async def test_passages_are_joined_with_their_pauses_or_not_at_all(
    form: Format, tmp_path: Path
) -> None:
    parts = Parts(tmp_path / "1.parts")
    for number in range(2):
        parts.add(number, Hum.sound("x" * 50, 16_000))
    path = tmp_path / f"joined.{form}"
    written = await encode(path, form, parts.folder, [16_000, 0])
    assert written.duration_ms == 500 + 1000 + 500
    assert written.sha256 == hashlib.sha256(path.read_bytes()).digest()
    with pytest.raises(OSError, match=r"000002\.slin is gone"):
        await encode(path, form, parts.folder, [0, 0, 0])
    assert not path.exists()


def _result(number: int, file: bytes | None, **more: Any) -> Result:
    digest = None if file is None else hashlib.sha256(file).digest()
    given = {"name": "", "state": "done", "error": None, "at": datetime(2026, 11, 20, tzinfo=UTC)}
    fixed = {"id": uuid4(), "suffix": ".wav", "sha256": digest, "size_bytes": 1, "duration_ms": 1}
    return Result(number=number, **{**given, **fixed, **more})


async def test_an_archive_holds_every_file_and_an_index_of_all_items() -> None:
    files = {1: b"\x00" * 600_000, 3: b"\x01" * 600_000}
    results = [
        _result(1, files[1], name="Aviso da piscina!"),
        _result(2, None, state="dead", error="=cmd"),
        _result(3, files[3], name="../../etc"),
    ]

    async def read(result: Result) -> AsyncIterator[bytes]:
        yield files[result.number][:100_000]
        yield files[result.number][100_000:]

    blocks = [block async for block in zipped(results, read)]
    assert max(map(len, blocks)) < 600_000, "no file is held whole"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(blocks)))
    assert archive.testzip() is None
    names = ["index.csv", "0001-Aviso-da-piscina.wav", "0003-etc.wav"]
    assert archive.namelist() == names
    assert archive.read(names[1]) == files[1]
    rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode())))
    assert [(row["number"], row["state"], row["file"]) for row in rows] == [
        ("1", "done", names[1]),
        ("2", "dead", ""),
        ("3", "done", names[2]),
    ]
    assert rows[0]["sha256"] == hashlib.sha256(files[1]).hexdigest()
    assert rows[1]["error"] == "'=cmd"


def test_names_of_downloads_are_taken_by_any_system() -> None:
    assert file_name(7, "Bom dia, João/Ana: 1º", ".mp3") == "0007-Bom-dia-João-Ana-1º.mp3"
    assert file_name(12, "", ".sln") == "0012.sln"
