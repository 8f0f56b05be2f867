"""Doors over HTTP: made, changed, kept apart by tenant, opened in a call; secrets never shown."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from conversation.journal import Entry
from supervisor.database.doors import load_doors
from supervisor.database.records import store_entries
from supervisor.outgoing.signature import is_secret
from supervisor.workers.steering import Steered
from tests.api.serving import Api, Client

KEYS = {"driver": "dtmf", "digits": "*0"}
WEBHOOK = {"driver": "webhook", "url": "https://doors.example.com/open"}


@dataclass(frozen=True, slots=True)
class Estate:
    admin: Client
    tenant: str
    condominium: str

    async def door(self, name: str, **how: Any) -> Any:
        return await self.admin.made(
            "doors", condominium_id=self.condominium, name=name, how=how or KEYS
        )


@pytest.fixture
async def estate(api: Api) -> Estate:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    condominium = (await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"]
    return Estate(await api.client("admin", tenant), tenant, condominium)


async def test_a_door_is_made_found_changed_and_removed(estate: Estate) -> None:
    made = await estate.door("gate")
    assert made["how"] == {"driver": "dtmf", "digits": "*0", "on_ms": 200, "gap_ms": 100}
    read = await estate.admin.get(f"doors/{made['id']}")
    assert read.body == made
    changed = await estate.admin.patch(
        f"doors/{made['id']}", {"how": {"driver": "dialplan"}}, read.etag
    )
    assert changed.body["how"] == {"driver": "dialplan", "extension": None}
    assert (await estate.admin.delete(f"doors/{made['id']}")).status == 204
    assert (await estate.admin.get("doors")).body["items"] == []


async def test_the_first_door_is_the_default_and_there_is_never_more_than_one(
    estate: Estate,
) -> None:
    gate, garage = await estate.door("gate"), await estate.door("garage")
    assert (gate["is_default"], garage["is_default"]) == (True, False)
    await estate.admin.patch(f"doors/{garage['id']}", {"is_default": True})
    listed = (await estate.admin.get("doors", condominium_id=estate.condominium)).body["items"]
    assert [(each["name"], each["is_default"]) for each in listed] == [
        ("garage", True),
        ("gate", False),
    ]


async def test_doors_that_become_the_default_at_the_same_moment_leave_one(estate: Estate) -> None:
    doors = [await estate.door(name) for name in ("gate", "garage", "side")]
    await asyncio.gather(
        *(estate.admin.patch(f"doors/{each['id']}", {"is_default": True}) for each in doors)
    )
    listed = (await estate.admin.get("doors")).body["items"]
    assert sum(each["is_default"] for each in listed) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"driver": "dtmf", "digits": "9,1"},
        {"driver": "dtmf", "digit": "9"},
        {"driver": "dialplan", "extension": "s,1\r\nAction: Logoff"},
        {"driver": "webhook"},
        {"driver": "webhook", "url": "ftp://example.com/"},
        {"driver": "webhook", "url": "https://example.com/", "secret": "mine"},
        {"driver": "crowbar"},
        {},
    ],
)
async def test_what_could_not_be_opened_is_not_written(estate: Estate, how: Any) -> None:
    body = {"condominium_id": estate.condominium, "name": "gate", "how": how}
    assert (await estate.admin.post("doors", body)).status == 422
    assert (await estate.admin.get("doors")).body["items"] == []


async def test_an_address_that_is_not_public_is_refused_at_once(estate: Estate) -> None:
    how = {"driver": "webhook", "url": "https://192.168.1.10/open"}
    body = {"condominium_id": estate.condominium, "name": "gate", "how": how}
    refused = await estate.admin.post("doors", body)
    assert (refused.status, "not a public one" in refused.body["detail"]) == (409, True)


async def test_a_name_is_given_once_in_a_condominium(estate: Estate) -> None:
    await estate.door("gate")
    body = {"condominium_id": estate.condominium, "name": "gate", "how": KEYS}
    again = await estate.admin.post("doors", body)
    assert (again.status, "this name" in again.body["detail"]) == (409, True)


async def test_the_secret_is_shown_once_and_never_read_back(api: Api, estate: Estate) -> None:
    gate = await estate.door("gate", **WEBHOOK)
    assert (gate["has_secret"], "secret" in gate) == (True, False)
    async with api.database.acquire() as connection:
        [before] = await load_doors(connection, UUID(estate.condominium))
        reply = await estate.admin.post(f"doors/{gate['id']}/secret", None)
        [after] = await load_doors(connection, UUID(estate.condominium))
        audit = await connection.fetch("SELECT before, after FROM audit_log")
    assert is_secret(before.secret or "") and before.secret != after.secret
    assert (reply.status, reply.body) == (201, {"secret": after.secret})
    seen = json.dumps((await estate.admin.get("doors")).body) + json.dumps(
        [[row["before"], row["after"]] for row in audit]
    )
    assert "whsec_" not in seen


async def test_the_apis_own_role_cannot_read_a_secret(api: Api, estate: Estate) -> None:
    await estate.door("gate", **WEBHOOK)
    async with api.database.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('role', 'ramal_api', true), set_config('ramal.tenant', '*', true)"
        )
        with pytest.raises(Exception, match="permission denied"):
            await connection.fetch("SELECT secret FROM doors")


async def test_another_tenants_doors_are_not_there(api: Api, estate: Estate) -> None:
    gate = await estate.door("gate")
    admin = await api.client()
    other = await api.client("admin", (await admin.made("tenants", name="Beta"))["id"])
    assert (await other.get("doors")).body["items"] == []
    assert (await other.get(f"doors/{gate['id']}")).status == 404
    assert (await other.patch(f"doors/{gate['id']}", {"is_default": True})).status == 404
    assert (await other.post(f"doors/{gate['id']}/secret", None)).status == 404
    body = {"condominium_id": estate.condominium, "name": "back", "how": KEYS}
    assert (await other.post("doors", body)).status == 409
    assert len((await estate.admin.get("doors")).body["items"]) == 1


@pytest.mark.parametrize("role", ["operator", "viewer"])
async def test_only_admins_change_doors(api: Api, estate: Estate, role: Any) -> None:
    gate = await estate.door("gate", **WEBHOOK)
    client = await api.client(role, estate.tenant)
    body = {"condominium_id": estate.condominium, "name": "back", "how": KEYS}
    assert (await client.get(f"doors/{gate['id']}")).status == 200
    for reply in (
        await client.post("doors", body),
        await client.patch(f"doors/{gate['id']}", {"is_default": True}),
        await client.delete(f"doors/{gate['id']}"),
        await client.post(f"doors/{gate['id']}/secret", None),
    ):
        assert reply.status == 403


# ------------------------------------------------------------------ opened in a call


@pytest.fixture
async def call(api: Api, estate: Estate) -> UUID:
    call_id = uuid4()
    facts = {"condominium_id": estate.condominium}
    entry = Entry(call_id, 1, datetime.now(UTC), "call.started", facts)
    async with api.database.acquire() as connection:
        await store_entries(connection, [entry])
    return call_id


async def test_an_operator_opens_a_door_by_the_name_of_their_key(
    api: Api, estate: Estate, call: UUID
) -> None:
    operator = await api.client("operator", estate.tenant)
    api.calls.outcome = Steered()
    reply = await operator.post(f"calls/{call}/open", {"door": "garage"})
    assert (reply.status, reply.body) == (200, {"call_id": str(call), "status": "opened"})
    [(steered, action, argument)] = api.calls.steered
    order = json.loads(argument)
    assert (steered, action, order["door"]) == (call, "open_door", "garage")
    assert order["key"] == f"operator of {estate.tenant}"
    [audited] = (await estate.admin.get("audit", resource="calls")).body["items"]
    assert audited["after"] == {"action": "open_door", "door": "garage"}


async def test_a_door_that_did_not_open_is_told(api: Api, estate: Estate, call: UUID) -> None:
    operator = await api.client("operator", estate.tenant)
    api.calls.outcome = Steered("the door did not answer within 6 s")
    reply = await operator.post(f"calls/{call}/open", {})
    assert (reply.status, "did not answer within 6 s" in reply.body["detail"]) == (409, True)


async def test_neither_viewers_nor_other_tenants_open_a_door(
    api: Api, estate: Estate, call: UUID
) -> None:
    admin = await api.client()
    other = (await admin.made("tenants", name="Beta"))["id"]
    for client, status in (
        (await api.client("viewer", estate.tenant), 403),
        (await api.client("operator", other), 404),
    ):
        assert (await client.post(f"calls/{call}/open", {})).status == status
    assert api.calls.steered == []
