"""Deliveries that are written with the entries which they tell."""

import asyncio
import json

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries

from supervisor.database.pool import Pool, connected
from supervisor.database.records import store_entries
from supervisor.webhooks.payloads import event_of
from tests.supervisor.serving import eventually
from tests.webhooks.endpoints import Call, add_endpoint, add_place, tenant_of


async def _events(pool: Pool, endpoint_id: object) -> list[str]:
    rows = await pool.fetch(
        "SELECT event FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY job_id", endpoint_id
    )
    return [row["event"] for row in rows]


async def test_the_queues_tables_are_what_the_installed_pgqueuer_wants(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        plan = await Queries(AsyncpgDriver(connection)).plan_upgrade()
    finally:
        await connection.close()
    assert list(plan.statements) == []


async def test_entries_are_queued_in_order_with_what_they_say(database: Pool) -> None:
    place = await add_place(database)
    endpoint = await add_endpoint(database)
    call = Call(place)
    entries = [
        call.started(),
        call.turn("é entrega"),
        call.entry("state", flow="doorman"),
        call.entry("authorisation.asked", phone="201", unit="apartamento 51"),
        call.entry("authorisation", decision="yes", by="voice", text="pode subir"),
        call.ended(),
    ]
    async with database.acquire() as connection:
        await store_entries(connection, entries)
    assert await _events(database, endpoint) == [
        "call.started",
        "turn",
        "authorisation.asked",
        "authorisation.given",
        "call.ended",
    ]
    row = await database.fetchrow(
        "SELECT id, body FROM webhook_deliveries WHERE event = 'authorisation.given'"
    )
    body = json.loads(row["body"])
    assert body["id"] == str(row["id"])
    assert body["type"] == "authorisation.given"
    assert body["call_id"] == str(call.id)
    assert body["condominium_id"] == str(place)
    assert body["tenant_id"] == str(await tenant_of(database, place))
    assert body["sequence"] == 5
    assert body["data"] == {"decision": "yes", "by": "voice", "text": "pode subir"}
    lanes = await database.fetch("SELECT DISTINCT entrypoint FROM pgqueuer")
    assert len(lanes) == 1, "a call's deliveries to an endpoint share a lane"


@pytest.mark.parametrize(
    ("decision", "event"),
    [
        ("yes", "authorisation.given"),
        ("no", "authorisation.denied"),
        ("leave_at_desk", "authorisation.other"),
        ("coming_down", "authorisation.other"),
        ("whatever comes", "authorisation.other"),
    ],
)
def test_only_a_plain_yes_is_told_as_given(decision: str, event: str) -> None:
    assert event_of(Call().entry("authorisation", decision=decision)) == event


async def test_each_endpoint_gets_what_it_asked_for_and_may_know(database: Pool) -> None:
    ours, theirs = await add_place(database, "Alfa", "A"), await add_place(database, "Beta", "B")
    other = await add_place(database, "Alfa", "C")
    alfa = await tenant_of(database, ours)
    whole = await add_endpoint(database)
    of_alfa = await add_endpoint(database, tenant_id=alfa)
    of_place = await add_endpoint(database, tenant_id=alfa, condominium_id=other)
    only_ends = await add_endpoint(database, tenant_id=alfa, events=["call.ended"])
    disabled = await add_endpoint(database, tenant_id=alfa)
    await database.execute("UPDATE webhook_endpoints SET enabled = false WHERE id = $1", disabled)
    for place in (ours, theirs, other):
        call = Call(place)
        async with database.acquire() as connection:
            await store_entries(connection, [call.started(), call.ended()])
    assert len(await _events(database, whole)) == 6
    assert len(await _events(database, of_alfa)) == 4
    assert len(await _events(database, of_place)) == 2
    assert await _events(database, only_ends) == ["call.ended"] * 2
    assert await _events(database, disabled) == []


async def test_an_entry_that_comes_again_is_not_told_again(database: Pool) -> None:
    endpoint = await add_endpoint(database)
    call = Call(await add_place(database))
    entries = [call.started(), call.ended()]
    async with database.acquire() as connection:
        await store_entries(connection, entries)
        await store_entries(connection, entries)
    assert await _events(database, endpoint) == ["call.started", "call.ended"]


async def test_a_transaction_that_fails_leaves_neither_entry_nor_delivery(database: Pool) -> None:
    await add_endpoint(database)
    call = Call(await add_place(database))
    async with database.acquire() as connection:
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                await store_entries(connection, [call.started()])
                raise ZeroDivisionError
    assert await database.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
    assert await database.fetchval("SELECT count(*) FROM pgqueuer") == 0
    assert await database.fetchval("SELECT count(*) FROM events") == 0


async def test_an_entry_of_an_unforeseen_form_is_kept_and_told_as_it_is(database: Pool) -> None:
    endpoint = await add_endpoint(database)
    call = Call(await add_place(database))
    odd = call.entry("turn", party="visitor", speaker="visitor", text="oi", confidence="alta")
    async with database.acquire() as connection:
        assert await store_entries(connection, [call.started(), odd]) == 2
    body = await database.fetchval(
        "SELECT body FROM webhook_deliveries WHERE endpoint_id = $1 AND event = 'turn'", endpoint
    )
    assert json.loads(body)["data"]["confidence"] == "alta"


async def test_an_endpoint_that_is_removed_meanwhile_costs_no_entry(
    database: Pool, database_url: str
) -> None:
    endpoint = await add_endpoint(database)
    call = Call(await add_place(database))
    async with database.acquire() as writing, connected(database_url) as removing:
        async with writing.transaction():
            await store_entries(writing, [call.started()])
            removal = asyncio.create_task(
                removing.execute("DELETE FROM webhook_endpoints WHERE id = $1", endpoint)
            )
            await _until_it_waits(writing)
            assert await store_entries(writing, [call.ended()]) == 1
        await removal
    assert await database.fetchval("SELECT count(*) FROM events") == 2
    assert await database.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
    assert await database.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def _until_it_waits(connection: asyncpg.Connection) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    await eventually(lambda: connection.fetchval(waiting), bool)
