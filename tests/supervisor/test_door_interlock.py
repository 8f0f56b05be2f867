"""The database's own interlock, and what a call remembers of its doors."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from conversation.journal import Entry
from supervisor.database.delivery import Delivery
from supervisor.database.journal import DatabaseJournal
from supervisor.database.memory import CallMemory
from supervisor.database.pool import Connection, Pool
from supervisor.database.records import store_entries
from supervisor.metrics import Metrics

FIRST, SECOND = str(uuid4()), str(uuid4())
BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Told:
    """A call's entries, numbered as a worker would."""

    def __init__(self) -> None:
        self.call_id = uuid4()
        self.entries: list[Entry] = []

    def __call__(self, kind: str, **data: Any) -> "Told":
        number = len(self.entries) + 1
        at = BEGAN + timedelta(milliseconds=number)
        self.entries.append(Entry(self.call_id, number, at, kind, data))
        return self

    def decides(self, decision: str, named: str = FIRST) -> "Told":
        return self("authorisation", id=named, decision=decision)

    def opens(self, named: str = FIRST) -> "Told":
        return self("door.opened", authorisation=named, door="gate")


@pytest.fixture
async def connection(database: Pool) -> AsyncIterator[Connection]:
    async with database.acquire() as connection:
        yield connection


async def opened(connection: Connection, call_id: UUID) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM events WHERE call_id = $1 AND kind = 'door.opened'", call_id
    )
    return count


@pytest.mark.parametrize(
    "told",
    [
        Told().decides("yes").opens(),
        Told().decides("leave_at_desk").opens(),
        Told().decides("leave_in_locker").opens(),
        Told().decides("no", SECOND).decides("yes").opens(),
        Told().decides("yes").opens().decides("yes", SECOND).opens(SECOND),
        Told().decides("yes").opens().decides("yes").opens(),
    ],
)
async def test_a_door_that_was_authorised_in_its_call_can_be_written_as_opened(
    connection: Connection, told: Told
) -> None:
    await store_entries(connection, told.entries)
    assert await opened(connection, told.call_id) == sum(
        entry.kind == "door.opened" for entry in told.entries
    )


@pytest.mark.parametrize(
    "told",
    [
        Told().opens(),
        Told().decides("no").opens(),
        Told().decides("coming_down").opens(),
        Told().decides("yes", SECOND).opens(),
        Told().decides("yes").opens().opens(),
        Told()("door.opened", door="gate"),
        Told()("turn", id=FIRST, decision="yes").opens(),
    ],
)
async def test_no_other_door_can(connection: Connection, told: Told) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="unused authorisation"):
        await store_entries(connection, told.entries)
    assert await opened(connection, told.call_id) == 0


async def take_down(connection: Connection, call_id: UUID, **columns: Any) -> str:
    """As the database does when a code is shown."""
    row = {"ground": "code", "lets_in": True, **columns}
    made = await connection.fetchval(
        """INSERT INTO admissions (id, call_id, condominium_id, ground, entry_id, lets_in)
           VALUES (gen_random_uuid(), $1, gen_random_uuid(), $2, gen_random_uuid(), $3)
           RETURNING id""",
        call_id,
        row["ground"],
        row["lets_in"],
    )
    return str(made)


def beforehand(told: Told, admission: str, named: str = FIRST, by: str = "code") -> Told:
    return told("authorisation", id=named, decision="yes", by=by, admission=admission)


async def test_a_door_opens_once_for_what_the_database_took_down_in_this_call(
    connection: Connection,
) -> None:
    told = Told()
    admission = await take_down(connection, told.call_id)
    await store_entries(connection, beforehand(told, admission).opens().entries)
    assert await opened(connection, told.call_id) == 1
    again = beforehand(told, admission, SECOND).opens(SECOND)
    with pytest.raises(asyncpg.CheckViolationError, match="unknown or used admission"):
        await store_entries(connection, again.entries)


@pytest.mark.parametrize(
    ("columns", "by", "in_this_call"),
    [
        ({}, "code", False),
        ({}, "pin", True),
        ({"ground": "name"}, "code", True),
        ({"lets_in": False}, "code", True),
        (None, "code", True),
    ],
)
async def test_what_was_given_beforehand_opens_nothing_without_that(
    connection: Connection, columns: dict[str, Any] | None, by: str, in_this_call: bool
) -> None:
    told = Told()
    call_id = told.call_id if in_this_call else uuid4()
    admission = str(uuid4())
    if columns is not None:
        admission = await take_down(connection, call_id, **columns)
    with pytest.raises(asyncpg.CheckViolationError, match="unknown or used admission"):
        await store_entries(connection, beforehand(told, admission, by=by).opens().entries)
    assert await opened(connection, told.call_id) == 0


async def test_the_authorisation_of_another_call_opens_nothing(connection: Connection) -> None:
    other = Told().decides("yes")
    await store_entries(connection, other.entries)
    with pytest.raises(asyncpg.CheckViolationError):
        await store_entries(connection, Told().opens().entries)


async def test_an_event_cannot_be_turned_into_an_opened_door(connection: Connection) -> None:
    told = Told()("door.ordered", authorisation=FIRST)
    await store_entries(connection, told.entries)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("UPDATE events SET kind = 'door.opened'")


async def test_of_two_workers_that_tell_of_the_same_authorisation_one_is_refused(
    database: Pool,
) -> None:
    told = Told().decides("yes")
    async with database.acquire() as connection:
        await store_entries(connection, told.entries)
    again = [
        Entry(told.call_id, number, BEGAN, "door.opened", {"authorisation": FIRST})
        for number in (7, 8)
    ]

    async def store(entry: Entry) -> None:
        async with database.acquire() as connection:
            await store_entries(connection, [entry])

    results = await asyncio.gather(*(store(entry) for entry in again), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [
        asyncpg.CheckViolationError
    ]
    async with database.acquire() as connection:
        assert await opened(connection, told.call_id) == 1


async def test_an_entry_that_is_delivered_twice_is_no_second_opening(
    connection: Connection,
) -> None:
    told = Told().decides("yes").opens()
    await store_entries(connection, told.entries)
    await store_entries(connection, told.entries)
    assert await opened(connection, told.call_id) == 1


async def test_the_journal_gives_up_the_false_entry_alone(connection: Connection) -> None:
    told = Told()("call.started").opens()("call.ended", reason="completed")
    refused: list[str] = []
    delivery = Delivery(lambda entry, _: refused.append(entry.kind))
    left = told.entries
    while left:
        left = left[await delivery.store(connection, left) :]
    kinds = await connection.fetch("SELECT kind FROM events ORDER BY sequence")
    assert refused == ["door.opened"]
    assert [row["kind"] for row in kinds] == ["call.started", "call.ended"]


async def test_a_false_entry_is_counted_as_lost(database: Pool) -> None:
    metrics = Metrics()
    async with DatabaseJournal(database, metrics).delivering() as journal:
        for entry in Told().opens().entries:
            journal.write(entry)
        await journal.drained()
    lost = metrics.registry.get_sample_value("ramal_journal_lost_total", {"reason": "refused"})
    assert lost == 1


async def test_what_a_call_remembers_of_its_doors_comes_in_order(database: Pool) -> None:
    told = Told()("call.started").decides("yes")("door.ordered", authorisation=FIRST)
    told("turn", text="oi").opens()
    async with database.acquire() as connection:
        await store_entries(connection, told.entries)
    remembered = await CallMemory(database).recall(told.call_id)
    assert remembered is not None
    assert remembered.doors == (told.entries[1], told.entries[2], told.entries[4])
