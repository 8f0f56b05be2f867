"""``ramal webhook``, as an operator types it."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest

from supervisor.database.pool import Connection, connected
from supervisor.database.records import store_entries
from supervisor.outgoing.signature import is_secret
from tests.supervisor.conftest import Ramal
from tests.webhooks.endpoints import Call

URL = "https://hooks.example.com/ramal"


def _in_database(url: str, work):  # type: ignore[no-untyped-def]
    async def do() -> object:
        async with connected(url) as connection:
            return await work(connection)

    return asyncio.run(do())


@pytest.fixture
def place(database_url: str) -> UUID:
    async def add(connection: Connection) -> UUID:
        tenant = await connection.fetchval(
            "INSERT INTO tenants (name) VALUES ('Alfa') RETURNING id"
        )
        place_id: UUID = await connection.fetchval(
            "INSERT INTO condominiums (tenant_id, name) VALUES ($1, 'Ipê') RETURNING id", tenant
        )
        return place_id

    return UUID(str(_in_database(database_url, add)))


def _added(ramal: Ramal, *more: str) -> tuple[str, str]:
    status, out, err = ramal("webhook", "add", "--url", URL, *more)
    assert status == 0, err
    made, secret = out.split()
    return made, secret


def test_what_is_added_is_listed_without_its_secret(ramal: Ramal, place: UUID) -> None:
    made, secret = _added(ramal, "--condominium", "Ipê", "--event", "visit", "--event", "alert")
    assert is_secret(secret)
    status, out, _ = ramal("webhook", "list", "--json")
    [row] = json.loads(out)
    assert status == 0
    assert (row["id"], row["url"], row["tenant"], row["condominium"]) == (made, URL, "Alfa", "Ipê")
    assert row["events"] == ["visit", "alert"]
    assert secret not in out
    assert "good" in ramal("webhook", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--url", "http://hooks.example.com"), "it must begin with https://"),
        (("--url", "https://192.168.0.1/x"), "its address is not a public one"),
        (("--url", URL, "--event", "calls"), 'There is no event "calls"; use call.started'),
        (("--url", URL, "--condominium", "Nada"), 'There is no condominium "Nada"'),
        (("--url", URL, "--tenant", "Nada"), "Nada"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    ramal: Ramal, arguments: tuple[str, ...], says: str
) -> None:
    status, out, err = ramal("webhook", "add", *arguments)
    assert (status, out) == (1, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_an_unknown_webhook_is_named(ramal: Ramal) -> None:
    unknown = str(uuid4())
    for command in ("remove", "enable", "disable", "rotate", "test"):
        status, _, err = ramal("webhook", command, unknown)
        assert status == 1
        assert f"There is no webhook {unknown}; see: ramal webhook list" in err


def test_a_disabled_webhook_is_not_tested_and_a_removed_one_is_gone(ramal: Ramal) -> None:
    made, secret = _added(ramal)
    new = ramal("webhook", "rotate", made, "--overlap-hours", "1")[1].strip()
    assert is_secret(new)
    assert new != secret
    assert ramal("webhook", "disable", made)[0] == 0
    assert "is disabled; run: ramal webhook enable" in ramal("webhook", "test", made)[2]
    assert ramal("webhook", "enable", made)[0] == 0
    assert ramal("webhook", "test", made)[0] == 0
    [sent] = json.loads(ramal("webhook", "deliveries", made, "--json")[1])
    assert (sent["event"], sent["state"], sent["attempts"]) == ("ping", "queued", 0)
    assert ramal("webhook", "remove", made)[0] == 0
    assert ramal("webhook", "list")[1].strip() == "There are no webhooks yet."


def test_what_was_given_up_is_shown_with_its_reason_and_sent_again(
    ramal: Ramal, database_url: str, place: UUID
) -> None:
    made, _ = _added(ramal)
    call = Call(place)

    async def fail(connection: Connection) -> None:
        await store_entries(connection, [call.started(), call.ended()])
        await connection.execute(
            "UPDATE webhook_deliveries SET state = 'dead', attempts = 1, finished_at = now()"
        )
        await connection.execute(
            """INSERT INTO webhook_attempts (delivery_id, number, at, status, latency_ms, error)
               SELECT id, 1, now(), 500, 7, 'It was answered 500.' FROM webhook_deliveries"""
        )

    _in_database(database_url, fail)
    shown = json.loads(ramal("webhook", "deliveries", made, "--state", "dead", "--json")[1])
    assert [(each["event"], each["error"]) for each in shown] == [
        ("call.ended", "It was answered 500."),
        ("call.started", "It was answered 500."),
    ]
    one = ramal("webhook", "redeliver", made, "--delivery", shown[0]["id"])[1]
    assert one.startswith("1 deliveries")
    assert ramal("webhook", "redeliver", made)[1].startswith("1 deliveries")
    assert ramal("webhook", "redeliver", made)[1].startswith("0 deliveries")
    assert "call.ended" in ramal("webhook", "deliveries", made)[1].replace("\n", "")
