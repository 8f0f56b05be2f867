"""``ramal voice``: what an operator does without HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import connected
from tests.supervisor.conftest import Ramal
from tests.tts.recordings import RATE_HZ, spoken, written
from tests.voices.rows import CONDOMINIUM

PLACE = ("--condominium", CONDOMINIUM)
CONSENT = ("--consent-by", "Maria da Silva", "--consent-statement", "Autorizo.")


@pytest.fixture(autouse=True)
def condominium(database_url: str) -> None:
    async def make() -> None:
        async with connected(database_url) as connection:
            await find_or_create_condominium(connection, CONDOMINIUM)

    asyncio.run(make())


def rows(database_url: str, statement: str) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        async with connected(database_url) as connection:
            return [dict(row) for row in await connection.fetch(statement)]

    return asyncio.run(read())


def test_a_voice_is_added_listed_and_revoked_and_each_leaves_a_trace(
    ramal: Ramal, database_url: str, tmp_path: Path
) -> None:
    file = str(written(tmp_path / "maria.wav", spoken("pt-br+f2")))
    status, out, err = ramal("voice", "add", "Maria", file, *PLACE, *CONSENT, "--profile", "fast")
    assert (status, err) == (0, "")
    assert "ramal extension set NUMBER --voice" in out
    (listed,) = json.loads(ramal("voice", "list", *PLACE, "--json")[1])
    assert (listed["name"], listed["state"], listed["profile"]) == ("Maria", "pending", "fast")
    assert "Maria da Silva" in ramal("voice", "list", *PLACE)[1]
    status, _, err = ramal("voice", "preview", "Maria", "Oi", *PLACE, "--out", "x.wav")
    assert status == 1 and "it is pending" in err
    assert ramal("voice", "revoke", "Maria", *PLACE)[0] == 0
    status, _, err = ramal("voice", "revoke", "Maria", *PLACE)
    assert status == 1 and "was revoked before" in err
    assert rows(database_url, "SELECT 1 FROM voice_files") == []
    noted = rows(database_url, "SELECT key_name, after FROM audit_log ORDER BY id")
    assert [each["after"] for each in noted] == [{"name": "Maria"}, {"state": "revoked"}]
    assert all(each["key_name"].startswith("ramal voice, ") for each in noted)


def test_what_may_spoil_a_voice_is_told_and_the_voice_kept(ramal: Ramal, tmp_path: Path) -> None:
    narrow = written(tmp_path / "narrow.wav", spoken()[::4], RATE_HZ // 4)
    status, _, err = ramal("voice", "add", "João", str(narrow), *PLACE, *CONSENT)
    assert status == 0
    assert "Mind: It was recorded at 11025 Hz" in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "Maria", "gone.wav", *PLACE, *CONSENT), "gone.wav cannot be read"),
        (("add", "Maria", "short.wav", *PLACE, *CONSENT), "record 6 to 60 s"),
        (("add", "Maria", "x", *PLACE, *CONSENT, "--profile", "best"), 'no profile "best"'),
        (
            ("add", "Maria", "x", *PLACE, "--consent-by", " ", "--consent-statement", "x"),
            "Without a consent no voice is cloned",
        ),
        (
            ("add", "Maria", "x", *PLACE, *CONSENT, "--consent-recording", "notes.txt"),
            "notes.txt cannot be used: it is no audio",
        ),
        (("revoke", "Ana", *PLACE), 'There is no voice "Ana"'),
        (("list", "--condominium", "Nowhere"), 'no condominium "Nowhere"'),
    ],
)
def test_what_is_wrong_is_one_sentence(
    ramal: Ramal, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    written(Path("short.wav"), spoken()[:100_000])
    Path("notes.txt").write_text("She said yes.")
    status, _, err = ramal("voice", *arguments)
    assert status == 1 and complaint in " ".join(err.split())
    assert "Traceback" not in err
