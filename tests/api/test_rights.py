"""Who may do what, and who cannot see what: by role and by tenant, over HTTP."""

import asyncio
from typing import Any

import pytest

from supervisor.database.api_keys import revoke_key
from tests.api.estates import Estate, found
from tests.api.serving import Api

READS = (
    "tenants",
    "condominiums",
    "units",
    "residents",
    "extensions",
    "calls",
    "visits",
)


@pytest.fixture
async def estates(api: Api) -> tuple[Estate, Estate]:
    admin = await api.client()
    return await found(api, admin, "Alfa", 20_000), await found(api, admin, "Beta", 21_000)


@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
@pytest.mark.parametrize("path", READS)
async def test_a_tenants_key_sees_the_tenants_and_nothing_else(
    api: Api, estates: tuple[Estate, Estate], role: Any, path: str
) -> None:
    mine, others = estates
    client = await api.client(role, mine.tenant)
    listed = [each["id"] for each in (await client.get(path)).body["items"]]
    assert listed == [mine.ids[path]]
    assert (await client.get(f"{path}/{mine.ids[path]}")).status == 200
    assert (await client.get(f"{path}/{others.ids[path]}")).status == 404
    everything = await (await api.client(role)).get(path)
    assert len(everything.body["items"]) == 2


async def test_no_key_a_wrong_key_and_a_revoked_key_are_refused_alike(
    api: Api, estates: tuple[Estate, Estate]
) -> None:
    async with api.database.acquire() as connection:
        good = await api.client("viewer")
        prefix = await connection.fetchval(
            "SELECT prefix FROM api_keys WHERE name = 'viewer of None'"
        )
        assert (await good.get("units")).status == 200
        await revoke_key(connection, prefix)
    clients = (good, api.stranger(), api.stranger("ramal_00_x"), api.stranger("\u00e9"))
    replies = [await client.get("units") for client in clients]
    assert [reply.status for reply in replies] == [401] * 4
    assert {reply.body["detail"] for reply in replies} == {replies[0].body["detail"]}
    assert all("Bearer" in reply.headers["WWW-Authenticate"] for reply in replies)


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "tenants": ("admin", {"name": "x"}),
    "condominiums": ("admin", {"name": "x"}),
    "units": ("operator", {"number": "99"}),
    "residents": ("operator", {"name": "x"}),
    "extensions": ("admin", {"number": "99", "port": 30_000, "return_port": 30_001}),
}
PARENTS = {"condominium_id": "condominiums", "unit_id": "units"}
NEEDS = {"units": "condominium_id", "residents": "unit_id", "extensions": "condominium_id"}
RANKS = {"viewer": 0, "operator": 1, "admin": 2}


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("path", WRITES)
async def test_who_may_change_what_goes_by_the_role(
    api: Api, estates: tuple[Estate, Estate], role: Any, path: str
) -> None:
    mine, _ = estates
    needed, body = WRITES[path]
    client = await api.client(role, mine.tenant)
    if parent := NEEDS.get(path):
        body = {**body, parent: mine.ids[PARENTS[parent]]}
    allowed = RANKS[role] >= RANKS[needed] and path != "tenants"
    where = f"{path}/{mine.ids[path]}"
    assert (await client.post(path, body)).status == (201 if allowed else 403)
    assert (await client.patch(where, {})).status == (200 if allowed else 403)
    assert (await client.delete(f"{path}/{mine.ids['calls']}")).status == (404 if allowed else 403)


@pytest.mark.parametrize("path", WRITES)
async def test_a_tenants_admin_changes_nothing_of_another_tenant(
    api: Api, estates: tuple[Estate, Estate], path: str
) -> None:
    mine, others = estates
    client = await api.client("admin", mine.tenant)
    where = f"{path}/{others.ids[path]}"
    assert (await client.patch(where, {})).status in (403, 404)
    assert (await client.delete(where)).status in (403, 404)
    if parent := NEEDS.get(path):
        body = {**WRITES[path][1], parent: others.ids[PARENTS[parent]]}
        assert (await client.post(path, body)).status == 409
        moved = await client.patch(
            f"{path}/{mine.ids[path]}", {parent: others.ids[PARENTS[parent]]}
        )
        assert moved.status == (422 if path == "units" else 409)
    admin = await api.client()
    assert (await admin.get(where)).status == 200


async def test_a_tenants_admin_makes_condominiums_of_its_own_only(
    api: Api, estates: tuple[Estate, Estate]
) -> None:
    mine, others = estates
    client = await api.client("admin", mine.tenant)
    made = await client.made("condominiums", name="Novo")
    assert made["tenant_id"] == mine.tenant
    foreign = await client.post("condominiums", {"name": "Novo", "tenant_id": others.tenant})
    assert foreign.status == 409


async def test_a_port_of_another_tenant_is_taken_although_it_is_not_seen(
    api: Api, estates: tuple[Estate, Estate]
) -> None:
    mine, _ = estates
    client = await api.client("admin", mine.tenant)
    reply = await client.post(
        "extensions",
        {
            "number": "99",
            "condominium_id": mine.ids["condominiums"],
            "port": 21_000,
            "return_port": 30_000,
        },
    )
    assert (reply.status, "Port 21000" in reply.body["detail"]) == (409, True)


async def test_every_request_leaves_a_trace_and_every_change_what_it_changed(
    api: Api, estates: tuple[Estate, Estate]
) -> None:
    mine, _ = estates
    client = await api.client("admin", mine.tenant)
    where = f"units/{mine.ids['units']}"
    await client.get(where)
    await client.patch(where, {"notes": "dog"})
    await client.delete(f"tenants/{mine.tenant}")
    await api.trail.written()
    entries = await api.database.fetch(
        """SELECT method, status, resource, before ->> 'notes' AS before, after ->> 'notes' AS after
           FROM audit_log WHERE tenant_id = $1 ORDER BY at""",
        mine.tenant,
    )
    assert [tuple(row) for row in entries] == [
        ("GET", 200, None, None, None),
        ("PATCH", 200, "units", "Alfa", "dog"),
        ("DELETE", 403, None, None, None),
    ]


async def test_the_audit_log_is_for_admins_and_shows_a_tenant_its_own(
    api: Api, estates: tuple[Estate, Estate]
) -> None:
    mine, others = estates
    assert (await (await api.client("operator", mine.tenant)).get("audit")).status == 403
    for estate in (mine, others):
        admin = await api.client("admin", estate.tenant)
        await admin.patch(f"units/{estate.ids['units']}", {"notes": "x"})
        changes = (await admin.get("audit", resource="units")).body["items"]
        assert [each["resource_id"] for each in changes] == [estate.ids["units"]]
        assert changes[0]["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    "query",
    [b"number=\xff", b"number=%ff", b"number=%ed%a0%80", b"number=%00", "número=ã".encode()],
)
async def test_bytes_that_are_no_text_are_refused_and_stop_no_audit(api: Api, query: bytes) -> None:
    admin = await api.client()
    key = admin.headers["Authorization"].encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(api.base.rpartition(":")[2]))
    lines = (b"GET /api/v1/units?" + query + b" HTTP/1.1", b"Host: x", b"Authorization: " + key)
    writer.write(b"\r\n".join((*lines, b"Connection: close", b"", b"")))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert int(answer.split()[1]) in (200, 400, 422)
    assert (await admin.get("units")).status == 200
    await asyncio.wait_for(api.trail.written(), 10)
    assert len((await admin.get("audit")).body["items"]) >= 1
