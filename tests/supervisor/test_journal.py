import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from conversation.journal import Entry
from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.journal import DatabaseJournal
from supervisor.database.pool import Connection, Pool, pooled
from supervisor.database.records import store_entries
from supervisor.database.visit_chain import walk_chains
from supervisor.metrics import Metrics
from tests.supervisor.serving import database_away

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Call:
    """Makes the entries of one call, numbered as a session would."""

    def __init__(self, condominium_id: UUID | None = None) -> None:
        self.id = uuid4()
        self.condominium_id = condominium_id
        self.entries: list[Entry] = []

    def entry(self, kind: str, **data: Any) -> Entry:
        sequence = len(self.entries) + 1
        entry = Entry(self.id, sequence, AT + timedelta(seconds=sequence), kind, data)
        self.entries.append(entry)
        return entry

    def whole(self) -> Sequence[Entry]:
        self.entry("call.started", condominium_id=self.condominium_id, caller="1001")
        self.entry("turn", party="visitor", speaker="caller", text="bom dia", confidence=0.9)
        self.entry("visit", outcome="authorised", visitor="João", unit="501")
        self.entry("call.ended", reason="hung_up")
        return self.entries


async def _broken_at(connection: Connection) -> int | None:
    [chain] = await walk_chains(connection, "Edifício Aurora")
    return chain.broken.position if chain.broken else None


@pytest.fixture
async def condominium(database: Pool) -> UUID:
    async with database.acquire() as connection:
        return await find_or_create_condominium(connection, "Edifício Aurora")


@pytest.fixture
async def journal(database: Pool) -> AsyncIterator[DatabaseJournal]:
    async with DatabaseJournal(database, Metrics()).delivering() as journal:
        yield journal


async def test_a_call_becomes_rows(
    database: Pool, condominium: UUID, journal: DatabaseJournal
) -> None:
    call = Call(condominium)
    for entry in call.whole():
        journal.write(entry)
    await journal.drained()
    row = await database.fetchrow("SELECT * FROM calls WHERE id = $1", call.id)
    assert (row["caller"], row["end_reason"]) == ("1001", "hung_up")
    assert row["condominium_id"] == condominium
    turn = await database.fetchrow("SELECT * FROM turns WHERE call_id = $1", call.id)
    assert (turn["party"], turn["speaker"], turn["text"]) == ("visitor", "caller", "bom dia")
    assert turn["data"] == {"confidence": 0.9}
    assert await database.fetchval("SELECT outcome FROM visits") == "authorised"


async def test_an_entry_delivered_twice_is_kept_once(database: Pool, condominium: UUID) -> None:
    entries = Call(condominium).whole()
    async with database.acquire() as connection:
        assert await store_entries(connection, [*entries, entries[1]]) == 4
        assert await store_entries(connection, entries) == 0
    for table, rows in {"events": 4, "turns": 1, "visits": 1, "calls": 1}.items():
        assert await database.fetchval(f"SELECT count(*) FROM {table}") == rows


async def test_a_call_that_a_second_worker_takes_up_keeps_what_both_wrote(
    database: Pool, condominium: UUID
) -> None:
    first = Call(condominium)
    async with DatabaseJournal(database, Metrics()).delivering() as journal:
        for entry in first.whole()[:2]:
            journal.write(entry)
    second = Call(condominium)
    second.id = first.id
    later = [replace(entry, at=entry.at + timedelta(minutes=1)) for entry in second.whole()]
    async with DatabaseJournal(database, Metrics()).delivering() as journal:
        for entry in [*later, later[1]]:
            journal.write(entry)
    rows = await database.fetch("SELECT sequence, kind FROM events ORDER BY sequence")
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["kind"] for row in rows[2:]] == [entry.kind for entry in later]
    assert await database.fetchval("SELECT count(*) FROM calls") == 1


async def test_a_journal_that_delivers_again_what_another_stored_adds_nothing(
    database: Pool, condominium: UUID
) -> None:
    entries = Call(condominium).whole()
    for _ in range(2):
        async with DatabaseJournal(database, Metrics()).delivering() as journal:
            for entry in entries:
                journal.write(entry)
    assert await database.fetchval("SELECT count(*) FROM events") == len(entries)


async def test_a_turn_whose_call_never_started_is_kept(
    database: Pool, journal: DatabaseJournal
) -> None:
    journal.write(Entry(uuid4(), 5, AT, "turn", {"party": "visitor", "text": "oi"}))
    await journal.drained()
    assert await database.fetchval("SELECT text FROM turns") == "oi"


async def test_an_extension_that_is_gone_does_not_keep_a_call_from_being_recorded(
    database: Pool, journal: DatabaseJournal
) -> None:
    journal.write(Entry(uuid4(), 1, AT, "call.started", {"extension_id": str(uuid4())}))
    await journal.drained()
    assert await database.fetchval("SELECT count(*) FROM calls") == 1


async def test_what_the_database_refuses_is_lost_alone_and_counted(database: Pool) -> None:
    metrics = Metrics()
    good, bad = Call(), Call()
    async with DatabaseJournal(database, metrics).delivering() as journal:
        journal.write(good.entry("turn", text="um"))
        journal.write(bad.entry("turn", confidence=float("nan")))
        journal.write(good.entry("turn", text="dois"))
        await journal.drained()
    assert await database.fetchval("SELECT count(*) FROM events") == 2
    lost = metrics.registry.get_sample_value("ramal_journal_lost_total", {"reason": "refused"})
    assert lost == 1


async def test_a_nul_character_does_not_lose_the_entry(
    database: Pool, journal: DatabaseJournal
) -> None:
    journal.write(Call().entry("turn", text="a\0b"))
    await journal.drained()
    assert await database.fetchval("SELECT text FROM turns") == "ab"


async def test_a_full_queue_drops_the_newest_and_counts_it(database: Pool) -> None:
    metrics, call = Metrics(), Call()
    journal = DatabaseJournal(database, metrics, capacity=2)
    for _ in range(3):
        journal.write(call.entry("note"))
    assert journal.waiting == 2
    lost = metrics.registry.get_sample_value("ramal_journal_lost_total", {"reason": "queue_full"})
    assert lost == 1


async def test_entries_written_while_the_database_is_away_arrive_once_each_in_order(
    database_url: str, database: Pool
) -> None:
    call = Call()
    async with (
        pooled(database_url) as pool,
        DatabaseJournal(pool, Metrics()).delivering() as journal,
    ):
        journal.write(call.entry("note", n=1))
        await journal.drained()
        async with database_away(database_url):
            for n in range(2, 30):
                journal.write(call.entry("note", n=n))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(journal.drained(), 0.3)
        await asyncio.wait_for(journal.drained(), 10)
        rows = await pool.fetch("SELECT data FROM events ORDER BY sequence")
    assert [row["data"]["n"] for row in rows] == list(range(1, 30))


async def test_what_is_left_at_the_end_is_counted_as_lost(database: Pool) -> None:
    metrics = Metrics()
    await database.close()
    async with DatabaseJournal(database, metrics).delivering(deadline_s=0.05) as journal:
        journal.write(Call().entry("note"))
    lost = metrics.registry.get_sample_value("ramal_journal_lost_total", {"reason": "shutdown"})
    assert lost == 1


async def test_visits_of_a_condominium_form_a_chain(database: Pool, condominium: UUID) -> None:
    async with database.acquire() as connection:
        other = await find_or_create_condominium(connection, "Outro")
        for where in (condominium, other, condominium):
            await store_entries(connection, Call(where).whole())
        rows = await database.fetch(
            "SELECT * FROM visits WHERE condominium_id = $1 ORDER BY position", condominium
        )
        assert [row["position"] for row in rows] == [1, 2]
        assert rows[1]["prev_hash"] == rows[0]["hash"]
        assert sha256(rows[0]["record"].encode()).digest() == rows[0]["hash"]
        assert json.loads(rows[1]["record"])["prev_hash"] == rows[0]["hash"].hex()
        assert await _broken_at(connection) is None


async def test_concurrent_visits_never_continue_from_the_same_entry(
    database: Pool, condominium: UUID
) -> None:
    async def log() -> None:
        async with database.acquire() as connection:
            await store_entries(connection, Call(condominium).whole())

    await asyncio.gather(*(log() for _ in range(12)))
    async with database.acquire() as connection:
        assert await _broken_at(connection) is None
    assert await database.fetchval("SELECT max(position) FROM visits") == 12


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE visits SET outcome = 'denied' WHERE position = 2",
        "UPDATE visits SET data = '{}' WHERE position = 2",
        "DELETE FROM visits WHERE position = 2",
        "UPDATE visits SET record = 'x', hash = sha256('x') WHERE position = 1",
    ],
)
async def test_the_first_forged_visit_is_found(
    database: Pool, condominium: UUID, forgery: str
) -> None:
    async with database.acquire() as connection:
        for _ in range(3):
            await store_entries(connection, Call(condominium).whole())
        await connection.execute("ALTER TABLE visits DISABLE TRIGGER append_only")
        await connection.execute(forgery)
        expected = 1 if "position = 1" in forgery else 2
        assert await _broken_at(connection) == expected


async def test_a_time_of_another_zone_does_not_break_the_chain(
    database: Pool, condominium: UUID
) -> None:
    call = Call(condominium)
    brasilia = timezone(timedelta(hours=-3))
    started = call.entry("call.started", condominium_id=str(condominium))
    visit = Entry(call.id, 2, AT.astimezone(brasilia), "visit", {"outcome": "denied", "x": 1e22})
    async with database.acquire() as connection:
        await store_entries(connection, [started, visit])
        assert await _broken_at(connection) is None
