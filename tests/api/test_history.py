"""Calls and visits as they are looked back on, and events as they happen."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from conversation.journal import Entry
from supervisor.alarms import Alarm
from supervisor.alerts.table import note
from supervisor.database.api_keys import revoke_key
from supervisor.database.pool import Pool
from supervisor.database.records import store_entries
from tests.api.serving import Api, Client, record_call


@pytest.fixture
async def client(api: Api) -> Client:
    return await api.client("viewer")


@pytest.fixture
async def condominium(api: Api) -> str:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    return str((await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"])


async def record(api: Api, condominium: str, outcome: str = "authorised", **visit: Any) -> UUID:
    async with api.database.acquire() as connection:
        return await record_call(connection, condominium, outcome, **visit)


async def begin(database: Pool, condominium: str) -> UUID:
    """A call that goes on."""
    call_id = uuid4()
    started = {"condominium_id": condominium}
    entry = Entry(call_id, 1, datetime.now(UTC), "call.started", started)
    async with database.acquire() as connection:
        await store_entries(connection, [entry])
    return call_id


async def test_a_call_is_read_with_its_turns_and_their_latencies(
    api: Api, client: Client, condominium: str
) -> None:
    call_id = await record(api, condominium)
    call = (await client.get(f"calls/{call_id}")).body
    assert (call["caller"], call["end_reason"]) == ("9001", "done")
    [turn] = call["turns"]
    assert (turn["speaker"], turn["text"]) == ("agent", "Bom dia")
    assert turn["data"]["voice_to_voice_ms"] == 310


async def test_calls_are_listed_newest_first_and_found_by_what_they_are(
    api: Api, client: Client, condominium: str
) -> None:
    over, running = await record(api, condominium), await begin(api.database, condominium)

    async def ids(**params: str) -> list[str]:
        return [each["id"] for each in (await client.get("calls", **params)).body["items"]]

    assert await ids() == [str(running), str(over)]
    assert await ids(running="true") == [str(running)]
    assert await ids(caller="9001") == [str(over)]
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert (await ids(since=soon), len(await ids(until=soon))) == ([], 2)


async def test_calls_of_the_same_moment_are_each_on_one_page(
    api: Api, client: Client, condominium: str
) -> None:
    made = {str(await record(api, condominium)) for _ in range(5)}
    await api.database.execute("UPDATE calls SET started_at = '2026-01-01T00:00:00.123456Z'")
    seen: list[str] = []
    page = (await client.get("calls", limit=2)).body
    while True:
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        page = (await client.get("calls", limit=2, cursor=page["next"])).body
    assert len(seen) == 5
    assert set(seen) == made


async def test_visits_are_searched_by_what_was_said_and_decided(
    api: Api, client: Client, condominium: str
) -> None:
    await record(api, condominium, visitor="João", apartment="101", company="Padaria Ipê")
    await record(api, condominium, "denied", visitor="Ana", apartment="12")

    async def names(**params: str) -> list[str]:
        items = (await client.get("visits", **params)).body["items"]
        return [each["data"]["visitor"] for each in items]

    assert await names() == ["Ana", "João"]
    assert await names(outcome="denied") == ["Ana"]
    assert await names(apartment="101") == ["João"]
    assert await names(visitor="joã") == ["João"]
    assert await names(search="PADARIA") == ["João"]
    assert await names(search="100%") == []


async def test_an_entry_of_the_visit_log_proves_itself(
    api: Api, client: Client, condominium: str
) -> None:
    await record(api, condominium)
    await record(api, condominium)
    second, first = (await client.get("visits")).body["items"]
    assert hashlib.sha256(second["record"].encode()).hexdigest() == second["hash"]
    assert json.loads(second["record"])["prev_hash"] == second["prev_hash"] == first["hash"]
    assert (await client.get(f"visits/{first['id']}")).body == first


async def test_the_export_has_every_visit_and_no_formulas(
    api: Api, client: Client, condominium: str
) -> None:
    for number in range(3):
        await record(api, condominium, visitor=f'=HYPERLINK("{number}")', apartment="12")
    await record(api, condominium, "denied", visitor='Ana, "a vizinha"')
    reply = await client.get("visits.csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.body)))
    assert [row["position"] for row in rows] == ["4", "3", "2", "1"]
    assert rows[0]["visitor"] == 'Ana, "a vizinha"'
    assert rows[1]["visitor"] == '\'=HYPERLINK("2")'
    assert hashlib.sha256(rows[0]["record"].encode()).hexdigest() == rows[0]["hash"]
    filtered = (await client.get("visits.csv", outcome="denied")).body
    assert len(filtered.splitlines()) == 2


async def test_a_long_export_is_read_page_by_page(
    api: Api, client: Client, condominium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.api.visits.EXPORT_PAGE", 2)
    for _ in range(5):
        await record(api, condominium)
    rows = list(csv.DictReader(io.StringIO((await client.get("visits.csv")).body)))
    assert [row["position"] for row in rows] == ["5", "4", "3", "2", "1"]


@dataclass
class Stream:
    content: aiohttp.StreamReader
    last_id: str = ""

    async def next(self, limit_s: float = 15.0) -> dict[str, Any]:
        """The next event; comments and empty ones move the last id on, as a browser does."""
        async with asyncio.timeout(limit_s):
            event: dict[str, Any] = {}
            while True:
                line = (await self.content.readuntil(b"\n")).decode().rstrip("\n")
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == "data":
                    event = json.loads(value)
                elif not line and event:
                    return event

    async def ended(self) -> bytes:
        async with asyncio.timeout(15):
            return await self.content.read()


@asynccontextmanager
async def following(client: Client, last_id: str = "", **params: str) -> AsyncIterator[Stream]:
    headers = {**client.headers, **({"Last-Event-ID": last_id} if last_id else {})}
    async with client.session.get(
        f"{client.base}/api/v1/events", params=params, headers=headers
    ) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        stream = Stream(response.content)
        await response.content.readuntil(b"\n\n")
        yield stream


async def test_events_arrive_as_they_happen(api: Api, client: Client, condominium: str) -> None:
    await record(api, condominium)  # what was before is not told
    async with following(client) as stream:
        call_id = await record(api, condominium)
        kinds = [await stream.next() for _ in range(4)]
    assert [each["kind"] for each in kinds] == ["call.started", "turn", "visit", "call.ended"]
    assert {each["call_id"] for each in kinds} == {str(call_id)}


async def test_a_stream_is_taken_up_where_it_was_left(
    api: Api, client: Client, condominium: str
) -> None:
    async with following(client, after="0-0") as stream:
        first = await record(api, condominium)
        assert [(await stream.next())["sequence"] for _ in range(2)] == [1, 2]
        left = stream.last_id
    second = await record(api, condominium)
    async with following(client, left) as stream:
        told = [await stream.next() for _ in range(6)]
    assert [(each["call_id"], each["sequence"]) for each in told] == [
        *((str(first), sequence) for sequence in (3, 4)),
        *((str(second), sequence) for sequence in (1, 2, 3, 4)),
    ]


async def test_what_is_committed_late_is_not_missed(
    api: Api, client: Client, condominium: str
) -> None:
    """The first transaction takes its numbers first, and ends last."""
    async with following(client) as stream, api.database.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        late = uuid4()
        entry = Entry(late, 1, datetime.now(UTC), "call.started", {"condominium_id": condominium})
        await store_entries(slow, [entry])
        early = await begin(api.database, condominium)
        await transaction.commit()
        told = [(await stream.next())["call_id"] for _ in range(2)]
    assert told == [str(late), str(early)]


async def test_a_stream_can_be_asked_for_one_kind_or_one_call(
    api: Api, client: Client, condominium: str
) -> None:
    await record(api, condominium)
    wanted = await record(api, condominium)
    async with following(client, after="0-0", kind="visit", call_id=str(wanted)) as stream:
        event = await stream.next()
    assert (event["call_id"], event["kind"]) == (str(wanted), "visit")


async def test_a_tenants_stream_tells_nothing_of_others(
    api: Api, client: Client, condominium: str
) -> None:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Beta"))["id"]
    theirs = (await admin.made("condominiums", name="Beta", tenant_id=tenant))["id"]
    async with following(await api.client("viewer", tenant), after="0-0") as stream:
        await record(api, condominium)
        own = await record(api, theirs)
        assert {(await stream.next())["call_id"] for _ in range(4)} == {str(own)}


async def test_a_stream_tells_what_else_has_changed_to_those_who_ask(
    api: Api, client: Client, condominium: str
) -> None:
    admin = await api.client()
    made = await admin.made(
        "extensions", number="1001", condominium_id=condominium, port=9101, return_port=9102
    )
    async with following(client, changes="true") as stream:
        assert [await stream.next() for _ in range(2)] == [
            {"what": "extensions"},
            {"what": "alerts"},
        ]
        await api.database.execute(
            "UPDATE extensions SET status = 'failed', status_reason = 'port taken'"
        )
        assert await stream.next() == {"what": "extensions"}
        async with api.database.acquire() as connection:
            await note(connection, Alarm("worker.hung", "It hangs.", datetime.now(UTC)))
        assert await stream.next() == {"what": "alerts"}
        call_id = await record(api, condominium)
        assert (await stream.next())["call_id"] == str(call_id)
        await admin.delete(f"extensions/{made['id']}")
        told = [await stream.next() for _ in range(4)]
        assert told[-1] == {"what": "extensions"}


async def test_a_condominiums_visit_log_is_verified(
    api: Api, client: Client, condominium: str
) -> None:
    for _ in range(3):
        await record(api, condominium)
    path = f"condominiums/{condominium}/visit-chain"
    [newest, *_] = (await client.get("visits")).body["items"]
    whole = (await client.get(path)).body
    assert (whole["entries"], whole["broken"]) == (3, None)
    assert whole["last_hash"] == newest["hash"]
    async with api.database.acquire() as connection:
        await connection.execute("ALTER TABLE visits DISABLE TRIGGER append_only")
        await connection.execute("UPDATE visits SET outcome = 'denied' WHERE position = 2")
    broken = (await client.get(path)).body["broken"]
    assert (broken["position"], "outcome" in broken["reason"]) == (2, True)
    assert (await client.get(f"condominiums/{uuid4()}/visit-chain")).status == 404


async def test_a_stream_ends_when_its_key_is_revoked(api: Api, condominium: str) -> None:
    client = await api.client("operator")
    async with following(client) as stream:
        async with api.database.acquire() as connection:
            prefix = await connection.fetchval("SELECT prefix FROM api_keys WHERE role='operator'")
            await revoke_key(connection, prefix)
        await record(api, condominium)
        assert b"data:" not in await stream.ended()


@pytest.mark.parametrize("given", ["x", "1", "1-", "-1-2", "9" * 30 + "-1"])
async def test_a_place_that_no_stream_gave_is_refused(client: Client, given: str) -> None:
    reply = await client.send("GET", "events", headers={"Last-Event-ID": given})
    assert (reply.status, reply.body["errors"][0]["where"]) == (422, "Last-Event-ID")


@pytest.mark.parametrize("given", ["0.5", "2026-01-01", "2026-01-01T00:00:00", "now", "9" * 20])
async def test_a_moment_needs_its_time_zone(client: Client, given: str) -> None:
    reply = await client.get("calls", since=given)
    assert (reply.status, reply.body["errors"][0]["where"]) == (422, "query.since")
