"""API keys that are made, rotated and revoked over HTTP."""

from uuid import uuid4

import pytest

from tests.api.serving import Api, Client


@pytest.fixture
async def admin(api: Api) -> Client:
    return await api.client()


async def test_a_new_key_is_shown_once_and_lets_in(api: Api, admin: Client) -> None:
    made = await admin.made("keys", name="Painel", role="viewer")
    assert (await api.stranger(made["key"]).get("units")).status == 200
    listed = (await admin.get("keys", role="viewer")).body["items"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert "key" not in listed[0]
    assert made["key"].rpartition("_")[2] not in str(listed)


async def test_no_secret_of_a_key_gets_into_the_audit_log(api: Api, admin: Client) -> None:
    made = await admin.made("keys", name="Painel", role="viewer")
    rotated = await admin.post(f"keys/{made['id']}/rotate", {})
    await api.trail.written()
    log = str(await api.database.fetch("SELECT audit_log::text FROM audit_log"))
    assert made["prefix"] in log
    for key in (made["key"], rotated.body["key"]):
        assert key.split("_", 2)[2] not in log


async def test_a_rotated_key_and_the_old_one_are_good_during_the_overlap(
    api: Api, admin: Client
) -> None:
    old = await admin.made("keys", name="Painel", role="operator")
    new = (await admin.post(f"keys/{old['id']}/rotate", {"overlap_s": 3600})).body
    assert (new["name"], new["role"], new["expires_at"]) == ("Painel", "operator", None)
    for key in (old["key"], new["key"]):
        assert (await api.stranger(key).get("units")).status == 200
    await admin.post(f"keys/{old['id']}/rotate", {"overlap_s": 0})
    assert (await api.stranger(old["key"]).get("units")).status == 401


async def test_a_revoked_key_is_over_at_once_and_cannot_be_rotated(api: Api, admin: Client) -> None:
    made = await admin.made("keys", name="Painel", role="viewer")
    assert (await admin.delete(f"keys/{made['id']}")).status == 204
    assert (await api.stranger(made["key"]).get("units")).status == 401
    assert (await admin.post(f"keys/{made['id']}/rotate", {})).status == 409
    good = (await admin.get("keys", good="true")).body["items"]
    assert made["id"] not in [each["id"] for each in good]


async def test_a_tenants_admin_has_to_do_with_the_tenants_keys_only(
    api: Api, admin: Client
) -> None:
    mine, other = [(await admin.made("tenants", name=name))["id"] for name in ("Alfa", "Beta")]
    client = await api.client("admin", mine)
    made = await client.made("keys", name="Painel", role="admin")
    assert made["tenant_id"] == mine
    foreign = await admin.made("keys", name="x", role="viewer", tenant_id=other)
    whole = await admin.made("keys", name="x", role="viewer")
    listed = {each["tenant_id"] for each in (await client.get("keys")).body["items"]}
    assert listed == {mine}
    for key in (foreign, whole):
        assert (await client.delete(f"keys/{key['id']}")).status == 404
        assert (await client.post(f"keys/{key['id']}/rotate", {})).status == 404
    taken = await client.post("keys", {"name": "x", "role": "viewer", "tenant_id": other})
    assert taken.status == 409


async def test_keys_are_for_admins(api: Api, admin: Client) -> None:
    operator = await api.client("operator")
    assert (await operator.get("keys")).status == 403
    assert (await operator.post("keys", {"name": "x", "role": "admin"})).status == 403
    assert (await operator.delete(f"keys/{uuid4()}")).status == 403
