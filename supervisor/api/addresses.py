"""Where a request comes from, if a proxy that we trust says so (``http.trusted_proxies``)."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, TypeAlias

from aiohttp import web

Network: TypeAlias = IPv4Network | IPv6Network
FORWARDED_FOR: Final = "X-Forwarded-For"
FORWARDED_PROTO: Final = "X-Forwarded-Proto"
ADDRESS: Final = web.RequestKey("address", str)
SECURE: Final = web.RequestKey("secure", bool)
"""Whether the client speaks https, to us or to the proxy."""


def note_origin(request: web.Request, trusted: Sequence[Network]) -> str:
    """Find out the client's address, and keep it and :data:`SECURE` with the request.

    Only what trusted proxies appended counts: from the right, the first address that is none of
    theirs. A client that is no proxy can write into the header whatever it likes.
    """
    peer = request.remote or ""
    believed = is_trusted(peer, trusted)
    hops = ",".join(request.headers.getall(FORWARDED_FOR, [])).split(",") if believed else []
    address = peer
    for hop in reversed([each.strip() for each in hops if each.strip()]):
        if not is_trusted(address, trusted) or not _is_address(hop):
            break
        address = hop
    proto = request.headers.get(FORWARDED_PROTO, "") if believed else ""
    request[ADDRESS] = address
    request[SECURE] = request.secure or proto.rpartition(",")[2].strip().lower() == "https"
    return address


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Whether it is in one of the networks."""
    if not trusted or not _is_address(address):
        return False
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(mapped in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
