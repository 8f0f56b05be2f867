"""Calls that go on are steered over HTTP: what reaches the supervisor, and who may."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from conversation.journal import Entry
from supervisor.database.records import store_entries
from supervisor.workers.steering import Steered
from tests.api.serving import Api, record_call


@pytest.fixture
async def condominium(api: Api) -> str:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    return str((await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"])


@pytest.fixture
async def call(api: Api, condominium: str) -> UUID:
    call_id = uuid4()
    facts = {"condominium_id": condominium}
    entry = Entry(call_id, 1, datetime.now(UTC), "call.started", facts)
    async with api.database.acquire() as connection:
        await store_entries(connection, [entry])
    return call_id


async def test_what_an_operator_wants_reaches_the_call(api: Api, call: UUID) -> None:
    operator = await api.client("operator")
    api.calls.outcome = Steered()
    for path, body in (
        ("hangup", None),
        ("say", {"text": "Um momento, por favor."}),
        ("transfer", {"destination": "9000"}),
    ):
        reply = await operator.post(f"calls/{call}/{path}", body)
        assert (reply.status, reply.body["call_id"]) == (202, str(call))
    assert api.calls.steered == [
        (call, "hang_up", ""),
        (call, "say", "Um momento, por favor."),
        (call, "transfer", "9000"),
    ]


async def test_steering_is_in_the_audit_log_with_what_was_said(api: Api, call: UUID) -> None:
    api.calls.outcome = Steered()
    await (await api.client("operator")).post(f"calls/{call}/say", {"text": "Olá"})
    [entry] = (await (await api.client()).get("audit", resource="calls")).body["items"]
    assert entry["after"] == {"action": "say", "text": "Olá"}
    assert entry["resource_id"] == str(call)


async def test_a_repeated_say_is_said_once(api: Api, call: UUID) -> None:
    operator = await api.client("operator")
    api.calls.outcome = Steered()
    for _ in range(2):
        reply = await operator.post(
            f"calls/{call}/say", {"text": "Olá"}, **{"Idempotency-Key": "once"}
        )
        assert reply.status == 202
    assert len(api.calls.steered) == 1


async def test_a_call_that_is_over_or_elsewhere_cannot_be_steered(
    api: Api, call: UUID, condominium: str
) -> None:
    operator = await api.client("operator")
    async with api.database.acquire() as connection:
        over = await record_call(connection, condominium)
    assert (await operator.post(f"calls/{over}/hangup", None)).status == 409
    assert (await operator.post(f"calls/{uuid4()}/hangup", None)).status == 404
    elsewhere = await operator.post(f"calls/{call}/hangup", None)
    assert (elsewhere.status, "does not go on here" in elsewhere.body["detail"]) == (409, True)
    api.calls.outcome = Steered("there is no telephone system")
    refused = await operator.post(f"calls/{call}/transfer", {"destination": "9000"})
    assert refused.body["detail"] == "This cannot be done: there is no telephone system."


@pytest.mark.parametrize("destination", ["", "9000,1,x", "a b", "9" * 40, "9000\r\nAction: x"])
async def test_nothing_but_an_extension_is_a_destination(
    api: Api, call: UUID, destination: str
) -> None:
    operator = await api.client("operator")
    reply = await operator.post(f"calls/{call}/transfer", {"destination": destination})
    assert reply.status == 422
    assert api.calls.steered == []


async def test_neither_viewers_nor_other_tenants_steer_a_call(api: Api, call: UUID) -> None:
    admin = await api.client()
    other = (await admin.made("tenants", name="Beta"))["id"]
    for client, status in (
        (await api.client("viewer"), 403),
        (await api.client("operator", other), 404),
    ):
        assert (await client.post(f"calls/{call}/hangup", None)).status == status
    assert api.calls.steered == []
