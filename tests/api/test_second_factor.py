"""The second factor over HTTP: enrolling, codes that are good once, and a lost telephone."""

import time

import pyotp
import pytest

from supervisor.access.second_factor import STEP_S, new_secret, step_of
from supervisor.database import login_attempts
from tests.api.people import PASSWORD, add_person, bearer, enrolled, log_in, person
from tests.api.serving import Api


async def test_a_user_with_a_second_factor_needs_its_code(api: Api) -> None:
    ana = await person(api, "ana")
    totp, _ = await enrolled(ana)
    without = await log_in(api, "ana")
    assert (without.status, without.body["type"]) == (401, "urn:ramal:problem:second-factor")
    wrong_password = await log_in(api, "ana", "a guess", code=totp.now())
    assert wrong_password.body["type"] == "about:blank"
    code = totp.at(int(time.time()) + STEP_S)  # the one of enrolling is spent
    reply = await log_in(api, "ana", code=code)
    assert reply.status == 200
    assert (await bearer(api, reply).get("auth/me")).body["second_factor"] is True


async def test_a_code_is_good_once_even_the_one_that_confirmed(api: Api) -> None:
    ana = await person(api, "ana")
    totp, _ = await enrolled(ana)
    assert (await log_in(api, "ana", code=totp.now())).status == 401
    code = totp.at(int(time.time()) + STEP_S)
    assert (await log_in(api, "ana", code=code)).status == 200
    assert (await log_in(api, "ana", code=code)).status == 401


async def test_a_recovery_code_is_good_once_however_it_is_written(api: Api) -> None:
    ana = await person(api, "ana")
    _, codes = await enrolled(ana)
    assert len(set(codes)) == 10
    assert (await log_in(api, "ana", code=codes[0].lower())).status == 200
    assert (await log_in(api, "ana", code=codes[0])).status == 401
    assert (await log_in(api, "ana", code=codes[1])).status == 200
    kept = str(await api.database.fetch("SELECT recovery_codes::text FROM recovery_codes"))
    assert not any(code in kept for code in codes)


async def test_guessing_codes_with_the_right_password_costs_waiting(api: Api) -> None:
    ana = await person(api, "ana")
    await enrolled(ana)
    statuses = []
    for _ in range(login_attempts.NAME.free + 3):
        statuses.append((await log_in(api, "ana", code="000000")).status)
        statuses.append((await log_in(api, "ana")).status)  # resets nothing
    assert statuses[-1] == 429


async def test_a_secret_counts_only_after_a_code_of_it_was_confirmed(api: Api) -> None:
    ana = await person(api, "ana")
    await ana.client.post("auth/second-factor", {"password": PASSWORD})
    assert (await log_in(api, "ana")).status == 200
    wrong = await ana.client.post("auth/second-factor/confirm", {"code": "000000"})
    assert wrong.status == 409
    assert (await log_in(api, "ana")).status == 200


async def test_a_second_factor_goes_with_password_and_code_only(api: Api) -> None:
    ana = await person(api, "ana")
    _, codes = await enrolled(ana)
    again = await ana.client.post("auth/second-factor", {"password": PASSWORD})
    assert again.status == 409
    path = "auth/second-factor/remove"
    assert (await ana.client.post(path, {"password": PASSWORD, "code": "000000"})).status == 401
    assert (await ana.client.post(path, {"password": "x", "code": codes[0]})).status == 401
    assert (await ana.client.post(path, {"password": PASSWORD, "code": codes[0]})).status == 204
    assert (await log_in(api, "ana")).status == 200
    assert await api.database.fetchval("SELECT count(*) FROM recovery_codes") == 0


async def test_a_new_password_needs_a_code_too(api: Api) -> None:
    ana = await person(api, "ana")
    _, codes = await enrolled(ana)
    body = {"current": PASSWORD, "new": "outra frase bem comprida"}
    assert (await ana.client.post("auth/password", body)).status == 401
    assert (await ana.client.post("auth/password", {**body, "code": codes[0]})).status == 200


async def test_an_admin_takes_the_second_factor_from_who_has_lost_it(api: Api) -> None:
    ana = await person(api, "ana")
    await enrolled(ana)
    me = (await ana.client.get("auth/me")).body
    admin = await api.client()
    reply = await admin.post(f"users/{me['id']}/second-factor/reset", None)
    assert reply.status == 204
    assert (await log_in(api, "ana")).status == 200


async def test_the_secret_is_nowhere_in_the_audit_log(api: Api) -> None:
    await add_person(api, "bia")
    ana = await person(api, "ana")
    totp, codes = await enrolled(ana)
    await api.trail.written()
    log = str(await api.database.fetch("SELECT audit_log::text FROM audit_log"))
    assert not any(secret in log for secret in (totp.secret, *codes))


@pytest.mark.parametrize(("off_s", "good"), [(0, True), (-30, True), (30, True), (90, False)])
def test_a_telephones_clock_may_be_half_a_minute_off(off_s: int, good: bool) -> None:
    secret, now = new_secret(), 1_800_000_000.0
    code = pyotp.TOTP(secret).at(int(now) + off_s)
    assert (step_of(secret, code, now) is not None) is good
