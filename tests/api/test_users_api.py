"""Users over HTTP, for admins: a tenant's have to do with those of the tenant."""

import pytest

from tests.api.people import PASSWORD, bearer, log_in, person
from tests.api.serving import Api, Client


@pytest.fixture
async def admin(api: Api) -> Client:
    return await api.client()


NEW = {"username": "ana@alfa.example", "name": "Ana", "role": "viewer", "password": PASSWORD}


async def test_a_user_that_an_admin_made_logs_in(api: Api, admin: Client) -> None:
    made = await admin.made("users", **NEW)
    assert not {"password", "password_hash"} & set(made)
    assert (await log_in(api, "ana@alfa.example")).status == 200
    listed = (await admin.get("users")).body["items"]
    assert [each["username"] for each in listed] == ["ana@alfa.example"]
    assert listed[0]["last_login_at"] is not None


async def test_a_name_is_taken_once(admin: Client) -> None:
    await admin.made("users", **NEW)
    again = await admin.post("users", NEW)
    assert (again.status, "user name" in again.body["detail"]) == (409, True)


async def test_an_admin_sets_a_password_and_ends_the_users_logins(api: Api, admin: Client) -> None:
    made = await admin.made("users", **NEW)
    ana = bearer(api, await log_in(api, "ana@alfa.example"))
    new = "outra frase bem comprida"
    assert (await admin.patch(f"users/{made['id']}", {"password": new})).status == 200
    assert (await ana.get("units")).status == 401
    assert (await log_in(api, "ana@alfa.example", new)).status == 200
    [entry] = [
        each
        for each in (await admin.get("audit", resource="users")).body["items"]
        if each["method"] == "PATCH"
    ]
    assert entry["before"]["password_changed_at"] != entry["after"]["password_changed_at"]
    assert new not in str(entry)


async def test_a_disabled_user_is_out_at_once(api: Api, admin: Client) -> None:
    made = await admin.made("users", **NEW)
    ana = bearer(api, await log_in(api, "ana@alfa.example"))
    assert (await admin.patch(f"users/{made['id']}", {"enabled": False})).status == 200
    assert (await ana.get("units")).status == 401
    assert (await log_in(api, "ana@alfa.example")).status == 401


async def test_a_tenants_admin_has_to_do_with_the_tenants_users_only(
    api: Api, admin: Client
) -> None:
    mine, other = [(await admin.made("tenants", name=name))["id"] for name in ("Alfa", "Beta")]
    boss = (await person(api, "boss", "admin", mine)).client
    made = await boss.made("users", **NEW)
    assert made["tenant_id"] == mine
    foreign = await admin.made("users", **{**NEW, "username": "bia", "tenant_id": other})
    whole = await admin.made("users", **{**NEW, "username": "rui"})
    listed = {each["username"] for each in (await boss.get("users")).body["items"]}
    assert listed == {"boss", "ana@alfa.example"}
    for user in (foreign, whole):
        assert (await boss.get(f"users/{user['id']}")).status == 404
        assert (await boss.patch(f"users/{user['id']}", {"role": "admin"})).status == 404
        assert (await boss.delete(f"users/{user['id']}")).status == 404
        reset = await boss.post(f"users/{user['id']}/second-factor/reset", None)
        assert reset.status == 404
    taken = await boss.post("users", {**NEW, "username": "eva", "tenant_id": other})
    assert taken.status == 409


async def test_nobody_raises_lowers_disables_or_removes_themselves(api: Api) -> None:
    boss = (await person(api, "boss")).client
    me = (await boss.get("auth/me")).body["id"]
    for change in ({"role": "viewer"}, {"enabled": False}):
        assert (await boss.patch(f"users/{me}", change)).status == 409
    assert (await boss.delete(f"users/{me}")).status == 409
    assert (await boss.patch(f"users/{me}", {"name": "Chefe"})).status == 200


@pytest.mark.parametrize("password", ["short", "ana@alfa.example!", "x" * 201])
async def test_a_password_that_is_no_good_is_refused_and_not_repeated(
    admin: Client, password: str
) -> None:
    reply = await admin.post("users", {**NEW, "password": password})
    assert reply.status == 422
    assert password not in str(reply.body)


async def test_users_are_for_admins(api: Api, admin: Client) -> None:
    operator = await api.client("operator")
    assert (await operator.get("users")).status == 403
    assert (await operator.post("users", NEW)).status == 403


async def test_who_repeats_a_request_with_its_idempotency_key_is_answered_as_a_user_too(
    api: Api,
) -> None:
    boss = (await person(api, "boss")).client
    tenant = {"name": "Alfa"}
    first = await boss.post("tenants", tenant, **{"Idempotency-Key": "one"})
    second = await boss.post("tenants", tenant, **{"Idempotency-Key": "one"})
    assert (first.status, second.status) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    await api.database.execute("DELETE FROM users")
    assert await api.database.fetchval("SELECT count(*) FROM idempotency_keys") == 0
