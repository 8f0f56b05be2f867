"""Whose word about a client's address is taken."""

from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from supervisor.api.addresses import ADDRESS, SECURE, note_origin
from supervisor.database.pool import Pool
from supervisor.settings import HttpSettings
from tests.api.people import log_in
from tests.api.serving import serving

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def asked(peer: str, *forwarded: str, proto: str = "") -> Any:
    headers = CIMultiDict([("X-Forwarded-For", each) for each in forwarded])
    if proto:
        headers["X-Forwarded-Proto"] = proto
    transport = SimpleNamespace(get_extra_info=lambda name, *_: {"peername": (peer, 1)}.get(name))
    return make_mocked_request("GET", "/", headers=headers, transport=transport)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", ("203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("203.0.113.7, 10.0.0.2",), "203.0.113.7"),
        ("10.0.0.1", ("1.1.1.1, 203.0.113.7",), "203.0.113.7"),
        ("10.0.0.1", ("1.1.1.1", "203.0.113.7"), "203.0.113.7"),
        ("::ffff:10.0.0.1", ("203.0.113.7",), "203.0.113.7"),
        ("::1", ("2001:db8::7",), "2001:db8::7"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("unknown",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.7, x",), "10.0.0.1"),
        ("198.51.100.1", ("203.0.113.7",), "198.51.100.1"),
    ],
)
def test_only_what_a_trusted_proxy_appended_counts(
    peer: str, forwarded: tuple[str, ...], address: str
) -> None:
    request = asked(peer, *forwarded)
    assert note_origin(request, PROXIES) == address
    assert request[ADDRESS] == address


def test_https_is_what_a_trusted_proxy_calls_so() -> None:
    for peer, secure in (("10.0.0.1", True), ("198.51.100.1", False)):
        request = asked(peer, proto="https")
        note_origin(request, PROXIES)
        assert request[SECURE] is secure


async def test_clients_behind_a_trusted_proxy_have_limits_of_their_own(
    database_url: str, database: Pool
) -> None:
    settings = HttpSettings(
        port=0,
        requests_per_minute=2,
        trusted_proxies=("127.0.0.0/8",),  # type: ignore[arg-type]
    )
    async with serving(database_url, database, settings) as api:

        async def ask(address: str) -> Any:
            headers = {"X-Forwarded-For": address}
            return await api.stranger().send("GET", "units", headers=headers)

        replies = [await ask("203.0.113.7") for _ in range(3)]
        assert [reply.status for reply in replies] == [401, 401, 429]  # before any key is looked at
        assert [reply.headers["RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
        assert int(replies[2].headers["Retry-After"]) >= 1
        assert (await ask("203.0.113.8")).status == 401
    async with serving(database_url, database, HttpSettings(port=0)) as api:
        await log_in(api, "ana", "wrong")
        address = await database.fetchval("SELECT address FROM audit_log ORDER BY id DESC")
        assert address == "127.0.0.1"
