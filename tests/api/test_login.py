"""Logging in with a password, over HTTP: who is let in, and what those who guess learn."""

import asyncio

import pytest
from argon2 import PasswordHasher

from supervisor.access.passwords import Passwords
from supervisor.database import login_attempts
from tests.api.people import LOGIN, PASSWORD, REFRESH, add_person, bearer, log_in, person
from tests.api.serving import Api, cheap_identity, serving


async def test_a_user_who_logs_in_has_the_rights_of_their_role(api: Api) -> None:
    ana = await person(api, "ana", "viewer")
    me = (await ana.client.get("auth/me")).body
    assert (me["kind"], me["name"], me["role"], me["tenant_id"]) == ("user", "ana", "viewer", None)
    assert (await ana.client.get("units")).status == 200
    assert (await ana.client.post("tenants", {"name": "x"})).status == 403


async def test_a_key_learns_who_it_is_too(api: Api) -> None:
    me = (await (await api.client("operator")).get("auth/me")).body
    assert (me["kind"], me["role"], me["second_factor"]) == ("key", "operator", False)


async def test_a_name_may_be_written_with_capitals(api: Api) -> None:
    await add_person(api, "ana@alfa.example")
    assert (await log_in(api, " Ana@Alfa.example")).status == 200


async def test_nobody_learns_whether_the_name_or_the_password_was_wrong_or_the_user_disabled(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_person(api, "ana")
    await add_person(api, "bia")
    await api.database.execute("UPDATE users SET enabled = false WHERE username = 'bia'")
    checked: list[str | None] = []
    verify = Passwords.verify

    async def counting(self: Passwords, kept: str | None, password: str) -> object:
        checked.append(kept and "a hash")
        return await verify(self, kept, password)

    monkeypatch.setattr(Passwords, "verify", counting)
    replies = [
        await log_in(api, "ana", "another password"),
        await log_in(api, "nobody", PASSWORD),
        await log_in(api, "bia", PASSWORD),
    ]
    assert [reply.status for reply in replies] == [401] * 3
    assert len({reply.body["detail"] for reply in replies}) == 1
    assert checked == ["a hash", None, "a hash"]  # the same work for each


async def test_a_password_of_nobodys_costs_a_whole_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = cheap_identity().passwords
    kept = await passwords.hash(PASSWORD)
    costs: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, hashed: str, password: str) -> object:
        costs.append(hashed.split("$")[3])
        return verify(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    assert not (await passwords.verify(None, PASSWORD)).right
    assert (await passwords.verify(kept, PASSWORD)).right
    assert len(costs) == 2
    assert costs[0] == costs[1]


async def test_who_guesses_waits_and_a_name_of_nobodys_waits_as_long(api: Api) -> None:
    await add_person(api, "ana")
    waits = {}
    for name in ("ana", "nobody"):
        statuses = [(await log_in(api, name, "wrong")).status for _ in range(8)]
        free = login_attempts.NAME.free
        assert statuses[:free] == [401] * free
        assert statuses[-1] == 429
        blocked = await log_in(api, name, PASSWORD)  # the right one, too
        waits[name] = (blocked.status, blocked.body["detail"])
        assert 1 <= int(blocked.headers["Retry-After"]) <= 4
    assert waits["ana"][0] == waits["nobody"][0] == 429


async def test_guesses_at_the_same_moment_are_no_way_around(api: Api) -> None:
    await add_person(api, "ana")
    replies = await asyncio.gather(*(log_in(api, "ana", f"wrong {n}") for n in range(20)))
    let_through = [reply for reply in replies if reply.status == 401]
    assert len(let_through) <= login_attempts.NAME.free + 1


async def test_each_wait_is_twice_the_one_before_up_to_a_limit(api: Api) -> None:
    async with api.database.acquire() as connection:
        waits = []
        for _ in range(20):
            assert await login_attempts.begin_attempt(connection, "ana", "10.0.0.1") == 0
            row = await connection.fetchrow(
                """SELECT failures, extract(epoch FROM blocked_until - last_at)::float8 AS wait
                   FROM login_attempts WHERE failures > 1 OR blocked_until IS NULL
                   ORDER BY blocked_until DESC NULLS LAST LIMIT 1"""
            )
            waits.append(row["wait"])
            await connection.execute("UPDATE login_attempts SET blocked_until = now()")
    free, longest = login_attempts.NAME.free, login_attempts.NAME.longest_s
    assert waits[free : free + 4] == [1, 2, 4, 8]
    assert max(wait for wait in waits if wait) == longest


async def test_a_login_that_succeeds_forgives_the_name_what_failed(api: Api) -> None:
    await add_person(api, "ana")
    for _ in range(3):
        for _ in range(login_attempts.NAME.free - 1):
            assert (await log_in(api, "ana", "wrong")).status == 401
        assert (await log_in(api, "ana")).status == 200


async def test_an_address_that_tries_many_names_waits_whatever_the_name(api: Api) -> None:
    statuses = [
        (await log_in(api, f"name{n}", "wrong")).status
        for n in range(login_attempts.ADDRESS.free + 2)
    ]
    assert statuses[:-1] == [401] * (login_attempts.ADDRESS.free + 1)
    assert statuses[-1] == 429


async def test_attempts_are_forgotten_after_an_hour(api: Api) -> None:
    for _ in range(8):
        await log_in(api, "ana", "wrong")
    await api.database.execute("UPDATE login_attempts SET last_at = now() - interval '2 hours'")
    await add_person(api, "ana")
    assert (await log_in(api, "ana")).status == 200


async def test_every_login_and_every_failure_is_in_the_audit_log(api: Api) -> None:
    await add_person(api, "ana")
    await log_in(api, "ana", "wrong")
    await log_in(api, "hunter2 typed into the wrong field")
    reply = await log_in(api, "ana")
    await bearer(api, reply).get("units")
    await api.trail.written()
    rows = await api.database.fetch(
        "SELECT actor, key_name, path, status FROM audit_log ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [
        ("user", "ana", LOGIN, 401),
        ("nobody", "", LOGIN, 401),
        ("user", "ana", LOGIN, 200),
        ("user", "ana", "/api/v1/units", 200),
    ]
    log = str(await api.database.fetch("SELECT audit_log::text FROM audit_log"))
    assert "hunter2" not in log
    assert PASSWORD not in log


async def test_a_refresh_token_is_good_once_and_gets_the_next(api: Api) -> None:
    ana = await person(api, "ana")
    first = await api.stranger().post(REFRESH, {"refresh_token": ana.refresh_token})
    assert first.status == 200
    assert first.body["refresh_token"] != ana.refresh_token
    assert (await bearer(api, first).get("units")).status == 200
    second = await api.stranger().post(REFRESH, {"refresh_token": first.body["refresh_token"]})
    assert second.status == 200


async def test_a_refresh_token_that_comes_again_ends_the_login_for_thief_and_owner(
    api: Api,
) -> None:
    ana = await person(api, "ana")
    owner = await api.stranger().post(REFRESH, {"refresh_token": ana.refresh_token})
    thief = await api.stranger().post(REFRESH, {"refresh_token": ana.refresh_token})
    assert thief.status == 401
    again = await api.stranger().post(REFRESH, {"refresh_token": owner.body["refresh_token"]})
    assert again.status == 401
    assert (await bearer(api, owner).get("units")).status == 401


async def test_of_one_refresh_token_sent_many_times_at_once_one_is_taken_and_all_is_over(
    api: Api,
) -> None:
    ana = await person(api, "ana")
    body = {"refresh_token": ana.refresh_token}
    replies = await asyncio.gather(*(api.stranger().post(REFRESH, body) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [200, 401, 401, 401, 401]
    assert (await ana.client.get("units")).status == 401


async def test_no_token_is_in_the_database_as_it_was_given(api: Api) -> None:
    ana = await person(api, "ana")
    rows = str(await api.database.fetch("SELECT refresh_tokens::text FROM refresh_tokens"))
    assert ana.refresh_token not in rows
    kept = await api.database.fetchval("SELECT password_hash FROM users")
    assert kept.startswith("$argon2id$")


async def test_a_login_that_is_not_refreshed_for_long_or_is_old_is_over(api: Api) -> None:
    ana = await person(api, "ana")
    await api.database.execute("UPDATE refresh_tokens SET expires_at = now()")
    body = {"refresh_token": ana.refresh_token}
    assert (await api.stranger().post(REFRESH, body)).status == 401
    bia = await person(api, "bia")
    await api.database.execute("UPDATE sessions SET expires_at = now()")
    assert (await bia.client.get("units")).status == 401


async def test_whoever_logs_out_is_out_at_once(api: Api) -> None:
    ana = await person(api, "ana")
    reply = await api.stranger().post("/api/v1/auth/logout", {"refresh_token": ana.refresh_token})
    assert reply.status == 204
    assert (await ana.client.get("units")).status == 401
    body = {"refresh_token": ana.refresh_token}
    assert (await api.stranger().post(REFRESH, body)).status == 401


async def test_an_access_token_is_over_after_its_time_and_another_servers_is_none(
    api: Api, database_url: str
) -> None:
    ana = await person(api, "ana")
    async with serving(
        database_url, api.database, identity=cheap_identity(signing_keys=["y" * 40])
    ) as other:
        token = ana.client.headers["Authorization"].removeprefix("Bearer ")
        assert (await other.stranger(token).get("units")).status == 401
    for wrong in (token[:-2], token + "x", "a.b.c", token.rpartition(".")[0] + "."):
        assert (await api.stranger(wrong).get("units")).status == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("UPDATE users SET enabled = false", 401),
        ("DELETE FROM users", 401),
        ("UPDATE users SET password_hash = 'x'", 401),
        ("UPDATE users SET role = 'viewer'", 403),
    ],
)
async def test_what_changes_of_a_user_counts_at_once(api: Api, change: str, status: int) -> None:
    ana = await person(api, "ana")
    assert (await ana.client.get("audit")).status == 200
    await api.database.execute(change)
    assert (await ana.client.get("audit")).status == status


async def test_a_password_is_hashed_anew_when_its_cost_changes_and_logins_go_on(
    api: Api, database_url: str
) -> None:
    ana = await person(api, "ana")
    before = await api.database.fetchval("SELECT password_hash FROM users")
    dearer = cheap_identity(argon2_passes=2)
    async with serving(database_url, api.database, identity=dearer) as other:
        assert (await log_in(other, "ana")).status == 200
        after = await api.database.fetchval("SELECT password_hash FROM users")
        assert ("t=1" in before, "t=2" in after) == (True, True)
        assert (await log_in(other, "ana")).status == 200
    assert (await ana.client.get("units")).status == 200


async def test_a_new_password_ends_every_other_login_and_begins_one(api: Api) -> None:
    ana = await person(api, "ana")
    other = await log_in(api, "ana")
    new = "outra frase bem comprida"
    reply = await ana.client.post("auth/password", {"current": PASSWORD, "new": new})
    assert reply.status == 200
    assert (await bearer(api, reply).get("units")).status == 200
    assert (await bearer(api, other).get("units")).status == 401
    assert (await ana.client.get("units")).status == 401
    assert (await log_in(api, "ana")).status == 401
    assert (await log_in(api, "ana", new)).status == 200


async def test_a_password_cannot_be_changed_without_knowing_it(api: Api) -> None:
    ana = await person(api, "ana")
    body = {"current": "a guess", "new": "outra frase bem comprida"}
    replies = [await ana.client.post("auth/password", body) for _ in range(8)]
    assert replies[0].status == 401
    assert replies[-1].status == 429  # guesses cost here as at the login


@pytest.mark.parametrize("new", ["short", "marilia em 2026", "x" * 201])
async def test_a_password_that_is_short_or_holds_the_name_is_refused(api: Api, new: str) -> None:
    ana = await person(api, "marilia@alfa.example")
    reply = await ana.client.post("auth/password", {"current": PASSWORD, "new": new})
    assert reply.status == 422
    assert new not in str(reply.body)


async def test_a_key_has_no_password(api: Api) -> None:
    admin = await api.client()
    body = {"current": PASSWORD, "new": "outra frase bem comprida"}
    assert (await admin.post("auth/password", body)).status == 403


async def test_events_end_when_the_login_they_are_followed_with_is_over(api: Api) -> None:
    ana = await person(api, "ana")
    async with api.session.get(f"{api.base}/api/v1/events", headers=ana.client.headers) as response:
        assert response.status == 200
        await response.content.readline()
        await api.stranger().post("/api/v1/auth/logout", {"refresh_token": ana.refresh_token})
        async with asyncio.timeout(20):
            assert (await response.content.read()).endswith(b"\n\n")  # it ends, and whole
