"""Which addresses requests may go to."""

import ipaddress

import pytest

from supervisor.outgoing.addresses import AddressGuard

REFUSED = (
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
)


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not AddressGuard().allows(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "200.160.2.3", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_a_public_address_is_allowed(address: str) -> None:
    assert AddressGuard().allows(address)


def test_an_allowed_network_opens_nothing_beside_itself() -> None:
    guard = AddressGuard([ipaddress.ip_network("192.168.7.0/24")])
    assert guard.allows("192.168.7.9")
    assert guard.allows("::ffff:192.168.7.9")
    assert not guard.allows("192.168.8.9")
    assert not guard.allows("127.0.0.1")


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://example.com/", "begin with https://"),
        ("file:///etc/passwd", "begin with https://"),
        ("https:///path", "not an URL"),
        ("https://[::1", "not an URL"),
        ("https://example.com:99999/", "not an URL"),
        ("https://exam\nple.com/", "not an URL"),
        ("https://user:secret@example.com/", "user or password"),
        ("https://example.com/#x", "fragment"),
        ("https://10.0.0.1/", "not a public one"),
        ("https://[::ffff:10.0.0.1]/", "not a public one"),
        ("https://localhost/", "not a public one"),
    ],
)
def test_an_url_that_cannot_be_meant_is_refused_at_once(url: str, part: str) -> None:
    assert part in (AddressGuard().objection(url) or "")


def test_plain_http_is_for_those_who_allow_it() -> None:
    assert AddressGuard(allow_http=True).objection("http://example.com/hook?a=1") is None
    assert AddressGuard().objection("https://example.com:8443/hook") is None
