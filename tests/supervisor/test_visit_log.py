"""The visit log as an auditor meets it: listed, exported, verified, and forged."""

import asyncio
import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from conversation.journal import Entry
from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import Connection, Pool, connected
from supervisor.database.records import store_entries
from supervisor.database.visit_chain import guard_trouble, walk_chains
from tests.supervisor.conftest import Ramal

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AURORA, IPE = "Edifício Aurora", "Residencial Ipê"
GUIDE = Path(__file__).parents[2] / "docs" / "visit-log.md"


async def _visit(connection: Connection, condominium: str, n: int, **data: Any) -> UUID:
    condominium_id = await find_or_create_condominium(connection, condominium)
    call_id, at = uuid4(), AT + timedelta(days=n)
    told = {"visitor": f"João {n}", "block": "A", "apartment": "501", "outcome": "authorised"}
    started = {"condominium_id": str(condominium_id)}
    entries = [
        Entry(call_id, 1, at, "call.started", started),
        Entry(call_id, 2, at, "visit", {**told, **data}),
    ]
    await store_entries(connection, entries)
    return call_id


@pytest.fixture
def log(database_url: str) -> list[UUID]:
    """The calls of three visits to one condominium, with two to another between them."""

    async def fill() -> list[UUID]:
        async with connected(database_url) as connection:
            calls = []
            for n in (1, 2, 3):
                calls.append(await _visit(connection, AURORA, n))
                if n < 3:
                    await _visit(connection, IPE, n, visitor="=cmd|' /C calc'!A0")
            return calls

    return asyncio.run(fill())


@pytest.fixture
def forge(database_url: str) -> Callable[[str], None]:
    """Changes the log as somebody with the owner's rights could."""

    async def change(statement: str) -> None:
        async with connected(database_url) as connection:
            await connection.execute("ALTER TABLE visits DISABLE TRIGGER append_only")
            await connection.execute(statement)
            await connection.execute("ALTER TABLE visits ENABLE ALWAYS TRIGGER append_only")

    return lambda statement: asyncio.run(change(statement))


def _audit(file: Path) -> tuple[int, str]:
    """What the snippet of the guide says of an export."""
    [snippet] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    command = [sys.executable, "-I", "-c", snippet, str(file)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


OF_SECOND = (
    "WHERE position = 2 AND condominium_id = (SELECT id FROM condominiums WHERE name LIKE 'E%')"
)
FORGERIES = [
    (f"UPDATE visits SET outcome = 'denied' {OF_SECOND}", 2, "column outcome"),
    (f"UPDATE visits SET at = at + interval '1 s' {OF_SECOND}", 2, "column at"),
    (f'UPDATE visits SET data = data || \'{{"visitor": "X"}}\' {OF_SECOND}', 2, "column data"),
    (f"UPDATE visits SET call_id = gen_random_uuid() {OF_SECOND}", 2, "column call_id"),
    (f"DELETE FROM visits {OF_SECOND}", 2, "it is gone; the next one is 3"),
    (
        "UPDATE visits SET record = replace(record, 'João', 'José'),"
        f" hash = sha256(convert_to(replace(record, 'João', 'José'), 'UTF8')) {OF_SECOND}",
        2,
        "column data",
    ),
    (
        "UPDATE visits SET record = replace(record, 'João', 'José'),"
        " data = replace(data::text, 'João', 'José')::jsonb,"
        f" hash = sha256(convert_to(replace(record, 'João', 'José'), 'UTF8')) {OF_SECOND}",
        3,
        "does not follow",
    ),
    (f"UPDATE visits SET prev_hash = sha256('x') {OF_SECOND}", 2, "does not follow"),
    (f"UPDATE visits SET record = 'x', hash = sha256('x') {OF_SECOND}", 2, "no JSON"),
    (f"UPDATE visits SET record = '[]', hash = sha256('[]') {OF_SECOND}", 2, "not one of a visit"),
    (f"DELETE FROM visits {OF_SECOND.replace('= 2', '= 3')}", 3, "in the events alone"),
]


def test_a_whole_log_is_verified_with_its_last_hashes(ramal: Ramal, log: list[UUID]) -> None:
    status, out, err = ramal("visits", "verify")
    assert (status, err) == (0, "")
    assert f"{AURORA}: 3 entries, unbroken" in out
    assert f"{IPE}: 2 entries, unbroken" in out
    [told] = json.loads(ramal("visits", "verify", "--condominium", AURORA, "--json")[1])
    assert (told["entries"], told["broken"]) == (3, None)
    assert told["last_hash"] in out


@pytest.mark.parametrize("forged", FORGERIES)
def test_the_first_forged_entry_is_named(
    ramal: Ramal,
    log: list[UUID],
    forge: Callable[[str], None],
    forged: tuple[str, int, str],
) -> None:
    forgery, position, reason = forged
    forge(forgery)
    status, out, err = ramal("visits", "verify")
    assert status == 1
    [line] = [line for line in out.splitlines() if line.startswith(AURORA)]
    assert f"BROKEN at entry {position}: " in line
    assert reason in line
    assert f"{IPE}: 2 entries, unbroken" in out
    assert err.startswith(f'ramal: The visit log of "{AURORA}" is broken')
    if "column" in reason and "call_id" not in reason:
        assert str(log[position - 1]) in line


def test_an_entry_whose_hash_was_let_stand_is_named(
    ramal: Ramal, log: list[UUID], forge: Callable[[str], None]
) -> None:
    forge("ALTER TABLE visits DROP CONSTRAINT visits_check")
    forge(f"UPDATE visits SET record = replace(record, 'João', 'José') {OF_SECOND}")
    _, out, _ = ramal("visits", "verify", "--condominium", AURORA)
    assert "BROKEN at entry 2: its hash is not the SHA-256 of its record" in out


def test_a_guard_that_is_off_is_told(ramal: Ramal, log: list[UUID], database_url: str) -> None:
    async def disable() -> None:
        async with connected(database_url) as connection:
            await connection.execute("ALTER TABLE visits DISABLE TRIGGER append_only")

    asyncio.run(disable())
    status, out, err = ramal("visits", "verify")
    assert (status, "3 entries, unbroken" in out) == (1, True)
    assert "append_only of the table visits is switched off" in err


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_is_verified_by_the_guides_snippet_alone(
    ramal: Ramal, log: list[UUID], tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"visits.{kind}"
    assert ramal("visits", "export", str(file))[:2] == (0, f"Wrote 5 visits to {file}.\n")
    status, told = _audit(file)
    assert (status, told.count("unbroken")) == (0, 2)
    last = json.loads(ramal("visits", "verify", "--json")[1])
    assert all(chain["last_hash"] in told for chain in last)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize("told", ["João 2", "2026-11-22", "authorised"])
def test_an_export_that_somebody_changed_fails_the_guides_snippet(
    ramal: Ramal, log: list[UUID], tmp_path: Path, kind: str, told: str
) -> None:
    file = tmp_path / f"visits.{kind}"
    ramal("visits", "export", str(file), "--condominium", AURORA)
    lines = file.read_text().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if "João 2" in line)
    lines[place] = lines[place].replace(told, "Z" * len(told))
    file.write_text("".join(lines))
    status, said = _audit(file)
    assert (status, "entry 2 of" in said) == (1, True)
    del lines[place]
    file.write_text("".join(lines))
    assert "entry 3 of" in _audit(file)[1]


def test_an_export_that_begins_later_is_verified_from_there(
    ramal: Ramal, log: list[UUID], tmp_path: Path
) -> None:
    file = tmp_path / "late.csv"
    assert ramal("visits", "export", str(file), "--since", "2026-11-22T00:00+00:00")[0] == 0
    status, told = _audit(file)
    assert (status, "unbroken up to entry 3" in told) == (0, True)


def test_a_visitor_cannot_put_a_formula_into_a_spreadsheet(
    ramal: Ramal, log: list[UUID], tmp_path: Path
) -> None:
    file = tmp_path / "visits.csv"
    ramal("visits", "export", str(file), "--condominium", IPE)
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["visitor"][:2] for row in rows] == ["'=", "'="]


def test_visits_are_listed_from_a_day_on(ramal: Ramal, log: list[UUID]) -> None:
    status, out, _ = ramal("visits", "list", "--since", "2026-11-23T00:00+00:00")
    assert (status, "João 3" in out, "João 2" in out) == (0, True, False)
    assert max(map(len, out.splitlines())) <= 80
    listed = json.loads(ramal("visits", "list", "--condominium", AURORA, "--json")[1])
    assert [visit["position"] for visit in listed] == [1, 2, 3]
    assert listed[1]["prev_hash"] == listed[0]["hash"]
    assert ramal("visits", "list", "--since", "2030-01-01")[1] == "There are no visits.\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "--since", "ontem"), '"ontem" is no date'),
        (("list", "--condominium", "Nenhum"), 'There is no condominium "Nenhum"'),
        (("verify", "--condominium", "Nenhum"), 'There is no condominium "Nenhum"'),
        (("export", "visits.doc"), "visits.doc is none of .csv, .json, .xlsx and .pdf"),
        (("export", "nowhere/visits.csv"), "nowhere/visits.csv cannot be written"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    ramal: Ramal, arguments: tuple[str, ...], told: str
) -> None:
    status, out, err = ramal("visits", *arguments)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert told in err


@pytest.mark.parametrize("command", ["list", "export", "verify"])
def test_help_gives_an_example_within_80_columns(ramal: Ramal, command: str) -> None:
    status, out, _ = ramal("visits", command, "--help")
    assert (status, "Example: ramal visits" in out) == (0, True)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("role", [None, "program", "ramal_api"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE visits SET outcome = 'denied'",
        "DELETE FROM visits",
        "TRUNCATE visits",
        "INSERT INTO visits SELECT * FROM visits"
        " ON CONFLICT (condominium_id, position) DO UPDATE SET outcome = 'denied'",
    ],
)
async def test_the_database_refuses_every_change_of_a_visit(
    database: Pool, role: str | None, statement: str
) -> None:
    """By superuser and owner (``None``), by a role that was granted everything, by the API's."""
    async with database.acquire() as connection:
        await _visit(connection, AURORA, 1)
        transaction = connection.transaction()
        await transaction.start()
        if role == "program":
            await connection.execute("CREATE ROLE program; GRANT ALL ON visits TO program")
        if role is None:
            await connection.execute("SET LOCAL session_replication_role = replica")
        else:
            await connection.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
        await transaction.rollback()
        [chain] = await walk_chains(connection)
        assert (chain.entries, chain.broken) == (1, None)
        assert await guard_trouble(connection) is None


async def test_a_condominium_with_visits_cannot_be_removed(database: Pool) -> None:
    async with database.acquire() as connection:
        await _visit(connection, AURORA, 1)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute("DELETE FROM condominiums")
