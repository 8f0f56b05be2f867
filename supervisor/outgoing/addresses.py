"""Which addresses a customer may have us speak to: the public Internet, and what is allowed.

The check is made on the address that is being connected to, so no name can point elsewhere between
check and use.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from supervisor.settings import OutgoingSettings

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

SPECIAL: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's wire server, a public address that every machine there sees
        "192.0.0.0/24",  # IETF protocol assignments; Oracle's metadata is 192.0.0.192
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "::/96",  # IPv4-compatible (RFC 4291): like the next two, a way to IPv4 ones
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056)
        "64:ff9b:1::/48",  # NAT64 of local use (RFC 8215)
        "fec0::/10",  # site-local (RFC 3879)
    )
)
"""Not for the public, although not every release of Python's ``is_global`` says so."""
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""Where a network has only IPv6, public IPv4 addresses look like this (RFC 6052)."""
LONGEST_URL: Final = 2048
HINT: Final = "allow its network in [outgoing] allow_networks if that is meant"


class ForbiddenAddressError(OSError):
    """The name leads to an address that is not to be spoken to."""

    def __init__(self) -> None:
        # one text whatever the address: a private network's layout is nobody's business
        super().__init__(f"the address is not a public one; {HINT}")


class AddressGuard:
    """Public addresses and the ``allowed`` networks; nothing else gets a socket."""

    def __init__(self, allowed: Iterable[Network] = (), *, allow_http: bool = False) -> None:
        self._allowed = tuple(allowed)
        self._schemes = ("https", "http") if allow_http else ("https",)

    @classmethod
    def of(cls, settings: OutgoingSettings) -> "AddressGuard":
        """As an operator set it."""
        return cls(settings.allow_networks, allow_http=settings.allow_http)

    def allows(self, text: str) -> bool:
        """Whether an address, as digits, may be spoken to."""
        address = _meant(ipaddress.ip_address(text))
        return any(address in network for network in self._allowed) or _is_public(address)

    def socket_for(self, info: Any) -> socket.socket:
        """A socket for an entry of ``getaddrinfo``; raises :class:`ForbiddenAddressError`."""
        family, kind, protocol, _, address = info
        if not self.allows(address[0]):
            raise ForbiddenAddressError
        return socket.socket(family=family, type=kind, proto=protocol)

    def objection(self, url: str) -> str | None:
        """What is wrong with an URL before any name is looked up; ``None`` if nothing is seen."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            return "it is not an URL"
        if parts.scheme not in self._schemes:
            return f"it must begin with {' or '.join(f'{each}://' for each in self._schemes)}"
        if not host or len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()):
            return "it is not an URL"
        if " " in url or parts.fragment:
            return "it holds a space or a fragment"
        if "@" in parts.netloc:
            return "it holds a user or password"
        return self._objection_to_host(host)

    def _objection_to_host(self, host: str) -> str | None:
        try:
            is_allowed = self.allows(host)
        except ValueError:
            is_allowed = not (host == "localhost" or host.endswith(".localhost")) or bool(
                self._allowed
            )
        return None if is_allowed else f"its address is not a public one; {HINT}"


ANYWHERE: Final = AddressGuard(
    (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")), allow_http=True
)
"""For addresses that the operator of the installation set: they may be on this very machine."""


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in SPECIAL)
    )


def _meant(address: Address) -> Address:
    """The IPv4 address where an IPv6 one only wraps it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
