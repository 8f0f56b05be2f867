"""A browser's login: the refresh token in a cookie that no script reads and no other site uses."""

from http.cookies import SimpleCookie

from supervisor.database.pool import Pool
from supervisor.settings import HttpSettings
from tests.api.people import REFRESH, add_person, bearer, log_in
from tests.api.serving import Api, Reply, serving

LOGOUT = "/api/v1/auth/logout"
CSRF = {"X-Ramal-CSRF": "1"}


def cookie_of(reply: Reply) -> SimpleCookie:
    return SimpleCookie(reply.headers["Set-Cookie"])


async def sent(api: Api, path: str, token: str, **headers: str) -> Reply:
    return await api.stranger().post(path, {}, Cookie=f"ramal_refresh={token}", **headers)


async def browser_login(api: Api) -> str:
    await add_person(api, "ana")
    reply = await log_in(api, "ana", cookie=True)
    return cookie_of(reply)["ramal_refresh"].value


async def test_the_cookie_is_for_no_script_no_other_site_and_no_other_address(api: Api) -> None:
    await add_person(api, "ana")
    reply = await log_in(api, "ana", cookie=True)
    assert reply.body["refresh_token"] is None
    cookie = cookie_of(reply)["ramal_refresh"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (
        True,
        "Strict",
        "/api/v1/auth",
    )
    assert not cookie["secure"]  # over http no browser would keep it


async def test_the_cookie_refreshes_a_login_and_is_replaced(api: Api) -> None:
    token = await browser_login(api)
    reply = await sent(api, REFRESH, token, **CSRF)
    assert reply.status == 200
    assert (await bearer(api, reply).get("units")).status == 200
    following = cookie_of(reply)["ramal_refresh"].value
    assert following != token
    assert (await sent(api, REFRESH, following, **CSRF)).status == 200


async def test_a_page_of_another_site_cannot_use_the_cookie(api: Api) -> None:
    token = await browser_login(api)
    assert (await sent(api, REFRESH, token)).status == 403
    crossing = {**CSRF, "Sec-Fetch-Site": "cross-site"}
    assert (await sent(api, REFRESH, token, **crossing)).status == 403
    assert (await sent(api, LOGOUT, token)).status == 403
    assert (await sent(api, REFRESH, token, **CSRF)).status == 200  # it was not spent


async def test_the_cookie_lets_nobody_in_anywhere_else(api: Api) -> None:
    token = await browser_login(api)
    headers = {"Cookie": f"ramal_refresh={token}", **CSRF}
    assert (await api.stranger().send("GET", "units", headers=headers)).status == 401


async def test_logging_out_takes_the_cookie_away(api: Api) -> None:
    token = await browser_login(api)
    reply = await sent(api, LOGOUT, token, **CSRF)
    assert reply.status == 204
    assert cookie_of(reply)["ramal_refresh"]["max-age"] == "0"
    assert (await sent(api, REFRESH, token, **CSRF)).status == 401


async def test_behind_a_trusted_proxy_that_speaks_https_the_cookie_is_secure(
    database_url: str, database: Pool
) -> None:
    settings = HttpSettings(port=0, trusted_proxies=("127.0.0.0/8",))  # type: ignore[arg-type]
    async with serving(database_url, database, settings) as api:
        await add_person(api, "ana")
        body = {"username": "ana", "password": "cavalo bateria grampo", "cookie": True}
        forwarded = {"X-Forwarded-Proto": "https"}
        reply = await api.stranger().post("/api/v1/auth/login", body, **forwarded)
        assert cookie_of(reply)["ramal_refresh"]["secure"] is True
