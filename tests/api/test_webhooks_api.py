"""Webhooks over HTTP: added, rotated, tested, looked into and sent again."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import pytest

from supervisor.api.app import ENDPOINTS
from supervisor.api.openapi import describe
from supervisor.outgoing.signature import is_secret
from supervisor.webhooks.outbox import queue_alert
from supervisor.webhooks.payloads import SUBSCRIBABLE
from tests.api.serving import Api, Client, record_call

URL = "https://hooks.example.com/ramal?token=t0p"


@pytest.fixture
async def admin(api: Api) -> Client:
    return await api.client()


async def _place(admin: Client, name: str) -> tuple[str, str]:
    """A tenant and its condominium."""
    tenant = (await admin.made("tenants", name=name))["id"]
    return tenant, (await admin.made("condominiums", name=name, tenant_id=tenant))["id"]


async def test_the_secret_is_shown_once_and_is_neither_read_nor_audited(
    api: Api, admin: Client
) -> None:
    made = await admin.made("webhooks", url=URL, events=["call.started"])
    assert is_secret(made["secret"])
    where = f"webhooks/{made['id']}"
    rotated = (await admin.post(f"{where}/rotate", {"overlap_s": 60})).body
    assert is_secret(rotated["secret"])
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_until"] is not None
    kept = await api.database.fetchrow("SELECT secret, previous_secret FROM webhook_endpoints")
    assert (kept["secret"], kept["previous_secret"]) == (rotated["secret"], made["secret"])
    read = str((await admin.get(where)).body) + str((await admin.get("webhooks")).body)
    await api.trail.written()
    log = str(await api.database.fetch("SELECT audit_log::text FROM audit_log"))
    assert made["id"] in log
    for secret in (made["secret"], rotated["secret"]):
        assert secret not in read
        assert secret not in log


async def test_the_apis_role_cannot_read_a_secret(api: Api, admin: Client) -> None:
    await admin.made("webhooks", url=URL)
    async with api.database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL ROLE ramal_api")
        await connection.execute("SELECT set_config('ramal.tenant', '*', true)")
        assert await connection.fetchval("SELECT count(*) FROM webhook_endpoints") == 1
        with pytest.raises(Exception, match="permission denied"):
            await connection.fetch("SELECT secret FROM webhook_endpoints")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://hooks.example.com/", 409),
        ("https://10.0.0.1/", 409),
        ("https://[::1]/", 409),
        ("https://user:secret@hooks.example.com/", 409),
        ("ftp://hooks.example.com/", 422),
        ("hooks.example.com", 422),
    ],
)
async def test_an_url_that_no_request_may_go_to_is_refused(
    admin: Client, url: str, status: int
) -> None:
    reply = await admin.post("webhooks", {"url": url})
    assert reply.status == status
    assert reply.body["errors"][0]["where"] == "body.url"
    made = await admin.made("webhooks", url=URL)
    changed = await admin.patch(f"webhooks/{made['id']}", {"url": url})
    assert changed.status == status


async def test_an_unknown_event_is_refused_with_those_there_are(admin: Client) -> None:
    reply = await admin.post("webhooks", {"url": URL, "events": ["call.begun"]})
    assert reply.status == 422
    assert "call.started" in str(reply.body)


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_webhooks_are_for_admins(api: Api, admin: Client, role: Any) -> None:
    made = await admin.made("webhooks", url=URL)
    client = await api.client(role)
    assert (await client.get("webhooks")).status == 403
    assert (await client.get(f"webhooks/{made['id']}")).status == 403
    assert (await client.get(f"webhooks/{made['id']}/deliveries")).status == 403
    assert (await client.post("webhooks", {"url": URL})).status == 403
    assert (await client.post(f"webhooks/{made['id']}/test", None)).status == 403


async def test_a_tenant_has_to_do_with_its_own_webhooks_only(api: Api, admin: Client) -> None:
    (mine, my_place), (_, other_place) = [await _place(admin, name) for name in ("Alfa", "Beta")]
    whole = await admin.made("webhooks", url=URL)
    client = await api.client("admin", mine)
    made = await client.made("webhooks", url=URL, condominium_id=my_place)
    assert made["tenant_id"] == mine
    assert [each["id"] for each in (await client.get("webhooks")).body["items"]] == [made["id"]]
    foreign = await client.post("webhooks", {"url": URL, "condominium_id": other_place})
    assert foreign.status == 409
    moved = await client.patch(f"webhooks/{made['id']}", {"condominium_id": other_place})
    assert moved.status == 409
    where = f"webhooks/{whole['id']}"
    for path in (where, f"{where}/deliveries", f"{where}/deliveries/{uuid4()}"):
        assert (await client.get(path)).status == 404
    for path in ("test", "rotate", "redeliver", f"deliveries/{uuid4()}/redeliver"):
        assert (await client.post(f"{where}/{path}", {})).status == 404
    assert (await client.delete(where)).status == 404
    async with api.database.acquire() as connection:
        await record_call(connection, my_place)
        await record_call(connection, other_place)
    theirs = (await admin.get(f"{where}/deliveries")).body["items"]
    own = (await client.get(f"webhooks/{made['id']}/deliveries")).body["items"]
    assert (len(theirs), len(own)) == (8, 4)
    foreign = await client.get(f"webhooks/{made['id']}/deliveries/{theirs[0]['id']}")
    assert foreign.status == 404


async def test_a_ping_is_queued_and_not_for_what_is_disabled(api: Api, admin: Client) -> None:
    made = await admin.made("webhooks", url=URL, events=["alert"])
    where = f"webhooks/{made['id']}"
    reply = await admin.post(f"{where}/test", None)
    assert reply.status == 202
    delivery = (await admin.get(f"{where}/deliveries/{reply.body['delivery_id']}")).body
    assert (delivery["event"], delivery["state"], delivery["log"]) == ("ping", "queued", [])
    assert json.loads(delivery["body"])["type"] == "ping"
    assert await api.database.fetchval("SELECT count(*) FROM pgqueuer") == 1
    assert (await admin.patch(where, {"enabled": False})).status == 200
    assert (await admin.post(f"{where}/test", None)).status == 409


async def test_what_was_given_up_is_looked_into_and_sent_again(api: Api, admin: Client) -> None:
    _, place = await _place(admin, "Alfa")
    made = await admin.made("webhooks", url=URL)
    where = f"webhooks/{made['id']}"
    async with api.database.acquire() as connection:
        call = await record_call(connection, place)
    await api.database.execute("DELETE FROM pgqueuer")
    await api.database.execute(
        "UPDATE webhook_deliveries SET state = 'dead', finished_at = now(), attempts = 1"
    )
    await api.database.execute(
        """INSERT INTO webhook_attempts (delivery_id, number, at, status, latency_ms, response,
               error) SELECT id, 1, now(), 500, 12.5, 'oops', 'It was answered 500.'
           FROM webhook_deliveries"""
    )
    dead = (await admin.get(f"{where}/deliveries", state="dead", call_id=str(call))).body["items"]
    assert [each["event"] for each in dead] == ["call.ended", "visit", "turn", "call.started"]
    whole = (await admin.get(f"{where}/deliveries/{dead[0]['id']}")).body
    assert whole["log"][0]["response"] == "oops"
    assert whole["log"][0]["status"] == 500
    again = f"{where}/deliveries/{dead[0]['id']}/redeliver"
    assert (await admin.post(again, None)).status == 202
    assert (await admin.post(again, None)).status == 409
    late = datetime.now(UTC).isoformat()
    assert (await admin.post(f"{where}/redeliver", {"since": late})).body == {"deliveries": 0}
    assert (await admin.post(f"{where}/redeliver", {})).body == {"deliveries": 3}
    states = await api.database.fetch("SELECT DISTINCT state FROM webhook_deliveries")
    assert [row["state"] for row in states] == ["queued"]
    assert await api.database.fetchval("SELECT count(*) FROM pgqueuer") == 4


async def test_every_body_is_as_the_document_describes_it(api: Api, admin: Client) -> None:
    _, place = await _place(admin, "Alfa")
    made = await admin.made("webhooks", url=URL)
    async with api.database.acquire() as connection:
        await record_call(connection, place, visitor="Ana", apartment="51")
        alarm = {"kind": "worker.hung", "subject": "1", "text": "It hangs.", "facts": {"pid": 1}}
        await queue_alert(connection, None, datetime.now(UTC), alarm)
    await admin.post(f"webhooks/{made['id']}/test", None)
    document = describe(ENDPOINTS, "1")
    assert set(document["webhooks"]) == {*SUBSCRIBABLE, "ping"}
    rows = await api.database.fetch("SELECT event, body FROM webhook_deliveries")
    assert {row["event"] for row in rows} == {
        "call.started",
        "turn",
        "visit",
        "call.ended",
        "alert",
        "ping",
    }
    for row in rows:
        operation = document["webhooks"][row["event"]]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": document["components"]}
        jsonschema_rs.Draft202012Validator(whole).validate(json.loads(row["body"]))
        assert UUID(json.loads(row["body"])["id"])
